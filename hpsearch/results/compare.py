"""Two configurations, or the best of two studies: how far apart they are, and what is known of who is better.

Scores on the same splits are subtracted split by split. What is known of the mean difference after that is a Student's t about
it, on J - 1 degrees of freedom, with the standard error that Nadeau and Bengio's factor gives (`statistics`): so

    A. Benavoli, G. Corani, J. Demšar and M. Zaffalon, "Time for a Change: a Tutorial for Comparing Multiple Classifiers Through
    Bayesian Analysis", Journal of Machine Learning Research 18 (2017), 77, section 3.1 (the correlated t-test).

The interval of 95 % is that of the frequentist test and of this posterior alike, and the probabilities are the posterior's: of a
being better at all, and of the difference being too small to matter, which no test of significance can tell. What is too small
("rope") is the user's to say. By default it is a tenth of the standard deviation of a configuration's scores over splits: the
half of a small effect (J. K. Kruschke, Advances in Methods and Practices in Psychological Science 1 (2018), 270–280). Benavoli et
al. take .01, which is made for accuracies. A tenth of a standard error would shrink with every split, and no two configurations
could ever be called alike.

Departures: scores on different splits are compared unpaired, their corrected variances added, with the smaller J - 1. Neither the
choice of the two nor the other configurations are accounted for: `in_best_set` and `p_best` of the ranking do that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtr

from hpsearch.core.errors import ObjectiveError, SpecError
from hpsearch.core.metric import Metric
from hpsearch.core.values import Value
from hpsearch.results.notes import number
from hpsearch.results.parameters import text_of, varying_names
from hpsearch.results.ranked_study import RankedConfig, RankedStudy
from hpsearch.results.ranking import Basis, score_matrix
from hpsearch.results.sheet import Sheet, Shown
from hpsearch.results.statistics import LARGEST, Floats, bounded, confidence_interval, corrected_standard_error

_ROPE = 0.1  # of the standard deviation over splits
_ROUNDING = 16 * np.finfo(np.float64).eps


@dataclass(frozen=True)
class Difference:
    """What is known of the difference between two means; None where one of them has a single score, or where scores lie so far
    apart that it cannot be computed.

    Attributes:
        mean: a's less b's, in the metric's own units. low, high: an interval of 95 % for it.
        n: how many differences, or scores of the one that has fewer.
        paired: whether they were scored on the same splits.
        p_better: that a is better, by however little. p_a, p_same, p_b: that a is better by more than `rope`, that neither is,
            that b is: one in all.
        capped: whether a score was beyond LARGEST (`statistics`), and was taken for that.
    """

    mean: float
    se: float | None
    low: float | None
    high: float | None
    n: int
    paired: bool
    rope: float | None
    p_better: float | None
    p_a: float | None
    p_same: float | None
    p_b: float | None
    capped: bool = False


@dataclass(frozen=True, repr=False)
class Comparison(Shown):
    """Two configurations side by side.

    Attributes:
        studies: the names of their studies. unit: "splits" or "seeds", of which the scores are.
        notes: what must be known to read it, in sentences.
    """

    metric: Metric
    studies: tuple[str, str]
    a: RankedConfig
    b: RankedConfig
    difference: Difference
    unit: str
    notes: tuple[str, ...]

    def sentences(self) -> list[str]:
        """The difference, its interval, and how likely either is better."""
        known = self.difference
        lines = [f"a - b: {known.mean:+.4g}"]
        if known.low is None or known.high is None or known.p_better is None:
            return lines
        each = self.unit[:-1]  # "splits", "seeds" or "repeats"
        how = f"{f'{each} by {each}' if known.paired else 'unpaired'}, {known.n} {self.unit}"
        lines[0] += f" (95 %: {known.low:+.4g} to {known.high:+.4g}; {how})"
        lines.append(f"a is better with probability {known.p_better:.2f}")
        chances = f"a {known.p_a:.2f}, neither {known.p_same:.2f}, b {known.p_b:.2f}"
        lines.append(f"better by more than {known.rope:.2g}: {chances}")
        return lines

    def sheet(self) -> Sheet:
        names = varying_names([self.a.params, self.b.params], ())
        two = self.studies[0] != self.studies[1]
        rows = []
        for letter, study, side in zip("ab", self.studies, (self.a, self.b), strict=True):
            score = number(side.score) + (f" ± {side.se:.2g}" if side.se is not None else "")
            values = [_text(side.params[name]) if name in side.params else "" for name in names]
            rows.append((letter, *((study,) if two else ()), side.config_id[:8], str(side.rank), score, *values))
        heads = ("", *(("study",) if two else ()), "config", "rank", self.metric.name, *names)
        return Sheet("", heads, rows, (*self.sentences(), *self.notes))


def _text(value: Value) -> str:
    return number(value) if isinstance(value, float) else text_of(value)


def compare_configs(results: RankedStudy, a: str, b: str, *, rope: float | None = None) -> Comparison:
    """Two configurations of a study, by the beginnings of their ids, or of the keys of their trials.

    Raises:
        SpecError: not one configuration with a rank, the same one twice, or a negative `rope`.
    """
    first, second = results.find(a), results.find(b)
    if first.config_id == second.config_id:
        raise SpecError(f"{a!r} and {b!r} are one configuration of {results.study.name}, {first.config_id}; name another")
    scores, basis = _scores(results, first.config_id, second.config_id)
    difference = compare_scores(scores[0], scores[1], results.metric, (basis.test_over_train,) * 2, rope=rope)
    notes = [*_notes(difference, basis)]
    if results.n_ranked > 2 and 1 in (first.rank, second.rank):
        notes.append(
            f"The first of {results.n_ranked:,} owes a part of its lead to having been chosen by it: `in_best_set` and `p_best` "
            "of the ranking take that into account, the numbers here do not."
        )
    return Comparison(results.metric, (results.study.name,) * 2, first, second, difference, basis.unit, tuple(notes))


def compare_studies(first: RankedStudy, second: RankedStudy, *, rope: float | None = None) -> Comparison:
    """The best configurations of two studies: split by split where both have the same data and splits.

    Raises:
        SpecError: one study twice, different metrics, or a negative `rope`. ObjectiveError: a study without a best configuration.
    """
    names = (first.study.name, second.study.name)
    if first.study == second.study:
        raise SpecError(f"{names[0]} is named twice; name two studies, or two configurations of one")
    metrics = [f"{each.metric.name} ({each.metric.mode.value})" for each in (first, second)]
    if metrics[0] != metrics[1]:
        raise SpecError(
            f"{names[0]} is ranked by {metrics[0]}, {names[1]} by {metrics[1]}: scores of different metrics cannot be compared; "
            "run one of them with the other's metric"
        )
    best = []
    for each in (first, second):
        winner = each.best()
        if winner is None:
            raise ObjectiveError(f"{each.study.name} has no best configuration. {each.notes[0]}")
        best.append(winner)
    (a, basis), (b, other) = _scores(first, best[0].config_id), _scores(second, best[1].config_id)
    ratios = (basis.test_over_train, other.test_over_train)
    mine, yours = first.study.context_parts, second.study.context_parts
    same_data = bool(mine) and all(mine.get(part) == yours.get(part) for part in ("data", "splits"))
    paired = same_data and basis == other and basis.unit == "splits"
    difference = compare_scores(a[0], b[0], first.metric, ratios, paired=paired, rope=rope)
    notes = [*_notes(difference, basis)]
    digests = {each.study.dataset_digest for each in (first, second)}
    if len(digests) > 1 and "" in digests:
        notes.append("Whether the two studies have the same data is not known: a difference may be theirs.")
    elif len(digests) > 1:
        notes.append("The two studies have different data: a difference may be theirs.")
    notes.append(
        "Each is the best of its study, and owes a part of its score to having been chosen by it; more so of the larger."
    )
    return Comparison(first.metric, names, best[0], best[1], difference, basis.unit, tuple(notes))


def compare_scores(
    a: Floats, b: Floats, metric: Metric, ratios: tuple[float, float], *, paired: bool = True, rope: float | None = None
) -> Difference:
    """What is known of the difference of two means.

    Args:
        a, b: (J,), of the same splits in the same order where `paired`; NaN where there is no score.
        ratios: n_test / n_train of either's splits.
        paired: false where the splits are others; taken for false where one has a split that the other lacks.
        rope: the largest difference that does not matter, in the metric's own units.

    Raises:
        SpecError: a negative `rope`.
    """
    if rope is not None and not 0 <= rope < math.inf:
        raise SpecError(f"rope = {rope:g}: the largest difference that does not matter is 0 or more, in units of {metric.name}")
    paired = paired and np.array_equal(np.isfinite(a), np.isfinite(b))
    scored = a[np.isfinite(a)], b[np.isfinite(b)]
    a, b = (bounded(scores) for scores in scored)
    capped = any(bool((np.abs(scores) > LARGEST).any()) for scores in scored)
    mean, n = float(a.mean() - b.mean()), min(len(a), len(b))
    unknown = Difference(mean, None, None, None, n, paired, rope, None, None, None, None, capped)
    if n < 2:
        return unknown
    sd, se, df = (
        np.array(each)
        for each in zip(*(_error(scores, ratio) for scores, ratio in zip((a, b), ratios, strict=True)), strict=True)
    )
    if paired:
        rounding = _ROUNDING * max(np.abs(a).max(), np.abs(b).max())
        differences = np.where(np.abs(a - b) <= rounding, 0.0, a - b)
        mean = float(differences.mean())
        _, error, freedom = _error(differences, ratios[0])
        error = 0.0 if error <= rounding else error
    else:
        error, freedom = float(np.hypot(*se)), float(df.min())
    if not math.isfinite(error):
        return replace(unknown, mean=mean)
    margin = _ROPE * float(np.sqrt(np.square(sd).mean())) if rope is None else rope
    low, high = (float(bound[0]) for bound in confidence_interval(*(np.array([each]) for each in (mean, error, freedom))))
    lead = metric.loss(-mean)
    p_a, p_b = (_beyond(margin, sign * lead, error, freedom) for sign in (1, -1))
    p_better = 0.5 if lead == 0 and error == 0 else _beyond(0.0, lead, error, freedom)
    return Difference(mean, error, low, high, n, paired, margin, p_better, p_a, max(0.0, 1 - p_a - p_b), p_b, capped)


def _beyond(margin: float, lead: float, se: float, df: float) -> float:
    """The posterior's probability that a lead is above `margin`."""
    if se == 0:
        return float(lead > margin)
    return float(stdtr(df, (lead - margin) / se))


def _error(scores: Floats, ratio: float) -> tuple[float, float, float]:
    sd, se, df = corrected_standard_error(scores[np.newaxis, :], ratio)
    return float(sd[0]), float(se[0]), float(df[0])


def _scores(results: RankedStudy, *config_ids: str) -> tuple[Floats, Basis]:
    rows = results.evaluations[results.evaluations["config_id"].isin(config_ids)]
    matrix, basis = score_matrix(rows, config_ids, results.metric.name, set(results.expected_seeds))
    return matrix, replace(basis, unit="repeats") if results.basis.unit == "repeats" else basis


def _notes(difference: Difference, basis: Basis) -> list[str]:
    found = []
    if difference.capped:
        found.append(f"Scores beyond {LARGEST:g} were taken for that: the difference, and what is said of it, are of these.")
    if difference.n < 2:
        return ["Scored once: how much of the difference is luck is not known. With more folds, repeats or seeds it is.", *found]
    if difference.se is None:
        return ["The scores lie so far apart that how much of the difference is luck cannot be computed.", *found]
    if basis.unit != "splits":
        found.append(f"Over {basis.unit} alone: the interval does not see how much is luck with the data.")
    elif not difference.paired:
        found.append("Scored on different splits: compared without pairing, which sees less.")
    return found
