"""How a run ended: what is told of it, and the state that the ledger keeps."""

from __future__ import annotations

from hpsearch.core.errors import HpsearchError, Interrupted, ObjectiveError
from hpsearch.core.trial import Status
from hpsearch.dispatch.backlog import Backlog
from hpsearch.dispatch.dispatcher import failures
from hpsearch.dispatch.messages import Progress
from hpsearch.ledger import Ledger, StudyState
from hpsearch.plan import StudyPlan
from hpsearch.spec import StudySpec


def verdict(
    spec: StudySpec, plan: StudyPlan, before: Backlog, ledger: Ledger, last: Progress | None, *, missing: int, draining: bool
) -> Interrupted | ObjectiveError | None:
    """Why a run did not end well, judged by the trials of this plan alone: the ledger may hold others. None: it did.

    Args:
        before: what the ledger held when the run began, as far as it was gone through; `missing`: trials that it had not.
        last: the last news of the dispatcher; None where nothing was to be run.
        draining: whether somebody asked the run to end.
    """
    complete = not missing if last is None else last.total == last.reused + last.completed + last.failed
    if draining and not complete:
        return Interrupted(f"interrupted; run the same command again to continue {spec.name}")
    if last is not None and last.lacking and not complete:
        return ObjectiveError(_stopped_for(last.lacking, last.failed, plan.trials))
    if last is not None and last.given_up and not last.done:
        return ObjectiveError(f"no trial was found to run: {last.given_up}")
    failed, completed = failures(before.reused), before.reused[Status.COMPLETED]
    if last is not None:
        failed = last.reused_failed + last.failed
        completed = last.reused - last.reused_failed + last.completed
    limit = spec.limits.failures
    trials = plan.trials if plan.exact else failed + completed  # of an estimate, what there was
    if limit is not None and failed > limit * trials:
        rule = f"{failed} of {trials} trials failed, more than limits.failures = {limit:.0%} allows"
        return ObjectiveError(f"{rule}{_first_error(ledger, plan, last)}")
    if not completed:
        return ObjectiveError(f"none of {plan.trials} trials completed{_first_error(ledger, plan, last)}")
    return None


def state_after(error: HpsearchError | None) -> StudyState:
    if error is None:
        return StudyState.COMPLETED
    return StudyState.INTERRUPTED if isinstance(error, Interrupted) else StudyState.FAILED


def _first_error(ledger: Ledger, plan: StudyPlan, last: Progress | None) -> str:
    if last is not None and last.first_error:
        return f"; the first: {last.first_error}"
    for record in ledger.trials(context=plan.context.digest):
        if record.error:
            return f"; the first: {record.error_type}: {record.error.splitlines()[0]}"
    return ""


def _stopped_for(lacking: str, failed: int, trials: int) -> str:
    end = "" if lacking.endswith("?") else "."
    return (
        f"stopped after {failed} of {trials} trials, as none gives the study's metric: {lacking}{end} Give it that name where it"
        " is measured; or change metric.name, with reuse: {failed: rerun} for the trials that have failed"
    )
