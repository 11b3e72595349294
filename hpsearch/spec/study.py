"""A whole spec from its tree: every block read, then held against the others."""

from __future__ import annotations

import re
from pathlib import Path

from hpsearch.core.metric import Metric, Mode
from hpsearch.spec.command import refuse_for_command
from hpsearch.spec.data import read_data, read_evaluate, read_metric
from hpsearch.spec.model import RepeatSpec, StudySpec, TrialSpec
from hpsearch.spec.nodes import MapNode
from hpsearch.spec.places import Block, Place
from hpsearch.spec.settings import (
    read_first,
    read_limits,
    read_repeat,
    read_report,
    read_resources,
    read_retry,
    read_reuse,
    read_search,
    read_tracking,
)
from hpsearch.spec.space import Names, read_space
from hpsearch.spec.trial import check_names, read_trial

_NAME = re.compile(r"(?!\.+$)[A-Za-z0-9._-]{1,64}")

BLOCKS = (
    "version", "name", "description", "tags", "trial", "data", "evaluate", "metric", "space", "constraints", "search",
    "early_stop", "repeat", "resources", "limits", "retry", "reuse", "execution", "tracking", "ledger", "report",
)  # fmt: skip
_LATER = {
    "log_rules": "",
    "environment": "",
    "cost": "",
    "notify": "",
    "extends": "write the spec out, or use --set",
    "unset": "",
}
_REQUIRED = (
    ("trial", "write what a trial runs: an estimator, a pipeline, a function or a command"),
    ("metric", "write {name: ..., mode: max}"),
    ("space", "write the parameters and their values"),
)

# What stands in for a block that could not be read, so that the rest is checked all the same.
ANY_TRIAL = TrialSpec("function", "")
_ANY_METRIC = Metric("", Mode.MAX)


def read_study(place: Place, *, default_name: str) -> StudySpec | None:
    """The study that the tree describes, or None; problems are in the place's log, and what they touch has a stand-in.

    Folder, file and text are left for the caller to fill in.
    """
    if not isinstance(place.node, MapNode):
        place.add("a spec is a mapping with at least trial, metric and space")
        return None
    block = place.block(BLOCKS, later=_LATER)
    for key, what in _REQUIRED:
        block.at(key).require(what)
    _check_only_ways(block)
    trial = read_trial(block.at("trial"))
    metric = read_metric(block.at("metric"), trial)
    data = None if refuse_for_command(block.at("data"), trial) else read_data(block.at("data"), trial)
    search = read_search(block.at("search"))
    repeat = read_repeat(block.at("repeat"))
    unsplit = refuse_for_command(block.at("evaluate"), trial)
    evaluate = None if unsplit else read_evaluate(block.at("evaluate"), block, trial, metric)
    space, searched = read_space(block.at("space"), block.at("constraints"), grid=search.method == "grid")
    fixed = list(block.at("trial").child("fixed").entries()) if isinstance(block.at("trial").child("fixed").node, MapNode) else []
    if trial is not None:
        check_names(trial, [*fixed, *searched])
        _check_seeds([*fixed, *searched], trial, repeat)
    _check_both(fixed, searched)
    return StudySpec(
        version=_version(block.at("version")),
        name=_name(block.at("name"), default_name),
        description=block.at("description").text(""),
        tags={key: tag for key, at in block.at("tags").entries() if (tag := at.label(None)) is not None},
        trial=trial or ANY_TRIAL,
        data=data,
        evaluate=evaluate,
        metric=metric or _ANY_METRIC,
        space=space,
        search=search if place.log.problems else read_first(block.at("search"), space, search),
        repeat=repeat,
        resources=read_resources(block.at("resources")),
        limits=read_limits(block.at("limits")),
        retry=read_retry(block.at("retry")),
        reuse=read_reuse(block.at("reuse")),
        tracking=read_tracking(block.at("tracking")),
        report=read_report(block.at("report"), evaluate if trial is not None and not trial.scores_itself else None),
        folder=Path(),
        file="",
        text="",
    )


def _version(place: Place) -> int:
    if place and place.whole(None, low=1) not in (1, None):
        place.refuse("this version of hpsearch reads version 1 alone")
    return 1


def _name(place: Place, default: str) -> str:
    name = place.label(None)
    if name is not None and not _NAME.fullmatch(name):
        place.refuse("a name has 1 to 64 letters, digits, dots, underscores and hyphens: it names a folder")
    return default if name is None else name


def _check_only_ways(block: Block) -> None:
    """Blocks of which one setting alone is there so far."""
    stop = block.at("early_stop")
    if isinstance(stop.node, MapNode):
        stop = stop.child("method") or stop
    if stop and not stop.says("none"):
        stop.add("early stopping is not supported yet; drop it, or write none")
    execution = block.at("execution")
    if execution.says("one-to-one"):
        execution.refuse("is not supported yet; drop it, or write packed")
    else:
        execution.one_of(("packed", "one-to-one"), None)
    ledger = block.at("ledger")
    if ledger and not ledger.says("sqlite"):
        ledger.refuse("a ledger elsewhere than in the study's folder is not supported yet; drop it, or write sqlite")


def _check_both(fixed: Names, searched: Names) -> None:
    lines = {name: at.mark.line for name, at in fixed}
    for name, at in searched:
        if name in lines:
            where = f", on line {lines[name]}" if lines[name] else ""
            at.add(f"stands in trial.fixed too{where}; drop one of the two")


def _check_seeds(names: Names, trial: TrialSpec, repeat: RepeatSpec) -> None:
    """A seed of the estimator's own would make all repeats of a configuration the same trial."""
    # What a function or a command calls `seed` may be anything.
    own = ("random_state",) if trial.scores_itself else ("random_state", "seed")
    if len(repeat.seeds) > 1:
        for name, at in names:
            if name.rpartition("__")[2] in own and not at.is_null:
                at.add("each of repeat.seeds sets it; drop it here, or repeat with one seed")
