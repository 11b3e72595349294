"""What a figure shows and says, before anything is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from results_builders import Study

from hpsearch.core.metric import Metric, Mode
from hpsearch.report.figures.choose import choose
from hpsearch.report.figures.parameter import Effect, ParameterFigure, parameter_figure
from hpsearch.results import StudyResults
from hpsearch.results.advice import Advice


def figure(study: Study, name: str, effect: Effect | None = None, **options: int) -> ParameterFigure:
    drawn = parameter_figure(study.results().configs, study.record.metric, name, effect, **options)
    assert drawn is not None
    return drawn


def read_of(results: StudyResults, name: str) -> str:
    """What a report says of a parameter."""
    (found,) = (each for each in choose(results).plots() if each.parameter == name)
    return found.reading


def grid(best: float = 10.0) -> Study:
    """C on a log grid, five folds, the best at `best`; one failure at -1 is not on it."""
    study, rng = Study(varying=("C", "kernel")), np.random.default_rng(0)
    for c in (0.1, 1.0, 10.0, 100.0):
        for kernel in ("rbf", "poly"):
            level = 0.9 - 0.05 * abs(np.log10(c / best)) - (0.02 if kernel == "poly" else 0.0)
            study.add({"C": c, "kernel": kernel}, folds=(level + rng.normal(0, 0.002, 5)).tolist())
    return study


def test_all_ranked_configurations_are_points_and_failures_a_rug() -> None:
    """A point that is missing is a configuration that the user thinks was not tried."""
    study = grid()
    study.fail({"C": 1.0, "kernel": "sigmoid"})
    data = figure(study, "C")
    assert len(data.points) == 8
    assert data.failed_x == (1.0,)
    assert data.log_x
    assert data.best is not None
    assert data.best.x == 10.0
    assert data.best.y == pytest.approx(study.results().configs["score"].iloc[0])


def test_the_title_is_a_question_and_the_reading_its_answer() -> None:
    """Where the best lies, and how far the best set reaches."""
    data = figure(grid(), "C")
    assert data.question == "How does accuracy depend on C?"
    assert data.reading.startswith("The best configuration has 10.")
    assert "edge" not in data.reading


@pytest.mark.parametrize(("best", "side", "beyond"), [(0.1, "lower", "below"), (100.0, "upper", "above")])
def test_a_best_at_the_edge_is_said(best: float, side: str, beyond: str) -> None:
    """The commonest mistake of a search: a range that stops too early."""
    reading = read_of(grid(best).results(), "C")
    assert f"The best configuration has {best:g}: the {side} edge of the values tried." in reading
    assert f"Values {beyond} it may be better still." in reading
    assert "To try: C: {float: [" in reading


def test_the_middle_of_the_best_set_at_an_edge_is_said_before_what_to_try() -> None:
    made = figure(grid(), "C", effect=Effect(advice=Advice("C", "wider", "the middle of the best set is at 9. More.", "C: [9]")))
    assert "The middle of the best set is at 9. More. To try: C: [9]." in made.reading


def test_of_what_does_nothing_no_edge_is_said() -> None:
    """Beside the sentence that it explains nothing, an edge of its values would say the contrary."""
    study, rng = Study(varying=("C", "q")), np.random.default_rng(1)
    for c in (0.1, 1.0, 10.0):
        for q in range(4):
            study.add({"C": c, "q": q}, folds=(0.5 + q / 10 + 0.001 * (c == 0.1) + rng.normal(0, 0.02, 5)).tolist())
    results = study.results()
    best = results.best()
    assert best is not None
    assert best.params["C"] in (0.1, 10.0)
    assert "edge" not in read_of(results, "C")
    assert "edge" in read_of(results, "q")


def test_zero_is_a_floor_below_which_nothing_is_offered() -> None:
    """Nobody should be told to try a negative penalty."""
    study = Study()
    for c in (0, 1, 2, 3):
        for _ in range(3):
            study.add({"C": c, "d": _}, 0.9 - 0.1 * c)
    assert "edge" not in read_of(study.results(), "C")


def test_minimising_turns_the_reading_round() -> None:
    """The best is the lowest; the worse side is the high one."""
    study = Study(Metric("loss", Mode.MIN))
    for c in (1, 2, 3, 4):
        study.add({"C": c}, 0.1 * abs(c - 2) + 0.1)
    data = figure(study, "C")
    assert data.reading.startswith("The best configuration has 2.")
    assert not data.worse_is_low


def test_categories_are_in_a_natural_order_and_jitter_never_changes() -> None:
    """The same report twice must be the same picture."""
    first, again = figure(grid(), "kernel"), figure(grid(), "kernel")
    assert first == again
    assert first.categories == ("poly", "rbf")
    assert {round(point.x) for point in first.points} == {0, 1}
    assert len({point.x for point in first.points}) == 8
    assert first.reading.startswith("The best configuration has rbf.")
    assert "The median is best with rbf" in first.reading


def test_numbers_in_texts_are_ordered_as_numbers() -> None:
    """A column of 3, 10 and null is text; 10 still comes after 3."""
    study = Study(varying=("depth",))
    for depth in (10, 3, None):
        study.add({"depth": depth}, 0.5)
    assert figure(study, "depth").categories == ("3", "10", "null")


def test_many_categories_keep_the_best_and_join_the_rest() -> None:
    """Forty labels cannot be read; the best one must not be among those left out."""
    study = Study(varying=("name",))
    for index in range(40):
        study.add({"name": f"n{index:02}"}, 0.01 * index)
    data = figure(study, "name")
    assert len(data.categories) == 12
    assert data.categories[-1] == "29 others"
    assert "n39" in data.categories
    assert len(data.points) == 40


def test_a_crowd_becomes_a_density_that_counts_everyone_and_keeps_the_best() -> None:
    """20,000 dots would be a blot, and megabytes."""
    study, rng = Study(varying=("C", "kernel")), np.random.default_rng(1)
    for c, score in zip(rng.uniform(0, 1, 300), rng.uniform(0, 1, 300), strict=True):
        study.add({"C": float(c), "kernel": "rbf" if c < 0.9 else "poly"}, float(score))
    for name in ("C", "kernel"):
        data = figure(study, name, raw_points=200)
        assert data.points == ()
        assert data.cells
        assert data.best is not None
        for x, y in zip(study.results().configs[f"param.{name}"], study.results().configs["score"], strict=True):
            place = data.categories.index(x) if data.categories else x
            assert any(cell.x_low <= place <= cell.x_high and cell.y_low <= y <= cell.y_high for cell in data.cells)


def test_a_much_worse_score_is_marked_at_the_edge() -> None:
    """It is seen, and the others keep their scale."""
    study = Study(Metric("loss", Mode.MIN))
    for c in range(1, 11):
        study.add({"C": c}, 1e9 if c == 7 else 0.1 * c)
    data = figure(study, "C")
    assert data.off_scale == (7.0,)
    assert data.view == pytest.approx((0.1, 1.0))
    assert len(data.points) == 9


def test_absent_parameters_have_no_point_and_do_not_pose_as_the_best() -> None:
    """The best configuration may not have this parameter at all."""
    study = Study(varying=("degree", "C"))
    study.add({"kernel": "rbf"}, 0.9)
    study.add({"kernel": "poly", "degree": 2}, 0.7)
    study.add({"kernel": "poly", "degree": 3}, 0.8)
    data = figure(study, "degree")
    assert len(data.points) == 2
    assert data.best is None
    assert data.reading.startswith("The best of those that have it has 3.")


def test_two_failures_that_lie_together_are_marked_and_no_more() -> None:
    """Any two lie within a third of an axis in 56 of 100 studies. What makes trials fail is asked once, of all values."""
    study = grid()
    for c in (1.0, 10.0):
        study.fail({"C": c, "kernel": "sigmoid"})
    for name, marks in (("C", 2), ("kernel", 2)):
        data = figure(study, name)
        assert len(data.failed_x) == marks
        assert "failed" not in data.reading
