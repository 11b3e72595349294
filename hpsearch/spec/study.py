"""A whole spec from its tree: every block read, then held against the others."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from hpsearch.core.metric import Metric, Mode
from hpsearch.core.seeds import SEED_PARAMETERS
from hpsearch.spec.choosers import settle
from hpsearch.spec.command import refuse_for_command
from hpsearch.spec.composition import EXTENDS, UNSET
from hpsearch.spec.constraints import CONSTRAINTS
from hpsearch.spec.data import DATA, read_data
from hpsearch.spec.evaluate import EVALUATE, METRIC, read_evaluate, read_metric
from hpsearch.spec.fixed import Names, read_fixed
from hpsearch.spec.forms import Form, Key
from hpsearch.spec.kinds import Label, Many, Named, Own, Text, Words
from hpsearch.spec.later import COST, EARLY, ENVIRONMENT, LEDGER, LOG_RULE, NOTIFY
from hpsearch.spec.model import OWN, RepeatSpec, StudySpec, TrialSpec
from hpsearch.spec.naming import Naming
from hpsearch.spec.nodes import MapNode
from hpsearch.spec.places import Place
from hpsearch.spec.search import SEARCH, read_first, read_search
from hpsearch.spec.settings import (
    LIMITS,
    REPEAT,
    REPORT,
    RESOURCES,
    RETRY,
    REUSE,
    TRACKING,
    read_limits,
    read_repeat,
    read_report,
    read_resources,
    read_retry,
    read_reuse,
    read_tracking,
)
from hpsearch.spec.space import SPACE, read_space
from hpsearch.spec.trial import KINDS, TRIAL, check_names, read_trial

_NAME = re.compile(r"(?!\.+$)[A-Za-z0-9._-]{1,64}")


def _version(place: Place) -> None:
    if place.whole(None, low=1) not in (1, None):
        place.refuse("this version of hpsearch reads version 1 alone")


def _name(place: Place) -> str | None:
    name = place.label(None)
    if name is not None and not _NAME.fullmatch(name):
        place.refuse("a name has 1 to 64 letters, digits, dots, underscores and hyphens: it names a folder")
    return name


STUDY = Form(
    "spec",
    "A study: what a trial runs, the search space, the metric, and whatever else is not as usual.",
    (
        Key("version", Own("1", _version, {"const": 1}), "Of this language.", "1", "1"),
        Key(
            "name",
            Own(
                "1 to 64 letters, digits, dots, underscores and hyphens",
                _name,
                {"type": ["string", "number", "boolean"], "pattern": f"^{_NAME.pattern}$"},
            ),
            "Of the study: its folder, its MLflow experiment and its runs are called by it. Left out, the file's.",
            "churn-boosting",
        ),
        Key("extends", Text(), "A spec to start from, by its path: mappings merge, all else replaces.", "base.yaml"),
        Key("unset", Many(Text(), "a list of paths"), "What to take out of the spec that is extended.", "[space.gamma]"),
        Key("description", Text(), "For people.", "Gradient boosting on the churn table"),
        Key("tags", Named(Label()), "Tags of the study's runs in MLflow.", "{team: growth}"),
        Key("trial", TRIAL, TRIAL.help, "{estimator: sklearn.svm.SVC}"),
        Key("data", DATA, DATA.help, "{sklearn: digits}"),
        Key("evaluate", EVALUATE, EVALUATE.help, "{cv: {folds: 3}}", "{cv: {folds: 5}}"),
        Key("metric", METRIC, METRIC.help, "{name: roc_auc, mode: max}", needs="write {name: ..., mode: max}"),
        Key("space", SPACE, "The parameters and their values.", "{C: [1, 10]}", needs="write the parameters and their values"),
        Key("constraints", CONSTRAINTS, "What every configuration must meet.", "['max_depth <= 7 or learning_rate <= 0.1']"),
        Key("search", SEARCH, SEARCH.help, "{method: random, trials: 200}", "{method: grid}"),
        Key("early_stop", EARLY, "Ends trials that fall behind.", "none", "none"),
        Key("repeat", REPEAT, REPEAT.help, "{seeds: [0, 1, 2]}", "{seeds: [0]}"),
        Key("resources", RESOURCES, RESOURCES.help, "{cpu: 2}", "{cpu: 1}"),
        Key("limits", LIMITS, LIMITS.help, "{concurrent: 32}"),
        Key("retry", RETRY, RETRY.help, "{crash: 2}"),
        Key("log_rules", Many(LOG_RULE), LOG_RULE.help, "[{pattern: CUDA out of memory, action: no_retry}]", later=""),
        Key("reuse", REUSE, REUSE.help, "{failed: rerun}"),
        Key("execution", Words(("packed",), ("one-to-one",)), "How trials are given to workers.", "packed", "packed"),
        Key("environment", ENVIRONMENT, ENVIRONMENT.help, "{pip: [catboost==1.2.10]}", later=""),
        Key("tracking", TRACKING, TRACKING.help, "{experiment: churn}"),
        Key("ledger", LEDGER, "Where results are recorded.", "sqlite", "sqlite"),
        Key("cost", COST, COST.help, "{cpu_hour: 0.04}", later=""),
        Key("report", REPORT, REPORT.help, "{top: 10}"),
        Key("notify", NOTIFY, NOTIFY.help, "{webhook: '${secret:HPSEARCH_WEBHOOK}'}", later=""),
    ),
)

# What is held against other blocks.
_BY_THEMSELVES = (
    "trial", "data", "evaluate", "metric", "space", "constraints", "search", "repeat", "resources", "limits", "retry", "reuse",
    "tracking", "report",
)  # fmt: skip

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
    block = STUDY.block(place)
    naming = Naming.of(block.at("trial"), block.at("space"), KINDS)
    given = STUDY.values(block, but=_BY_THEMSELVES)
    for key in (EXTENDS, UNSET):
        if at := block.at(key):  # a file's own have been taken out by now
            at.add("is said in a file, and not by --set")
    if not naming.is_chosen:
        block.at("trial").require("write what a trial runs: an estimator, a pipeline, a function or a command")
    trial = read_trial(block.at("trial"), is_chosen=naming.is_chosen)
    # Of a trial that could not be read, its kind is enough for most of the rest.
    kind = trial or next((TrialSpec(kind, "") for kind in KINDS if kind == naming.kind), None)
    metric = read_metric(block.at("metric"), kind)
    data = None if refuse_for_command(block.at("data"), kind) else read_data(block.at("data"), kind)
    search = read_search(block.at("search"))
    repeat = read_repeat(block.at("repeat"))
    unsplit = refuse_for_command(block.at("evaluate"), kind)
    evaluate = None if unsplit else read_evaluate(block.at("evaluate"), block, kind, metric)
    spaced = read_space(block.at("space"), block.at("constraints"), naming, grid=search.method == "grid")
    space, searched = spaced.space, spaced.names
    fixed = read_fixed(block.at("trial").child("fixed"), naming, searched)
    if kind is not None:
        _check_seeds([*fixed.names, *searched], kind, repeat)
    if trial is not None:
        check_names(trial, [*fixed.names, *searched])
        trial = settle(replace(trial, fixed=fixed.values), naming, block.at("trial"), space, fixed.names, searched)
    _check_both(fixed.names, searched)
    return StudySpec(
        name=given.get("name", default_name),
        description=given.get("description", ""),
        tags=given.get("tags", {}),
        trial=trial or ANY_TRIAL,
        data=data,
        evaluate=evaluate,
        metric=metric or _ANY_METRIC,
        space=space,
        search=search if spaced.by_values is None else read_first(block.at("search"), spaced.by_values, search),
        repeat=repeat,
        resources=read_resources(block.at("resources")),
        limits=read_limits(block.at("limits")),
        retry=read_retry(block.at("retry")),
        reuse=read_reuse(block.at("reuse")),
        tracking=read_tracking(block.at("tracking")),
        report=read_report(block.at("report"), evaluate if kind is not None and not kind.scores_itself else None),
        folder=Path(),
        file="",
        text="",
    )


def _check_both(fixed: Names, searched: Names) -> None:
    lines = {name: at.mark.line for name, at in fixed}
    for name, at in searched:
        if name in lines:
            where = f", on line {lines[name]}" if lines[name] else ""
            at.add(f"stands in trial.fixed too{where}; drop one of the two")


def _check_seeds(names: Names, trial: TrialSpec, repeat: RepeatSpec) -> None:
    """A seed of the estimator's own would make all repeats of a configuration the same trial."""
    # What a function or a command calls `seed` may be anything.
    own = ("random_state",) if trial.scores_itself else SEED_PARAMETERS
    if len(repeat.seeds) > 1:
        for name, at in names:
            if name.rpartition("__")[2].removeprefix(OWN) in own and not at.is_null:
                at.add("each of repeat.seeds sets it; drop it here, or repeat with one seed")
