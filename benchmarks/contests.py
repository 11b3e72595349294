"""hpsearch against its peers on one case: everybody in turn, on the same data, splits and grid, with the scores compared.

What decides is pure: `judge` takes what the runs told. A peer that cannot run at all is left out of the table's figures, with its
reason under it; it takes no other peer with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks import environments
from benchmarks.cases import Work, work_of
from benchmarks.common import Plan, Section, agreement, interleaved
from benchmarks.goals import OURS, Judged, Told
from benchmarks.scratch import Scratch

# name: (script of peers/, its environment or "" for hpsearch's own). The first one's scores are what all are compared with.
PEERS = {
    "GridSearchCV": ("grid_search_cv", ""),
    "dask-ml": ("dask_ml_grid", "dask_ml"),
    "Ray Tune": ("ray_tune_plain", ""),
    "Optuna": ("optuna_joblib", "optuna"),
}
Judge: TypeAlias = Callable[[Told, Work], Judged]


@dataclass(frozen=True)
class Contest:
    """A case, who runs it, and what is aimed at.

    Attributes:
        case: of benchmarks/cases; the study says the same.
        about: a sentence on the work and its size.
        fewer: by peer, the case with fewer of the same configurations that it runs: what it tells for each counts.
        once: peers that run in the first round alone, since nothing is asked of hpsearch beside them: the page is of hours.
    """

    name: str
    title: str
    case: str
    study: Path
    about: str
    judge: Judge
    peers: Sequence[str] = tuple(PEERS)
    fewer: Mapping[str, str] = field(default_factory=dict)
    once: Collection[str] = ()


def overrides(work: Work) -> tuple[str, ...]:
    """What `--set` has to say for the study to be as large as `work` is at this scale."""
    said = [f"space.{name}={json.dumps(_domain(values))}" for name, values in work.grid.items()]
    return (*said, *([f"trial.fixed.seconds={work.seconds}"] if work.seconds else []))


def _domain(values: Sequence[Any]) -> Any:
    if len(values) > 100:  # a range of integers, and too long a list for a command
        return {"int": [values[0], values[-1]]}
    return list(values) if len(values) > 1 else values[0]


def run_contest(contest: Contest, work: Work, place: Scratch, plan: Plan) -> Section:
    """The runs, the comparison of their scores, and the verdict."""
    told: dict[str, list[dict[str, Any]]] = {OURS: []}
    failed: dict[str, str] = {}
    pythons = {}
    for name in contest.peers:
        environment = PEERS[name][1]
        try:
            if environment:
                plan.say(f"the environment of {name}")
            pythons[name] = {"python": str(environments.make(environment))} if environment else {}
            told[name] = []
        except RuntimeError as error:
            failed[name] = str(error)
    for name in interleaved([OURS, *pythons], plan.rounds):
        if name in failed or (name in contest.once and told[name]):
            continue
        plan.say(f"{contest.name} by {name}")
        try:
            told[name].append(_run(contest, work, place, name, pythons))
        except RuntimeError as error:
            if name == OURS:
                raise
            plan.say(str(error))
            failed[name] = str(error)
            del told[name]
    judged = contest.judge(told, work)
    equal, exact = compared(told, contest.peers, contest.fewer)
    notes = [contest.about, equal, *judged.notes, *versions(told), *(reason(name, text) for name, text in failed.items())]
    return Section(contest.name, contest.title, judged.rows, notes, judged.met and exact)


def _run(contest: Contest, work: Work, place: Scratch, name: str, pythons: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    if name == OURS:
        options = ["--scores", f"--cpus={work.jobs}", *(["--starts"] if work.seconds else [])]
        told = place.hpsearch(contest.study, *overrides(work), options=options)
    else:
        case = contest.fewer.get(name, contest.case)
        work = work_of(case) if name in contest.fewer else work
        told = place.peer(PEERS[name][0], case, **pythons[name])
    wanted = len(work.configurations)
    if told["completed"] != wanted:  # a run that left something out has no time to be compared
        raise RuntimeError(f"{name}: {told['completed']} of {wanted} configurations completed")
    return told


def compared(told: Told, peers: Sequence[str], fewer: Collection[str] = ()) -> tuple[str, bool]:
    """Whether every run of everybody came to the scores of the first peer's first run (of hpsearch's, where it has no peer).

    Who ran `fewer` configurations is compared in those.
    """
    first = next((name for name in peers if told.get(name)), OURS)
    standard = told[first][0]["scores"]
    found = {}
    for name, runs in told.items():
        part = {key: scores for key, scores in standard.items() if name not in fewer or key in runs[0]["scores"]}
        found[name] = [agreement(run["scores"], part) for run in runs]
    splits = len(next(iter(standard.values())))
    if all(one.is_exact for runs in found.values() for one in runs):
        each = f", on each of {splits} splits," if splits > 1 else ""
        return (
            f"The scores of all {len(standard)} configurations{each} are equal to the last bit in every run of "
            f"{_and(list(found))}: compared as doubles, with those of {first}'s first run.",
            True,
        )
    worst = {name: max(runs, key=lambda one: (one.missing, one.different)) for name, runs in found.items()}
    return (
        f"Scores compared as doubles, split by split, with {first}'s first run: "
        + "; ".join(f"{name} {one}" for name, one in worst.items())
        + ".",
        False,
    )


def versions(told: Told) -> list[str]:
    """Packages of peers in environments of their own, and any that differ between peers."""
    said = {name: runs[0].get("versions", {}) for name, runs in told.items() if runs}
    common = {package for one in said.values() for package in one if all(package in other for other in said.values() if other)}
    differ = sorted(package for package in common if len({one[package] for one in said.values() if one}) > 1)
    parts = []
    for name, one in said.items():
        shown = [f"{package} {number}" for package, number in one.items() if package not in common or package in differ]
        if shown:
            parts.append(f"{name}: {', '.join(shown)}")
    return [f"Versions: {'; '.join(parts)}."] if parts else []


def reason(name: str, text: str) -> str:
    """Why a peer has no figures, from what it said at its end."""
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "it did not say why")
    return f"{name} did not run: {last.strip()}"


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
