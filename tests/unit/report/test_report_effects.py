"""What acts on the score: the pair, the steps to the best, the lines, and which figures a study deserves."""

from __future__ import annotations

import csv
import io
import itertools
import re
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
from results_builders import ACCURACY, Study

from hpsearch.core.metric import Metric, Mode
from hpsearch.report.cards import card, csv_text, data_address
from hpsearch.report.drawing import figure_svg
from hpsearch.report.figures import choose
from hpsearch.report.figures.choose import MOST
from hpsearch.report.figures.legend import sentences
from hpsearch.report.figures.lines import Lines, axis_of, chance_of_neighbours, chosen_rows, lines
from hpsearch.report.figures.pair import Pair, pair, shaded
from hpsearch.report.figures.path import path
from hpsearch.report.figures.points import Blank


def grid(*, together: float = 0.0, noise: float = 0.002, idle: int = 2, far: int = 0) -> Study:
    rng, study = np.random.default_rng(0), Study(varying=("C", "gamma", *(f"idle{place}" for place in range(idle))))
    for C in range(5):
        for gamma in range(4):
            for more in range(2):
                score = 0.5 + 0.05 * C - 0.03 * gamma + together * (C - 2) * (gamma - 1.5)
                score = score if 4 * C + gamma >= far else -0.2
                params = {"C": C, "gamma": gamma, **{f"idle{place}": more for place in range(idle)}}
                study.add(params, folds=(score + noise * rng.normal(size=5)).tolist())
    return study


def test_the_pair_is_the_means_over_all_else() -> None:
    results = grid(together=0.05, idle=1).results()
    found = pair(results.importance(), ACCURACY)
    assert found is not None
    assert (found.first, found.second) == ("C", "gamma")
    assert (found.x, found.y) == (("0", "1", "2", "3", "4"), ("0", "1", "2", "3"))
    cell = results.rank().query("`param.C` == 4 and `param.gamma` == 3")
    assert found.means[4][3] == pytest.approx(cell["score"].mean())
    assert found.tried[4][3] == 2
    assert "at C = 4 and gamma = 3." in found.reading
    assert found.rows()[-1] == ("4", "3", found.means[4][3], 2)


def shown(far: int) -> Pair:
    """Of 20 cells `far` are far worse than the others."""
    found = pair(grid(together=0.05, idle=1, far=far).results().importance(), ACCURACY)
    assert found is not None
    return found


def shades(figure: Pair) -> list[float]:
    """How strong each cell is drawn, the best last, and nothing else."""
    found = re.findall(r"fill:var\(--set\);opacity:([\d.]+)", figure_svg(figure, "x-").replace(" ", ""))
    return sorted(map(float, found))


def test_two_outliers_do_not_make_all_other_cells_look_alike() -> None:
    found = shown(2)
    assert found.n_worse == 2
    assert found.view[0] > 0
    assert found.view[1] == max(mean for column in found.means for mean in column)
    assert len(set(shades(found)[:-9])) >= 6
    assert float(str(found.rows()[1][2])) < 0, "the data are whole"
    assert re.search(r"Shades go from 0\.\d+ to 0\.\d+; 2 cells much worse are grey\.", sentences(found))
    assert ">worse<" in figure_svg(found, "x-")


def test_without_outliers_the_shades_reach_to_the_worst() -> None:
    found = shown(0)
    assert found.view[0] == min(mean for column in found.means for mean in column)
    assert "grey" not in sentences(found)
    assert ">worse<" not in figure_svg(found, "x-")


def test_a_loss_is_shaded_from_its_lowest() -> None:
    means = np.array([[0.1, 0.2, 0.3], [0.2, 0.3, 0.4], [0.3, 0.4, 50.0]])
    assert shaded(means, Metric("loss", Mode.MIN)) == (0.1, 0.4)
    assert shaded(-means, ACCURACY) == (-0.4, -0.1)


def test_no_pair_is_shown_where_none_explains_anything() -> None:
    assert pair(grid(idle=1).results().importance(), ACCURACY) is None


def test_the_steps_to_the_best_lead_from_one_score_to_the_next() -> None:
    results = grid(idle=1).results()
    found = path(results, results.importance())
    assert found is not None
    assert found.steps[0].before == found.start
    assert all(one.after == next_one.before for one, next_one in zip(found.steps, found.steps[1:], strict=False))
    assert found.steps[0].gain == pytest.approx(found.steps[0].after - found.steps[0].before)
    assert found.steps[0].gain == max(step.gain for step in found.steps)
    assert f"The first step, {found.steps[0].change}, gains" in found.reading


def conditional() -> Study:
    study = Study(varying=("kernel", "degree", "C"))
    for place in range(30):
        C = float(10 ** (place % 4))
        if place % 3:
            study.add({"kernel": "poly", "degree": 2 + place % 3, "C": C, "n": place}, 0.5 + place / 100)
        else:
            study.add({"kernel": "rbf", "C": C, "n": place}, 0.9 + place / 1000)
    return study


def test_a_line_has_a_gap_where_its_configuration_lacks_the_parameter() -> None:
    found = lines(conditional().results(), ("kernel", "degree", "C"))
    assert isinstance(found, Lines)
    assert [axis.name for axis in found.axes] == ["kernel", "degree", "C", "accuracy"]
    best = found.lines[0]
    assert best.at[0] == 1.0  # of poly and rbf
    assert best.at[1] is None
    assert best.at[3] == 1.0
    assert found.axes[2].log
    assert sorted({line.at[2] for line in found.lines}) == pytest.approx([0, 1 / 3, 2 / 3, 1])


def test_what_the_best_tenth_shares_is_said() -> None:
    rng, study = np.random.default_rng(0), Study(varying=("kernel", "C"))
    for _ in range(100):
        kernel, C = str(rng.choice(["rbf", "rbf", "poly", "linear"])), float(rng.uniform())
        study.add({"kernel": kernel, "C": C}, 0.5 - abs(C - 0.6) + (0.5 if kernel == "rbf" else 0.0))
    found = lines(study.results(), ("kernel", "C"))
    assert isinstance(found, Lines)
    assert found.reading.startswith("The best tenth has kernel = rbf, C from 0.5")


def test_of_noise_alone_the_best_tenth_shares_something_in_at_most_5_of_100_studies() -> None:
    """Somewhere on four axes three of thirty lie together in most studies."""
    rng, names = np.random.default_rng(2), ("x0", "x1", "kernel", "level")
    said = 0
    for _ in range(100):
        study = Study(varying=names)
        for _ in range(30):
            numbers = {name: float(rng.uniform()) for name in names[:2]}
            values = {"kernel": str(rng.choice(["a", "b", "c"])), "level": int(rng.integers(4))}
            study.add({**numbers, **values}, float(rng.normal()))
        found = lines(study.results(), names)
        assert isinstance(found, Lines)
        said += "no one value" not in found.reading
    assert said <= 5 + 3 * np.sqrt(5 * 0.95)


def test_of_many_parameters_the_strangest_is_one_of_many() -> None:
    """Eight axes are drawn, of the parameters that matter most: that these were chosen from 40 counts."""
    study, names = Study(varying=tuple(f"p{place}" for place in range(40))), ("p0", "p1")
    for place in range(30):
        # Three of thirty side by side: by lot in 7 of 1,000.
        study.add({"p0": place, **dict.fromkeys(study.record.varying[1:], place * 7 % 30 + place % 2)}, -float(place))
    few, many = (lines(study.results(), some) for some in (names, study.record.varying))
    assert isinstance(few, Lines)
    assert isinstance(many, Lines)
    assert few.reading.startswith("The best tenth has p0 from 0 to 2")
    assert many.reading.startswith("The best tenth has no one value")


def test_of_what_cannot_be_told_apart_the_best_tenth_is_none() -> None:
    rng, study = np.random.default_rng(3), Study(varying=("C", "b"))
    for place in range(40):
        study.add({"C": place / 40, "b": place % 2}, folds=(0.5 + 0.001 * place + 5 * rng.normal(size=5)).tolist())
    found = lines(study.results(), ("C", "b"))
    assert isinstance(found, Lines)
    assert found.reading == ""


def test_of_too_many_lines_the_best_are_kept() -> None:
    kept = chosen_rows(100_000, 5_000)
    assert len(kept) == len(set(kept.tolist())) == 5_000
    assert kept[:500].tolist() == list(range(500))
    assert kept[-1] == 99_999


def test_an_axis_of_one_value_is_not_divided_by_nothing() -> None:
    column = pd.Series([0.5, 0.5])
    _, places = axis_of("x", column, column)
    assert places.tolist() == [0.0, 0.0]


def test_a_study_has_ten_figures_at_most_and_says_what_has_none() -> None:
    rng, names = np.random.default_rng(0), tuple(f"p{place}" for place in range(14))
    study = Study(varying=names)
    for place in range(120):
        params = {name: float(rng.uniform()) for name in names}
        if place % 20 == 0:
            study.fail(params)
        else:
            study.add(params, 0.5 + 0.3 * params["p3"] + 0.01 * float(rng.normal()), seconds=float(rng.uniform(1, 9)))
    found = choose(study.results())
    assert len(list(found.drawn())) == MOST
    plots = found.plots()
    assert plots[0].parameter == "p3"
    assert "p3 explains" in plots[0].reading
    assert len(plots[0].means) > 4
    assert found.left_out.startswith(f"Without a figure, as the least that matter: {14 - len(plots)} parameters (")


@pytest.mark.parametrize(("n", "why"), [(1, "One ranked configuration alone cannot tell."), (6, "have the same accuracy")])
def test_where_nothing_can_be_told_sentences_stand_in_the_figures_places(n: int, why: str) -> None:
    study = Study()
    for place in range(n):
        study.add({"C": place, "b": place % 2}, 0.5)
    found = choose(study.results())
    assert list(found.drawn()) == []
    assert isinstance(found.parameters, Blank)
    assert why in found.parameters.reading
    assert isinstance(found.matters, Blank)
    assert all(isinstance(each, Blank) for each in (found.lines, *found.course))


def test_failures_alone_have_no_figure() -> None:
    study = Study()
    study.fail({"C": 1})
    study.fail({"C": 2})
    assert list(choose(study.results()).drawn()) == []


def test_data_come_back_from_their_address() -> None:
    """Commas, quotes, line ends, absent values and names in any script."""
    rows = [("a,b", 'say "x"', "Δ"), (1.23456789, None, float("nan")), (True, 3, "two\nlines")]
    address = data_address(rows)
    assert address.startswith("data:text/csv;charset=utf-8,")
    text = unquote(address.partition(",")[2])
    assert text == csv_text(rows)
    assert list(csv.reader(io.StringIO(text))) == [["a,b", 'say "x"', "Δ"], ["1.23457", "", ""], ["true", "3", "two\nlines"]]
    assert not set("<>\"'& \n") & set(address)


def test_a_diverged_score_does_not_shrink_the_axis_of_scores() -> None:
    study = Study(varying=("C", "b"))
    for place in range(20):
        study.add({"C": place, "b": place % 2}, 0.9 + place / 1000 if place else -50.0)
    found = lines(study.results(), ("C", "b"))
    assert isinstance(found, Lines)
    assert found.axes[-1].low > 0.8
    assert found.lines[-1].at[-1] == 0.0


def test_of_categories_the_reading_tells_what_is_drawn() -> None:
    """The median may be best by far where the mean, which the line is of, hardly differs."""
    study = Study(varying=("opt", "C"))
    for opt, scores in {"adam": (0.1, 0.5, 0.5, 0.5, 0.9), "sgd": (0.3, 0.3, 0.3, 0.8, 0.8)}.items():
        for C, score in enumerate(scores):
            study.add({"opt": opt, "C": C}, folds=[score - 0.01, score, score + 0.01])
    (found,) = (plot for plot in choose(study.results()).plots() if plot.parameter == "opt")
    assert [mean.mean for mean in found.means] == pytest.approx([0.5, 0.5])
    assert "The means hardly differ." in found.reading
    assert "median" not in found.reading


def test_on_a_complete_grid_nothing_is_foretold() -> None:
    foretold, measured = grid(together=0.05, idle=1), Study(varying=("C", "gamma"))
    for C in range(5):
        for gamma in range(4):
            measured.add({"C": C, "gamma": gamma}, 0.5 + 0.01 * C * gamma)
    foretold.add({"C": 5, "gamma": 0, "idle0": 0}, folds=[0.6, 0.61, 0.6, 0.61, 0.6])
    for study, said, legend in (
        (measured, "alone. The best is 0.62, at C = 4 and gamma = 3.", "Scores as measured"),
        (foretold, "alone. On average over the others the best foretold is", "Scores as the trials foretell them"),
    ):
        results = study.results()
        heat, steps = pair(results.importance(), ACCURACY), path(results, results.importance())
        assert heat is not None
        assert steps is not None
        assert said in heat.reading
        assert card(steps, "x").legend.startswith(legend)


def test_how_likely_neighbours_are_is_counted() -> None:
    """Against every way to draw them."""
    for drawn, among, n in ((2, 3, 7), (3, 3, 8), (3, 5, 8), (4, 8, 8)):
        every = [max(some) - min(some) < among for some in itertools.combinations(range(n), drawn)]
        assert chance_of_neighbours(drawn, among, n) == pytest.approx(np.mean(every))
