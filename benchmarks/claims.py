"""How often the sentences of a report are said where there is nothing to say. A part of `python -m benchmarks.chances`.

Studies are made up of runs, as anybody logs them, and read as any others.

- pairs: grids of parameters that act each by itself, where chance makes half of the differences. Percent of studies in which some
  pair is said to need tuning together, and in which the interval of some pair with 5 % or more leaves zero out by itself.
- pairs by a forest: the same of draws.
- noise: of random draws whose scores and failures depend on nothing. Percent of studies in which a value is blamed for failures,
  in which the best tenth is said to share something, and in which a range is said to be worth widening, or a finer search.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from hpsearch.core.values import Params
from hpsearch.report.figures.failing import failing
from hpsearch.report.figures.lines import Lines, lines
from hpsearch.results import StudyResults
from hpsearch.results.advice import FINER, WIDER
from hpsearch.results.foreign import Asked, ForeignRun, results_of_runs
from hpsearch.results.sensitivity import together


def study_of(runs: Iterable[tuple[Params, float | None]]) -> StudyResults:
    """Of parameters and a loss each; None where the run failed. Equal parameters are repeats."""
    logged = [
        ForeignRun(
            run_id=f"{number:06d}",
            status="FAILED" if loss is None else "FINISHED",
            started_at=float(number),
            ended_at=number + 1.0,
            params={name: str(value) for name, value in params.items()},
            metrics={} if loss is None else {"loss": loss},
            tags={},
        )
        for number, (params, loss) in enumerate(runs)
    ]
    return results_of_runs("made-up", logged, Asked("made-up", "loss", "min"))


def named(found: StudyResults) -> tuple[bool, bool]:
    """Whether some pair is said to need tuning together, and whether its interval by itself would have it said."""
    importance = found.importance()
    pairs = importance.table[(importance.table["order"] == 2) & (importance.table["share"] >= 0.05)]
    return len(together(importance)) > 0, bool((pairs["ci_low"] > 0).any())


def of_pairs(sizes: Sequence[int], repeats: int, studies: int, seed: int = 0) -> dict[str, float]:
    """Of a complete grid. `repeats`: scores of each configuration."""
    rng = np.random.default_rng(seed)
    places = np.array(list(itertools.product(*map(range, sizes))), dtype=float)
    alone = (places / (np.array(sizes) - 1)) @ np.arange(1.0, len(sizes) + 1)
    alone /= alone.std()
    said = []
    for _ in range(studies):
        chance = np.sqrt(repeats) * rng.normal(size=(len(places), repeats))
        rows = (
            ({f"x{index}": int(value) for index, value in enumerate(place)}, float(loss))
            for place, losses in zip(places, alone[:, np.newaxis] + chance, strict=True)
            for loss in losses
        )
        said.append(named(study_of(rows)))
    return _percent(("some pair is named", "by its own interval"), said)


def of_drawn_pairs(n: int, parameters: int, studies: int, seed: int = 0) -> dict[str, float]:
    """Of random draws, by a forest."""
    rng = np.random.default_rng(seed)
    said = []
    for _ in range(studies):
        places = rng.random((n, parameters))
        alone = places @ np.arange(1.0, parameters + 1)
        losses = alone / alone.std() + rng.normal(size=n)
        names = [f"x{index}" for index in range(parameters)]
        rows = ((dict(zip(names, place, strict=True)), float(loss)) for place, loss in zip(places.tolist(), losses, strict=True))
        said.append(named(study_of(rows)))
    return _percent(("some pair is named", "by its own interval"), said)


def of_noise(n: int, parameters: int, studies: int, seed: int = 0) -> dict[str, float]:
    """Of `n` random draws, half of the parameters numbers and half of three words; a fifth of them fails."""
    rng = np.random.default_rng(seed)
    names = tuple(f"x{index}" for index in range(parameters))
    said = []
    for _ in range(studies):
        rows: list[tuple[Params, float | None]] = []
        for _ in range(n):
            drawn = [float(rng.random()) if index % 2 else "abc"[rng.integers(3)] for index in range(parameters)]
            rows.append((dict(zip(names, drawn, strict=True)), None if rng.random() < 0.2 else float(rng.normal())))
        found = study_of(rows)
        blamed, shared = failing(found, names), lines(found, names)
        kinds = {each.kind for each in found.advice()}
        said.append(
            (
                blamed is not None and "No value stands out" not in blamed.reading,
                isinstance(shared, Lines) and shared.reading.startswith("The best tenth has x"),
                WIDER in kinds,
                FINER in kinds,
            )
        )
    return _percent(("a value is blamed", "the best tenth shares", "wider", "finer"), said)


def of_advice(repeats: int, studies: int, seed: int = 0) -> dict[str, float]:
    """Of a complete grid of 4 x 4 x 3, whose values end somewhere, and noise. `repeats`: scores of each configuration."""
    rng = np.random.default_rng(seed)
    places = list(itertools.product((0.1, 1.0, 10.0, 100.0), (1, 2, 3, 4), (0.25, 0.5, 0.75)))
    said = []
    for _ in range(studies):
        rows = ((dict(zip("abc", place, strict=True)), float(loss)) for place in places for loss in rng.normal(size=repeats))
        kinds = {each.kind for each in study_of(rows).advice()}
        said.append((WIDER in kinds, FINER in kinds))
    return _percent(("wider", "finer"), said)


def _percent(names: Sequence[str], found: Sequence[Sequence[bool]]) -> dict[str, float]:
    return dict(zip(names, (100 * np.mean(found, axis=0)).tolist(), strict=True))


def tables(studies: int) -> dict[str, Mapping[str, Mapping[str, float]]]:
    """What each table tells, and its rows."""
    fewer = max(2, studies // 10)
    grids = {"3 x 3 x 3": (3, 3, 3), "3^4": (3,) * 4, "2^5": (2,) * 5}
    return {
        "Additive grids, half of whose differences are chance: percent of studies with a pair that must be tuned together.": {
            **{
                f"{name}, {repeats} {'score' if repeats == 1 else 'scores'} each": of_pairs(sizes, repeats, studies)
                for name, sizes in grids.items()
                for repeats in (5, 1)
            },
            f"100 draws of 5, by a forest ({fewer} studies)": of_drawn_pairs(100, 5, fewer),
        },
        "Noise alone: percent of studies in which something is said.": {
            f"{n} draws of {parameters} parameters": of_noise(n, parameters, studies)
            for n, parameters in ((40, 4), (100, 4), (100, 10))
        },
        "Grids of noise, of three parameters: percent of studies in which a range is advised.": {
            f"4 x 4 x 3, {repeats} {'score' if repeats == 1 else 'scores'} each": of_advice(repeats, studies)
            for repeats in (5, 1)
        },
    }
