"""What a ranking's chances and a sensitivity's intervals are worth: `python -m benchmarks.chances [--studies 500] [--write]`.

Studies are made up in which the truth is known, as in best_set.py.

- ranks: of 100 intervals `rank_low` to `rank_high`, how many hold the configuration's true rank. The aim is 95.
- first: how often the winner is told to be the best (the mean of its `p_best`), and how often it is.
- optimism: how far the winner's score is from what it is truly worth, and how far the honest one is, in standard deviations of
  the noise on a fold; above zero is too good.
- scores: of 100 intervals `ci_low` to `ci_high`, how many hold what the configuration is worth. The aim is 95.
- grid shares: of 100 intervals of the analysis of variance, how many hold the true share, and of the bands of a dependence, how
  many hold the true mean. The aim is 95.
- differences: intervals and probabilities of `hpsearch compare`.
- forest intervals: of shares and of partial dependence.
- forest shares: what a forest finds of functions whose shares are known, and of noise alone.
- claims: how often a sentence is said where there is nothing to say; see claims.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks import claims
from benchmarks.best_set import Floats, Truth, command, losses_of
from hpsearch.core.metric import Metric, Mode
from hpsearch.results.compare import compare_scores
from hpsearch.results.luck import optimism, standing
from hpsearch.results.sensitivity.anova import analyse_grid
from hpsearch.results.sensitivity.features import Feature, Features
from hpsearch.results.sensitivity.forest import fit_forest
from hpsearch.results.statistics import confidence_interval, corrected_standard_error

PAGE = Path(__file__).parent / "CHANCES.md"
FOLDS = 5


def _of_equal_noise(worths: Floats) -> Truth:
    return Truth(np.ones(len(worths)), worths)


def three(rng: np.random.Generator) -> Truth:
    """Three whose worths are drawn as widely as the noise."""
    return _of_equal_noise(rng.normal(size=3))


def even(rng: np.random.Generator) -> Truth:
    """Twenty, evenly from the best to three standard deviations behind."""
    return _of_equal_noise(np.linspace(0, 3, 20))


def normal(rng: np.random.Generator) -> Truth:
    """Sixty whose worths are drawn as widely as the noise."""
    return _of_equal_noise(rng.normal(size=60))


def many(rng: np.random.Generator) -> Truth:
    """Five hundred of the same."""
    return _of_equal_noise(rng.normal(size=500))


def some_bad(rng: np.random.Generator) -> Truth:
    """Sixty: most much alike, a third far behind."""
    return _of_equal_noise(np.where(rng.random(60) < 0.3, 8 + 3 * rng.normal(size=60), 0.5 * rng.normal(size=60)))


def plateau(rng: np.random.Generator) -> Truth:
    """Ten that are next to equal, fifty behind them."""
    return _of_equal_noise(np.r_[np.zeros(10), np.linspace(0.5, 10, 50)] + 1e-6 * rng.random(60))


def hopeless(rng: np.random.Generator) -> Truth:
    """Thirty whose worths are drawn as widely as the noise; ten far behind, with fifteen times the noise."""
    return Truth(np.repeat([1.0, 15.0], [30, 10]), np.r_[rng.normal(size=30), rng.uniform(30, 150, 10)])


TRUTHS: Mapping[str, Callable[[np.random.Generator], Truth]] = {
    "3, normal": three,
    "20, evenly apart": even,
    "60, normal": normal,
    "500, normal": many,
    "60, a third bad": some_bad,
    "60, ten on a plateau": plateau,
    "40, ten hopeless": hopeless,
}


def of_rankings(
    truths: Callable[[np.random.Generator], Truth], studies: int, *, folds: int = FOLDS, seed: int = 0
) -> dict[str, float]:
    """Coverage of ranks in percent, told and true chance of the winner in percent, and what is left of luck in its score."""
    rng = np.random.default_rng(seed)
    held, told, was, naive, honest = [], [], [], [], []
    for _ in range(studies):
        truth = truths(rng)
        worth, losses = truth.lag, losses_of(truth, folds, rng)
        losses -= losses.mean(axis=0) - worth.mean()  # the folds' own difficulty, which all have alike, is no luck of one's own
        order = np.argsort(losses.mean(axis=1))
        losses, worth = losses[order], worth[order]
        true = np.argsort(np.argsort(worth)) + 1
        found, luck = standing(losses, 1 / (folds - 1)), optimism(losses)
        assert luck is not None
        held.append(float(((found.rank_low <= true) & (true <= found.rank_high)).mean()))
        told.append(float(found.p_best[0]))
        was.append(bool(worth[0] == worth.min()))
        naive.append(float(worth[0] - luck.naive))
        honest.append(float(worth[0] - luck.honest))
    return {
        "ranks held": 100 * float(np.mean(held)),
        "told to be best": 100 * float(np.mean(told)),
        "is best": 100 * float(np.mean(was)),
        "optimism of the score": float(np.mean(naive)),
        "of the honest one": float(np.mean(honest)),
    }


def of_scores(folds: int, studies: int, seed: int = 0) -> dict[str, float]:
    """Percent of a score's intervals of 95 % that hold what it is worth, where folds are as alike as is taken for granted."""
    rng = np.random.default_rng(seed)
    ratio = 1 / (folds - 1)
    scores = rng.normal(size=(studies, folds)) + np.sqrt(ratio) * rng.normal(size=(studies, 1))
    _, se, df = corrected_standard_error(scores, ratio)
    low, high = confidence_interval(scores.mean(axis=1), se, df)
    return {"intervals hold": 100 * float(np.mean((low <= 0) & (high >= 0)))}


def of_grids(studies: int, *, alike: float, seed: int = 0) -> dict[str, float]:
    """Percent of intervals that hold the true share: of a strong, a weak and an idle parameter of a 4 x 3 x 5 grid; and of the
    dependence on the strong one, over its values.

    `alike`: how much of the variance on a fold is shared by configurations that differ in the idle parameter alone.
    """
    rng = np.random.default_rng(seed)
    sizes = (4, 3, 5)
    places = np.array(list(itertools.product(*[(np.arange(size) + 0.5) / size for size in sizes])))
    features = tuple(
        Feature(f"x{index}", tuple(map(float, range(size))), 0.0, 1.0, log=False, is_number=True)
        for index, size in enumerate(sizes)
    )
    truth = 0.5 * np.sin(5 * places[:, 0]) + 0.3 * places[:, 1]
    exact = analyse_grid(Features(features, places), truth[:, np.newaxis])
    assert exact is not None
    # Eleven degrees of freedom of the first two parameters, each of which five configurations make.
    whole = exact.total + (11 * 5 * alike + (len(truth) - 1) * (1 - alike)) * 0.25 / FOLDS
    true = [effect.sum_of_squares / whole for effect in exact.main_effects()]
    held, curve = np.zeros(3), 0.0
    for _ in range(studies):
        shared = np.repeat(rng.normal(size=(12, FOLDS)), 5, axis=0)
        chance = np.sqrt(alike) * shared + np.sqrt(1 - alike) * rng.normal(size=(len(truth), FOLDS))
        fold = rng.normal(size=FOLDS)
        scores = truth[:, np.newaxis] + fold + 0.5 * chance
        found = analyse_grid(Features(features, places), scores)
        assert found is not None
        held += [effect.low <= share <= effect.high for effect, share in zip(found.main_effects(), true, strict=True)]
        # What a fold, or chance on it, does to all configurations alike is in no band.
        means, level = found.marginal(0), float(scores.mean() - truth.mean())
        error = np.full(len(means), found.marginal_error(0))
        low, high = confidence_interval(means - level, error, np.full(len(means), found.chance(0).df))
        curve += float(np.mean((low <= exact.marginal(0)) & (exact.marginal(0) <= high)))
    names = ("strong", "weak", "idle", "dependence on the strong")
    return dict(zip(names, (100 * np.array([*held, curve]) / studies).tolist(), strict=True))


def ishigami(places: Floats) -> Floats:
    x, y, z = (np.pi * (2 * places[:, column] - 1) for column in range(3))
    return np.asarray(np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x))


def of_forests(n: int, noise: float, repeats: int, seed: int = 0) -> dict[str, float]:
    """Mean shares in percent that forests on `n` trials find of Ishigami's function and two idle parameters.

    `noise`: its part of the variance; 1 is noise alone.
    """
    rng = np.random.default_rng(seed)
    features = tuple(Feature(f"x{index}", (), 0.0, 1.0, log=False, is_number=True) for index in range(5))
    found = []
    for repeat in range(repeats):
        places = rng.random((n, 5))
        signal = ishigami(places) / np.sqrt(13.845)  # its variance over the cube
        y = np.sqrt(1 - noise) * signal + np.sqrt(noise) * rng.normal(size=n)
        fit = fit_forest(Features(features, places), y, seed=repeat)
        mains = [share.share for share in fit.main_effects()]
        (pair,) = (share.share for share in fit.pairs((0, 2)))
        found.append([*mains[:3], max(mains[3:]), pair, 1 - fit.explained])
    names = ("x1", "x2", "x3", "largest idle", "x1 with x3", "unexplained")
    return dict(zip(names, (100 * np.mean(found, axis=0)).tolist(), strict=True))


def of_forest_intervals(n: int, noise: float, repeats: int, seed: int = 0) -> dict[str, float]:
    """Percent of a forest's intervals of 95 % that hold what forests find on average of other `n` trials: what they promise.

    Of the shares of Ishigami's first two parameters, and of the first one's dependence, over all its cells.
    """
    rng = np.random.default_rng(seed)
    features = tuple(Feature(f"x{index}", (), 0.0, 1.0, log=False, is_number=True) for index in range(5))
    shares, errors, curves, bands = [], [], [], []
    for repeat in range(repeats):
        places = rng.random((n, 5))
        y = np.sqrt(1 - noise) * ishigami(places) / np.sqrt(13.845) + np.sqrt(noise) * rng.normal(size=n)
        fit = fit_forest(Features(features, places), y, seed=repeat)
        mains = fit.main_effects()[:2]
        shares.append([each.share for each in mains])
        errors.append([each.se for each in mains])
        curves.append(fit.curve(0)[1])
        bands.append(fit.curve_band(0))
    near = [np.abs(found - np.mean(found, axis=0)) <= 1.96 * np.array(se) for found, se in ((shares, errors), (curves, bands))]
    held = [*near[0].mean(axis=0), near[1].mean()]
    return dict(zip(("share of x1", "share of x2", "dependence on x1"), (100 * np.array(held)).tolist(), strict=True))


def of_differences(folds: int, studies: int, seed: int = 0, *, paired: bool = True) -> dict[str, float]:
    """Two configurations whose worths differ about as much as chance makes them: percent of the intervals of 95 % that hold the
    true difference; how likely the one that looks better is told to be so, and how often it is.
    """
    rng = np.random.default_rng(seed)
    metric = Metric("loss", Mode.MIN)
    held, told, was = [], [], []
    for _ in range(studies):
        lag = float(rng.normal())
        a, b = losses_of(Truth(np.ones(2), np.array([0.0, lag])), folds, rng)
        if not paired:
            (b,) = losses_of(Truth(np.ones(1), np.array([lag])), folds, rng)  # on folds of its own
        found = compare_scores(a, b, metric, (1 / (folds - 1),) * 2, paired=paired)
        assert found.low is not None
        assert found.high is not None
        assert found.p_better is not None
        held.append(found.low <= -lag <= found.high)
        told.append(max(found.p_better, 1 - found.p_better))
        was.append((found.p_better > 0.5) == (lag > 0))
    return {"intervals hold": 100 * np.mean(held), "told to be better": 100 * np.mean(told), "is better": 100 * np.mean(was)}


def page(studies: int) -> str:
    """All figures, as Markdown."""
    rankings = {name: of_rankings(truths, studies) for name, truths in TRUTHS.items()}
    rankings |= {f"60, normal, {folds} folds": of_rankings(normal, studies, folds=folds) for folds in (2, 3, 10)}
    forests = {
        f"{n} trials, {100 * noise:.0f} % noise": of_forests(n, noise, max(2, studies // 50))
        for n in (100, 300, 1000)
        for noise in (0.0, 0.5, 1.0)
    }
    exact = {"x1": 31.4, "x2": 44.2, "x3": 0.0, "largest idle": 0.0, "x1 with x3": 24.4, "unexplained": 0.0}
    return "\n".join(
        [
            "# Chances and shares: what they are worth",
            "",
            f"`python -m benchmarks.chances --studies {studies} --write`. {studies:,} made-up studies for each line, "
            f"of {FOLDS} folds where it says no other, {max(2, studies // 50)} for each forest; "
            "what the columns mean is said in the script.",
            "",
            *_table("configurations", rankings),
            "",
            "Scores: percent of the intervals of 95 % that hold what the configuration is worth.",
            "",
            *_table("splits", {f"{folds} folds": of_scores(folds, 100 * studies) for folds in (3, 5, 10)}),
            "",
            "Shares of a 4 x 3 x 5 grid: percent of the intervals of 95 % that hold the true one.",
            "",
            *_table(
                "chance on a fold",
                {
                    "each configuration's own": of_grids(studies, alike=0.0),
                    "half of it shared by five": of_grids(studies, alike=0.5),
                    "nearly all of it": of_grids(studies, alike=0.98),
                },
            ),
            "",
            "Two configurations compared split by split, percent; and on splits of their own.",
            "",
            *_table(
                "splits",
                {f"{folds} folds": of_differences(folds, 10 * studies) for folds in (3, 5, 10)}
                | {"5 folds, unpaired": of_differences(5, 10 * studies, paired=False)},
            ),
            "",
            "Intervals of a forest of Ishigami's function, percent that hold what other trials would give.",
            "",
            *_table(
                "trials",
                {
                    f"{n}, {100 * noise:.0f} % noise": of_forest_intervals(n, noise, max(2, studies // 10))
                    for n, noise in ((100, 0.2), (300, 0.2), (300, 0.5))
                },
            ),
            "",
            "Ishigami's function by a forest, percent. With half noise, half of each exact share is the most that there is.",
            "",
            *_table("", {"exact": exact, **forests}),
            "",
            *(line for said, rows in claims.tables(studies).items() for line in (said, "", *_table("studies", rows), "")),
        ]
    )


def _table(corner: str, rows: Mapping[str, Mapping[str, float]]) -> list[str]:
    names = list(next(iter(rows.values())))
    lines = [f"| {corner} | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    return [*lines, *(f"| {name} | {' | '.join(_text(value) for value in row.values())} |" for name, row in rows.items())]


def _text(value: float) -> str:
    return f"{value:.2f}" if abs(value) < 3 else f"{value:.1f}"


def main(arguments: Sequence[str] | None = None) -> None:
    command("chances", "what chances and shares are worth", page, PAGE, studies=500, arguments=arguments)


if __name__ == "__main__":
    main()
