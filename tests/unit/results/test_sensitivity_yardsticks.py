"""Other people's programs on the same data (statsmodels, SALib, Optuna), and functions whose shares are known."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from known_functions import branin, draws, ishigami, sobol_g, sobol_g_shares, uniform
from results_builders import Study
from sklearn.ensemble import RandomForestRegressor

from hpsearch.core.metric import Metric, Mode
from hpsearch.results.moderation import moderated
from hpsearch.results.sensitivity.anova import analyse_grid
from hpsearch.results.sensitivity.boxes import boxes_of
from hpsearch.results.sensitivity.features import Feature, Features
from hpsearch.results.sensitivity.forest import fit_forest
from hpsearch.results.statistics import Floats

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import optuna
    from SALib.analyze import sobol as indices
    from SALib.sample import sobol as sample
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm


def test_sums_of_squares_and_chance_are_statsmodels() -> None:
    """A 3 x 4 x 2 grid, five splits that are hard in different degrees: statsmodels takes the splits as blocks."""
    sizes, splits = (3, 4, 2), 5
    rng = np.random.default_rng(3)
    cells = np.array(list(itertools.product(*map(range, sizes))))
    scores = (
        (cells[:, 0] * cells[:, 1] + cells[:, 2])[:, np.newaxis] + 2 * rng.normal(size=splits) + rng.normal(size=(24, splits))
    )
    features = tuple(
        Feature(f"x{index}", tuple(map(float, range(size))), 0.0, 1.0, log=False, is_number=True)
        for index, size in enumerate(sizes)
    )
    ours = analyse_grid(Features(features, (cells + 0.5) / sizes), scores)
    assert ours is not None
    table = pd.DataFrame(np.repeat(cells, splits, axis=0), columns=["a", "b", "c"])
    table["split"], table["y"] = np.tile(np.arange(splits), len(cells)), scores.ravel()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = anova_lm(ols("y ~ C(a) * C(b) * C(c) + C(split)", table).fit(), typ=2)
    names = ["C(a)", "C(b)", "C(c)"]
    for effect in [*ours.main_effects(), *ours.pairs(), ours.effect(0, 1, 2)]:
        row = theirs.loc[":".join(names[feature] for feature in effect.features)]
        assert splits * effect.sum_of_squares == pytest.approx(row["sum_sq"], rel=1e-9)  # ours are over the cells' means
        assert effect.df == row["df"]
    rest = theirs.loc["Residual"]
    assert ours.noise_share * ours.total == pytest.approx(23 * rest["sum_sq"] / rest["df"] / splits, rel=1e-9)
    # What chance adds to a term, of the scores: its interaction with the splits; what is left, of the highest order, is one more.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        apart = anova_lm(ols("y ~ C(a) * C(b) * C(c) * C(split)", table).fit(), typ=1)
    terms = ["C(a)", "C(b)", "C(c)", "C(a):C(b)", "C(a):C(c)", "C(b):C(c)", "C(a):C(b):C(c)"]
    errors = apart.loc[[f"{term}:C(split)" for term in terms]]
    variances, dfs = moderated((errors["sum_sq"] / errors["df"]).to_numpy() / splits, errors["df"].to_numpy())
    # Of three parameters nothing is moderated.
    assert ours.chance(0, 1, 2).variance == pytest.approx(errors["sum_sq"].iloc[-1] / errors["df"].iloc[-1] / splits, rel=1e-9)
    assert ours.chance(1, 0) == ours.chance(0, 1)
    for place, term in enumerate(((0,), (1,), (2,), (0, 1), (0, 2), (1, 2))):
        assert ours.chance(*term).variance == pytest.approx(variances[place], rel=1e-9)
        assert ours.chance(*term).df == pytest.approx(dfs[place], rel=1e-9)


def test_of_one_score_each_the_test_of_a_pair_is_statsmodels() -> None:
    """Against what three parameters do together, which a model of pairs leaves over."""
    sizes, rng = (3, 4, 2), np.random.default_rng(4)
    cells = np.array(list(itertools.product(*map(range, sizes))))
    y = 0.3 * cells[:, 0] * cells[:, 1] + cells[:, 2] + rng.normal(size=24)
    features = tuple(
        Feature(f"x{index}", tuple(map(float, range(size))), 0.0, 1.0, log=False, is_number=True)
        for index, size in enumerate(sizes)
    )
    ours = analyse_grid(Features(features, (cells + 0.5) / sizes), y[:, np.newaxis])
    assert ours is not None
    table = pd.DataFrame(cells, columns=["a", "b", "c"]).assign(y=y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = anova_lm(ols("y ~ (C(a) + C(b) + C(c)) ** 2", table).fit(), typ=1)["PR(>F)"]
    for term, name in (((0, 1), "C(a):C(b)"), ((0, 2), "C(a):C(c)"), ((1, 2), "C(b):C(c)")):
        assert ours.p_value(*term) == pytest.approx(theirs[name], rel=1e-6)


def of_salib(function: Callable[[Floats], Floats], n_features: int) -> tuple[Floats, Floats, Floats]:
    """SALib's estimates of the function itself, of 2^12 Saltelli samples: alone, in pairs, total."""
    problem = {"num_vars": n_features, "names": [f"x{i}" for i in range(n_features)], "bounds": [[0, 1]] * n_features}
    places = sample.sample(problem, 4096, calc_second_order=True, seed=0)
    found = indices.analyze(problem, function(places), calc_second_order=True, seed=0)
    return found["S1"], found["S2"], found["ST"]


@pytest.mark.parametrize(("function", "n_features"), [(ishigami, 3), (sobol_g, 4), (branin, 2)])
def test_shares_of_draws_are_near_salibs_indices(function: Callable[[Floats], Floats], n_features: int) -> None:
    """SALib asks the function itself 40,000 times and more; the forest has seen 2,000 values of it."""
    places = uniform(2000, n_features)
    fit = fit_forest(draws(places), function(places))
    alone, pairs, totals = of_salib(function, n_features)
    assert [share.share for share in fit.main_effects()] == pytest.approx(alone.tolist(), abs=0.08)
    assert {share.term: share.share for share in fit.pairs(range(n_features))} == pytest.approx(
        {pair: float(pairs[pair]) for pair in itertools.combinations(range(n_features), 2)}, abs=0.08
    )
    assert fit.totals() == pytest.approx(totals, abs=0.08)


def test_salibs_indices_are_the_known_ones() -> None:
    """That the yardstick itself is straight."""
    assert of_salib(ishigami, 3)[0] == pytest.approx([0.314, 0.442, 0], abs=0.01)
    assert of_salib(sobol_g, 4)[0] == pytest.approx(sobol_g_shares()[0], abs=0.01)


def test_a_complete_grid_of_branins_function_has_its_shares() -> None:
    places = (np.array(list(itertools.product(range(40), range(40)))) + 0.5) / 40
    levels = tuple(map(float, range(40)))
    axes = tuple(Feature(name, levels, 0.0, 1.0, log=False, is_number=True) for name in ("x", "y"))
    grid = analyse_grid(Features(axes, places), branin(places)[:, np.newaxis])
    assert grid is not None
    alone, pairs, totals = of_salib(branin, 2)
    assert [effect.share for effect in grid.main_effects()] == pytest.approx(alone.tolist(), abs=0.01)
    assert grid.effect(0, 1).share == pytest.approx(float(pairs[0, 1]), abs=0.01)
    assert grid.totals() == pytest.approx(totals, abs=0.01)


def test_a_parameter_on_a_log_scale_has_its_share_there() -> None:
    """(log10 lr + 3)^2 over -5 to -1 varies by 64/45, and so does what is linear in x: each explains half.

    Over lr as it is, nearly all draws lie at its low end, and a twentieth of the axis holds nearly all that there is to see.
    """
    rng = np.random.default_rng(0)
    study = Study(Metric("loss", Mode.MIN), varying=("lr", "x"))
    for _ in range(1000):
        lr, x = float(10 ** rng.uniform(-5, -1)), float(rng.random())
        study.add({"lr": lr, "x": x}, (np.log10(lr) + 3) ** 2 + np.sqrt(12 * 64 / 45) * x)
    table = study.results().importance(order=1).table.set_index("term")
    assert table["share"][["lr", "x"]].tolist() == pytest.approx([0.5, 0.5], abs=0.04)


def test_a_tree_taken_apart_is_taken_apart_by_optuna_alike() -> None:
    """Optuna takes each tree apart by itself and tells the mean: of the same trees the same."""
    places, n_trees = uniform(150, 3), 6
    y = ishigami(places)
    ranges = {f"x{index}": optuna.distributions.FloatDistribution(0.0, 1.0) for index in range(3)}
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study()
    rows = zip(places.tolist(), y.tolist(), strict=True)
    params = [(dict(zip(ranges, row, strict=True)), value) for row, value in rows]
    study.add_trials([optuna.trial.create_trial(params=row, distributions=ranges, value=value) for row, value in params])
    theirs = optuna.importance.FanovaImportanceEvaluator(n_trees=n_trees, seed=0).evaluate(study)

    model = RandomForestRegressor(n_trees, max_depth=64, random_state=0).fit(places, y)  # as Optuna grows it
    fine = uniform(200_000, 3, seed=1)
    ours = []
    for tree in model.estimators_:
        boxes, whole = boxes_of([tree.tree_], 3), tree.predict(fine).var()
        ours.append([boxes.marginal(feature, 1000).var() / whole for feature in range(3)])
    assert np.mean(ours, axis=0).tolist() == pytest.approx([theirs[f"x{feature}"] for feature in range(3)], abs=0.005)


def test_on_noise_single_trees_find_what_is_not_there() -> None:
    """Why ours departs: it takes apart the forest's mean, and counts what that foretells of trials that it has not seen."""
    places = uniform(150, 3)
    y = np.random.default_rng(0).normal(size=150)
    model = RandomForestRegressor(6, random_state=0).fit(places, y)
    each = [boxes_of([tree.tree_], 3) for tree in model.estimators_]
    of_trees = np.mean([[boxes.marginal(feature, 64).var() for feature in range(3)] for boxes in each], axis=0) / y.var()
    fit = fit_forest(draws(places), y)
    assert of_trees.sum() > 0.1
    assert max(share.share for share in fit.main_effects()) < 0.02
