"""How often the best set errs, and what it sees: `python -m benchmarks.best_set [--studies 4000] [--write]`.

Studies are made up in which the truth is known. A score is a configuration's own level, plus what is easy or hard about the
fold, plus noise whose correlation between the folds of one configuration is n_test / (n_test + n_train): what Nadeau and
Bengio's correction assumes. The figures are shares of studies, in percent:

- error: a given configuration that is as good as any other is left out. It must not exceed 5, whatever the variances are.
- any: some configuration that is as good as any other is left out. Nothing is promised of this one.
- power: a configuration whose true lag is five times the standard deviation of the folds' differences is left out.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hpsearch.results.comparison import p_of_being_best

Floats = NDArray[np.float64]

PAGE = Path(__file__).parent / "BEST_SET.md"
ALPHA = 0.05
FOLDS = (3, 5, 10)
SIZES = (2, 10, 60, 500)
LAG = 5.0  # of the power, in standard deviations of the difference on one fold
_FOLD_SD = 3.0  # how much folds differ in difficulty, in standard deviations of the noise


@dataclass(frozen=True)
class Truth:
    """What a study's configurations are really like. `sd`, `lag`: (n,), of the noise on a fold and behind the best."""

    sd: Floats
    lag: Floats


def alike(n: int, rng: np.random.Generator) -> Truth:
    """All the same."""
    return Truth(np.ones(n), np.zeros(n))


def some_noisy(n: int, rng: np.random.Generator) -> Truth:
    """A tenth, at least one, scatter ten times as much as the others."""
    return Truth(np.where(np.arange(n) < max(1, n // 10), 10.0, 1.0), np.zeros(n))


def half_noisy(n: int, rng: np.random.Generator) -> Truth:
    return Truth(np.where(np.arange(n) < n // 2, 10.0, 1.0), np.zeros(n))


def mixed(n: int, rng: np.random.Generator) -> Truth:
    """Each has a variance of its own, drawn as 4 / χ²(4)."""
    return Truth(np.sqrt(4 / rng.chisquare(4, n)), np.zeros(n))


def some_constant(n: int, rng: np.random.Generator) -> Truth:
    """A tenth, at least one, have the same score on every fold but for the fold's own difficulty."""
    return Truth(np.where(np.arange(n) < max(1, n // 10), 0.0, 1.0), np.zeros(n))


def bad_noisy(n: int, rng: np.random.Generator) -> Truth:
    """Half are good and alike; the others are bad, and scatter ten times as much."""
    bad = np.arange(n) >= (n + 1) // 2
    return Truth(np.where(bad, 10.0, 1.0), np.where(bad, rng.uniform(5.0, 40.0, n), 0.0))


def bad_constant(n: int, rng: np.random.Generator) -> Truth:
    """Half are good and alike; the others are bad, always in the same way."""
    bad = np.arange(n) >= (n + 1) // 2
    return Truth(np.where(bad, 0.0, 1.0), np.where(bad, rng.uniform(5.0, 40.0, n), 0.0))


TRUTHS: Mapping[str, Callable[[int, np.random.Generator], Truth]] = {
    "alike": alike,
    "a tenth with 10 x sd": some_noisy,
    "half with 10 x sd": half_noisy,
    "variances 4 / χ²(4)": mixed,
    "a tenth constant": some_constant,
    "bad ones with 10 x sd": bad_noisy,
    "bad ones constant": bad_constant,
}


@dataclass(frozen=True)
class Errors:
    """Shares of studies. `given`: for the worst off among the quiet, the noisy and all best configurations."""

    given: float
    any: float


def losses_of(truth: Truth, folds: int, rng: np.random.Generator) -> Floats:
    """(n, folds) losses of one k-fold cross-validation."""
    n, rho = len(truth.sd), 1 / folds
    noise = math.sqrt(rho) * rng.normal(size=(n, 1)) + math.sqrt(1 - rho) * rng.normal(size=(n, folds))
    return np.asarray(truth.lag[:, np.newaxis] + _FOLD_SD * rng.normal(size=folds) + truth.sd[:, np.newaxis] * noise)


def left_out(losses: Floats) -> NDArray[np.bool_]:
    """(n,): which configurations the best set leaves out, in the order given."""
    folds = losses.shape[1]
    order = np.argsort(losses.mean(axis=1), kind="stable")
    out = np.zeros(len(losses), dtype=bool)
    out[order] = p_of_being_best(losses[order], 1 / (folds - 1)) < ALPHA
    return out


def errors(truth_of: Callable[[int, np.random.Generator], Truth], n: int, folds: int, studies: int, seed: int = 0) -> Errors:
    """How often configurations that are truly the best are left out."""
    rng = np.random.default_rng(seed)
    shares: list[tuple[float, float, float]] = []
    some = 0
    for _ in range(studies):
        truth = truth_of(n, rng)
        out = left_out(losses_of(truth, folds, rng))
        best = truth.lag == 0
        quiet, noisy = (best & (truth.sd == end(truth.sd[best])) for end in (np.min, np.max))
        shares.append((float(out[best].mean()), float(out[quiet].mean()), float(out[noisy].mean())))
        some += bool(out[best].any())
    return Errors(float(np.mean(shares, axis=0).max()), some / studies)


def power(n: int, folds: int, studies: int, *, lag: float = LAG, seed: int = 0) -> float:
    """How often one configuration that lags by `lag` paired standard deviations on a fold is left out, the others being alike."""
    rng = np.random.default_rng(seed)
    behind = np.zeros(n)
    behind[-1] = lag * math.sqrt(2 * (1 - 1 / folds))
    truth = Truth(np.ones(n), behind)
    return float(np.mean([left_out(losses_of(truth, folds, rng))[-1] for _ in range(studies)]))


def page(studies: int) -> str:
    """All figures, as Markdown."""
    head = "| | " + " | ".join(f"{folds} folds, {n}" for folds in FOLDS for n in SIZES) + " |"
    lines = [
        "# The best set: how often it errs, and what it sees",
        "",
        f"`python -m benchmarks.best_set --studies {studies} --write`. Percent of {studies:,} made-up studies for each number "
        f"({_studies(500, studies):,} with 500 configurations); what they mean is said in the script.",
        "",
        "Error (any): the truly best configuration is left out (some configuration that is as good is).",
        "",
        head,
        "|---|" + "---|" * (len(FOLDS) * len(SIZES)),
    ]
    for name, truth_of in TRUTHS.items():
        found = [errors(truth_of, n, folds, _studies(n, studies)) for folds in FOLDS for n in SIZES]
        lines.append(f"| {name} | " + " | ".join(f"{100 * one.given:.1f} ({100 * one.any:.0f})" for one in found) + " |")
    lines += ["", "Power: what lags by so many paired standard deviations on each fold is left out.", "", head]
    lines.append("|---|" + "---|" * (len(FOLDS) * len(SIZES)))
    for lag in (3.0, 5.0, 8.0):
        seen = [power(n, folds, _studies(n, studies), lag=lag) for folds in FOLDS for n in SIZES]
        lines.append(f"| {lag:.0f} sd | " + " | ".join(f"{100 * share:.0f}" for share in seen) + " |")
    return "\n".join(lines) + "\n"


def _studies(n: int, studies: int) -> int:
    return studies if n < 500 else max(1, studies // 4)


def main(arguments: Sequence[str] | None = None) -> None:
    command("best_set", "error rates and power of the best set", page, PAGE, studies=4000, arguments=arguments)


def command(
    name: str, about: str, page_of: Callable[[int], str], path: Path, *, studies: int, arguments: Sequence[str] | None
) -> None:
    """`python -m benchmarks.NAME [--studies N] [--write]`: prints a page of made-up studies, and writes it where asked."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=about)
    parser.add_argument("--studies", type=int, default=studies, help=f"made-up studies for each number [{studies}]")
    parser.add_argument("--write", action="store_true", help=f"also into {path.name}")
    options = parser.parse_args(arguments)
    text = page_of(options.studies)
    print(text)
    if options.write:
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
