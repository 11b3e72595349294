"""Several metrics at once: fronts by their definition, volumes by hand and by inclusion and exclusion."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from hpsearch.core.errors import SpecError
from hpsearch.core.metric import Metric, Mode
from hpsearch.results.pareto import hypervolume, knee_of, non_dominated
from hpsearch.results.statistics import Floats
from tests.unit.results.results_builders import Study

LOSS = Metric("loss", Mode.MIN)


def by_definition(losses: Floats) -> list[bool]:
    return [not any((other <= row).all() and (other < row).any() for other in losses) for row in losses]


@pytest.mark.parametrize("n_metrics", [2, 3, 4])
def test_the_front_is_what_its_definition_says(n_metrics: int) -> None:
    """Few values, so that many are equal in some of the metrics, or in all."""
    rng = np.random.default_rng(n_metrics)
    for _ in range(30):
        losses = rng.integers(0, 6, (40, n_metrics)).astype(np.float64)
        assert non_dominated(losses).tolist() == by_definition(losses)
    assert non_dominated(np.empty((0, 2))).tolist() == []


def test_an_area_by_hand() -> None:
    front = np.array([[1.0, 5.0], [2.0, 3.0], [4.0, 1.0]])
    assert hypervolume(front, np.array([6.0, 6.0])) == pytest.approx(5 + 8 + 4)
    assert hypervolume(front, np.array([3.0, 4.0])) == pytest.approx(1.0)
    assert hypervolume(front, np.array([0.0, 0.0])) == 0.0


def test_volumes_by_inclusion_and_exclusion() -> None:
    rng, reference = np.random.default_rng(0), np.ones(3)
    for _ in range(20):
        points = rng.random((6, 3))
        whole = 0.0
        for size in range(1, 7):
            for some in itertools.combinations(points, size):
                whole += (-1) ** (size + 1) * float(np.prod(reference - np.max(some, axis=0)))
        assert hypervolume(points[non_dominated(points)], reference) == pytest.approx(whole)
        assert hypervolume(points, reference) == pytest.approx(whole)


def test_the_knee_bulges() -> None:
    assert knee_of(np.array([[0.0, 10.0], [0.2, 2.0], [0.5, 1.5], [1.0, 0.0]])) == 1
    assert knee_of(np.array([[0.0, 1.0], [0.6, 0.6], [1.0, 0.0]])) is None
    assert knee_of(np.array([[0.0, 1.0], [1.0, 0.0]])) is None


def study() -> Study:
    made = Study(varying=("C",))
    for C, (accuracy, fit_s) in enumerate([(0.9, 9.0), (0.88, 1.0), (0.7, 0.5), (0.6, 4.0), (0.88, 2.0)]):
        made.add({"C": C}, folds=[accuracy] * 3, fit_s=fit_s, metrics={"f1": -fit_s})
    return made


def test_a_scorer_goes_up_and_a_cost_down() -> None:
    found = study().results().pareto(["accuracy", "fit_s"])
    assert [(each.name, each.mode.value) for each in found.metrics] == [("accuracy", "max"), ("fit_s", "min")]
    assert found.front["param.C"].tolist() == [0, 1, 2]
    by_c = found.table.set_index("param.C")["pareto_front"]
    assert (by_c[3], by_c[4]) == (False, False)
    assert found.table.set_index("config_id").loc[found.knee, "param.C"] == 1
    assert found.reference == pytest.approx((0.6, 9.0))
    assert found.hypervolume == pytest.approx(0.28 * 8 + 0.1 * 0.5)
    assert study().results().pareto(["accuracy", "f1"]).front["param.C"].tolist() == [0, 1, 2]
    nearer = study().results().pareto(["accuracy", "fit_s"], reference={"accuracy": 0.87, "fit_s": 2.0})
    assert nearer.hypervolume == pytest.approx(0.01)


def functions() -> Study:
    made = Study(LOSS, varying=("C",))
    for C, (loss, speed) in enumerate([(1.0, 1.0), (2.0, 2.0), (3.0, 1.5), (4.0, math.nan)]):
        made.add({"C": C}, loss, metrics={"speed": speed})
    return made


def test_a_functions_metrics_go_the_way_that_is_said() -> None:
    results = functions().results()
    assert results.pareto({"loss": "min", "speed": "max"}).front["param.C"].tolist() == [0, 1]
    assert results.pareto({"loss": "min", "speed": "min"}).front["param.C"].tolist() == [0]
    assert results.pareto({"loss": "", "speed": "max"}).front["param.C"].tolist() == [0, 1]
    assert results.pareto({"loss": "", "speed": "max"}).values.to_dict("list") == {"loss": [1.0, 2.0], "speed": [1.0, 2.0]}
    found = results.pareto({"loss": "min", "speed": "max"})
    assert found.table["pareto_front"].isna().tolist() == [False, False, False, True]
    assert found.notes == ("1 configuration without a finite number for each of the metrics.",)


def test_four_metrics_have_a_front_and_no_volume() -> None:
    found = functions().results().pareto({"loss": "min", "speed": "max", "fit_s": "min", "seconds": "min"})
    assert math.isnan(found.hypervolume)
    assert found.notes[-1] == "The hypervolume is given for two and three metrics, not for 4."
    assert len(found.front) == 2


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        (["loss"], "a front needs two metrics or more, not loss; name another"),
        ([], "a front needs two metrics or more, not none"),
        (["loss", "sped"], "no metric 'sped' in the results of example; there are speed, loss, .* did you mean speed\\?"),
        (
            ["loss", "speed"],
            "which way speed is better is not known: .* metrics as {'speed': 'min'} or {'speed': 'max'}, on the command ",
        ),
        ({"loss": "min", "speed": "maximum"}, "speed = 'maximum': must be min or max"),
    ],
)
def test_what_is_no_front_says_why(metrics: list[str], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        functions().results().pareto(metrics)


def test_a_reference_has_all_metrics() -> None:
    with pytest.raises(SpecError, match="the reference has no value for speed; give one for each metric"):
        functions().results().pareto({"loss": "min", "speed": "max"}, reference={"loss": 3.0})


def test_a_study_without_a_ranking_has_an_empty_front() -> None:
    made = Study(LOSS)
    made.fail({"C": 1})
    made.add({"C": 2}, math.nan)
    found = made.results().pareto(["loss", "fit_s"])
    assert (len(found.front), found.knee, found.hypervolume) == (0, "", 0.0)


def test_a_study_in_which_no_trial_has_completed_has_an_empty_front() -> None:
    """Nobody has its metric, which is no reason to say that there is no such metric."""
    made = Study(LOSS)
    made.fail({"C": 1})
    assert len(made.results().pareto({"loss": "", "fit_s": "max"}).front) == 0
