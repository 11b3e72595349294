"""One rule for the best: ranking, ledger (for `status` and the mirror), progress and a few plain lines agree on any study."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.core.best import Best, BestRule
from hpsearch.core.clock import ManualClock
from hpsearch.core.identity import Context
from hpsearch.core.trial import Evaluation, Failure, FailureKind, Outcome, TrialResult, Usage
from hpsearch.dispatch.backlog import Backlog
from hpsearch.dispatch.dispatcher import Dispatcher
from hpsearch.dispatch.messages import HandIn, Lease, WorkerInfo
from hpsearch.ledger import Ledger, StudyRecord
from hpsearch.plan import StudyPlan, best_rule
from hpsearch.results import load_results
from hpsearch.search import make_searcher
from hpsearch.spec import StudySpec, parse_spec

CONTEXT = Context(what="test")
ERROR = Failure(FailureKind.ERROR, "ValueError", "no")

# Sums of these depend on the order in floating point, and some are equal though made of different parts.
scores = st.sampled_from([0.1, 0.2, 0.3, 0.1 + 0.2, 0.15, -0.2, 1e16, math.nan, math.inf])
evaluations = st.builds(
    lambda loss, other: Evaluation({"loss": loss} if other is None else {"loss": loss, "other": other}),
    scores,
    st.sampled_from([None, 0.5, 0.7, math.nan]),
)
outcomes: st.SearchStrategy[Outcome] = st.one_of(evaluations, evaluations, evaluations, st.just(ERROR))
usages = st.builds(Usage, st.sampled_from([1.0, 2.0]), st.just(0.0), st.sampled_from([100, 200]))


@st.composite
def studies(draw: st.DrawFn) -> tuple[StudySpec, dict[tuple[int, int], tuple[Outcome, Usage]], int]:
    """A spec, what each of its trials gives, and after how many of them the run is interrupted."""
    n, seeds = draw(st.integers(1, 6)), draw(st.sampled_from([[0], [0, 1], [5, 0, 2]]))
    ties = draw(st.lists(st.sampled_from(["seconds", "peak_rss_bytes", "other"]), unique=True, max_size=2))
    text = (
        f"name: s\ntrial: {{function: m:f}}\nmetric: {{name: loss, mode: {draw(st.sampled_from(['min', 'max']))}}}\n"
        f"space: {{x: {list(range(n))}}}\nrepeat: {{seeds: {seeds}}}\nreport: {{tie_break: {ties}}}\n"
    )
    given = {(x, seed): (draw(outcomes), draw(usages)) for x in range(n) for seed in seeds}
    return parse_spec(text, file="s.yaml", folder=Path("/nowhere")), given, draw(st.integers(0, len(given)))


def expected(spec: StudySpec, given: dict[tuple[int, int], tuple[Outcome, Usage]], plan: StudyPlan) -> str | None:
    """The best configuration's id, said once more in plain words."""
    ranked = []
    for x in range(plan.configurations):
        repeats = [given[x, seed] for seed in spec.repeat.seeds]
        metrics = [outcome.metrics for outcome, _ in repeats if isinstance(outcome, Evaluation)]
        mean = math.fsum(each["loss"] for each in metrics) / len(repeats) if all_finite(metrics, "loss") else math.nan
        if len(metrics) == len(repeats) and math.isfinite(mean):
            others = [each.get("other", math.nan) for each in metrics]
            sign = -1 if spec.metric.is_better(1, 0) else 1
            tie = {
                "seconds": math.fsum(usage.seconds for _, usage in repeats) / len(repeats),
                "peak_rss_bytes": max(usage.peak_rss_bytes for _, usage in repeats),
                "other": sign * math.fsum(others) / len(others) if all(map(math.isfinite, others)) else math.inf,
            }
            ranked.append((sign * mean, *(tie[name] for name in spec.report.tie_break), plan.trials_of({"x": x})[0].config_id))
    return min(ranked)[-1] if ranked else None  # type: ignore[return-value]


def all_finite(metrics: Sequence[object], name: str) -> bool:
    return all(math.isfinite(each[name]) for each in metrics)  # type: ignore[index]


class Run:
    """A run of the study: leases, and hands in what is given, until it is done or interrupted."""

    def __init__(self, spec: StudySpec, ledger: Ledger) -> None:
        self.plan = StudyPlan.of(spec, CONTEXT)
        epoch = ledger.begin_run(StudyRecord("s", CONTEXT.digest, spec.metric, spec_text=spec.text))
        backlog = Backlog(self.plan, make_searcher(spec.space, spec.search), ledger)
        self.dispatcher = Dispatcher(plan=self.plan, backlog=backlog, ledger=ledger, epoch=epoch, clock=ManualClock())
        self.worker = WorkerInfo("A", "1", "node", 1)
        self.dispatcher.join(self.worker)

    def go(self, given: dict[tuple[int, int], tuple[Outcome, Usage]], stop_after: int | None = None) -> None:
        done = 0
        reply = self.dispatcher.exchange(HandIn("A", "1"))
        while isinstance(reply, Lease) and reply.unit is not None:
            results = []
            for assignment in reply.unit.assignments:
                outcome, usage = given[assignment.trial.params["x"], assignment.trial.seed]  # type: ignore[index]
                results.append(TrialResult(assignment.trial, assignment.attempt, outcome, 0.0, 1.0, usage))
            done += len(results)
            if stop_after is not None and done >= stop_after:
                self.dispatcher.drain()
            reply = self.dispatcher.exchange(HandIn("A", "1", tuple(results)))

    def shown(self) -> tuple[float | None, object]:
        progress = self.dispatcher.progress()
        return progress.best_score, progress.best_params


def score_and_params(best: Best | None) -> tuple[float | None, object]:
    return (None, None) if best is None else (best.score, best.params)


@settings(max_examples=120, deadline=None)
@given(studies())
def test_all_who_name_the_best_name_the_same(case: tuple[StudySpec, dict[tuple[int, int], tuple[Outcome, Usage]], int]) -> None:
    """In one run, and in two with an interruption between them, wherever it comes."""
    spec, given, stop_after = case
    with Ledger.open("sqlite://", clock=ManualClock()) as ledger:
        first = Run(spec, ledger)
        first.go(given, stop_after)
        assert first.shown() == score_and_params(ledger.best(best_rule(spec), CONTEXT.digest))
        second = Run(spec, ledger)
        second.go(given)
        best = ledger.best(best_rule(spec), CONTEXT.digest)
        assert second.shown() == score_and_params(best)
        assert (None if best is None else best.config_id) == expected(spec, given, second.plan)
        known = {name for outcome, _ in given.values() if isinstance(outcome, Evaluation) for name in outcome.metrics}
        if set(spec.report.tie_break) <= {*known, "seconds", "peak_rss_bytes"}:
            top = load_results(ledger, spec).best()
            assert (top and (top.config_id, top.score, top.params)) == (best and (best.config_id, best.score, best.params))


def test_without_seeds_a_configuration_needs_every_seed_that_there_is() -> None:
    """Where the spec cannot be read again, the ranking and the rule are lenient in the same way."""
    text = "name: s\ntrial: {function: m:f}\nmetric: {name: loss, mode: min}\nspace: {x: [0, 1]}\nrepeat: {seeds: [0, 3]}\n"
    spec = parse_spec(text, file="s.yaml", folder=Path("/nowhere"))
    given: dict[tuple[int, int], tuple[Outcome, Usage]] = {
        (x, seed): (ERROR if (x, seed) == (0, 3) else Evaluation({"loss": float(x)}), Usage(1.0))
        for x in (0, 1)
        for seed in (0, 3)
    }
    with Ledger.open("sqlite://", clock=ManualClock()) as ledger:
        Run(spec, ledger).go(given)
        best = ledger.best(BestRule(spec.metric, seeds=()), CONTEXT.digest)
        top = load_results(ledger).best()
        assert best is not None
        assert top is not None
        assert best.params == top.params == {"x": 1}
