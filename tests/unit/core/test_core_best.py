"""The rule itself, case by case. That all who name a best follow it: tests/properties/test_one_best.py."""

from __future__ import annotations

import math

import pytest

from hpsearch.core.best import Best, BestRule, Measured, exact_mean
from hpsearch.core.metric import Metric, Mode

ACCURACY = Metric("accuracy", Mode.MAX)
LOSS = Metric("loss", Mode.MIN)


def measured(ident: str, seed: int = 0, costs: dict[str, float | None] | None = None, **metrics: float) -> Measured:
    return Measured(ident, {"id": ident}, seed, metrics, costs or {})


def winner(rule: BestRule, *trials: Measured) -> str | None:
    ids = dict.fromkeys(trial.config_id for trial in trials)
    best = rule.best(rule.standing(trial for trial in trials if trial.config_id == ident) for ident in ids)
    return None if best is None else best.config_id


def test_a_configuration_that_lacks_a_repeat_is_not_the_best_however_lucky_the_one_it_has() -> None:
    rule = BestRule(ACCURACY, seeds=(0, 1))
    lucky, whole = [measured("a", 0, accuracy=0.99)], [measured("b", 0, accuracy=0.8), measured("b", 1, accuracy=0.6)]
    assert winner(rule, *lucky, *whole) == "b"
    assert winner(rule, *lucky) is None
    assert winner(rule, *lucky, measured("a", 7, accuracy=0.99)) is None, "a seed that is no longer asked for is no repeat"


def test_metrics_are_means_of_those_that_each_repeat_has() -> None:
    rule = BestRule(ACCURACY, seeds=(0, 1))
    best = rule.standing([measured("a", 0, accuracy=0.8, f1=0.5), measured("a", 1, accuracy=0.6)])
    assert best is not None
    assert (best.score, best.metrics) == (pytest.approx(0.7), {"accuracy": pytest.approx(0.7)})


def test_what_is_not_finite_never_wins() -> None:
    """Neither alone nor in a mean; and what overflows in a sum is not finite."""
    for bad in (math.nan, math.inf, -math.inf):
        assert winner(BestRule(ACCURACY), measured("a", accuracy=bad), measured("b", accuracy=-5.0)) == "b"
    assert winner(BestRule(ACCURACY), measured("a", f1=1.0)) is None
    assert math.isnan(exact_mean([1e308, 1e308]))
    assert math.isnan(exact_mean([math.inf, -math.inf]))
    assert math.isnan(exact_mean([]))


def test_ties_are_broken_as_the_spec_says_and_then_by_id() -> None:
    """The quicker; where that is not known, last; and always the same of two that nothing tells apart."""
    quick, slow, unknown = (
        measured(ident, accuracy=0.9, costs={"fit_s": fit_s}) for ident, fit_s in (("q", 1.0), ("a", 2.0), ("b", None))
    )
    assert winner(BestRule(ACCURACY, tie_break=("fit_s",)), slow, unknown, quick) == "q"
    assert winner(BestRule(ACCURACY, tie_break=("fit_s",)), unknown, slow) == "a"
    assert winner(BestRule(ACCURACY), quick, unknown, slow) == "a"
    assert winner(BestRule(ACCURACY, tie_break=("no_such",)), quick, slow) == "a"


def test_a_tie_break_has_a_direction_of_its_own() -> None:
    """Less of a cost, more of a scorer; a function's other metrics go the way of its own."""
    low, high = measured("l", loss=0.5, auc=0.6), measured("h", loss=0.5, auc=0.7)
    assert winner(BestRule(LOSS, tie_break=("auc",), scorers=True), low, high) == "h"
    assert winner(BestRule(LOSS, tie_break=("auc",)), low, high) == "l"
    light, heavy = (
        [measured(ident, seed, accuracy=0.9, costs={"peak_rss_bytes": peak}) for seed, peak in enumerate(peaks)]
        for ident, peaks in (("z", (5, 5)), ("a", (1, 8)))
    )
    assert winner(BestRule(ACCURACY, (0, 1), ("peak_rss_bytes",)), *heavy, *light) == "z", "the peak, not the mean of peaks"


def test_a_score_does_not_depend_on_the_order_of_its_repeats() -> None:
    rule = BestRule(ACCURACY, seeds=(0, 1, 2))
    scores = (0.1, 0.2, 0.3)
    there: Best | None = rule.standing(measured("a", seed, accuracy=score) for seed, score in enumerate(scores))
    back: Best | None = rule.standing(measured("a", seed, accuracy=score) for seed, score in enumerate(reversed(scores)))
    assert there is not None
    assert back is not None
    assert there.score == back.score
