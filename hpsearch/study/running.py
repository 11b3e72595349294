"""One run of a study, phase by phase."""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import dataclass, replace

from hpsearch.core.clock import Clock, SystemClock
from hpsearch.core.errors import Interrupted, ObjectiveError, SpecError
from hpsearch.core.failpoints import failpoint
from hpsearch.core.files import replace_file
from hpsearch.dispatch.dispatcher import failures
from hpsearch.dispatch.messages import Progress
from hpsearch.execution.job import GRACE_S, Control, Job, open_backlog
from hpsearch.ledger import Ledger, StudyLock, StudyRecord, StudyState, holder
from hpsearch.ledger.folder import StudyFolder
from hpsearch.plan import StudyPlan, cautions
from hpsearch.search import asked_as_run, refuse_empty
from hpsearch.spec import StudySpec, parse_spec
from hpsearch.study.changes import changed_parts, changed_versions, installed_versions
from hpsearch.study.events import Events, Silent
from hpsearch.study.executing import Executor
from hpsearch.study.options import Options
from hpsearch.study.verdict import state_after, verdict
from hpsearch.tracking import Delivery, MirrorProcess, check_store, delivery, resolve_uri, start_mirror
from hpsearch.trainables import Handover, Prepared, prepare

# How long a run's end waits for MLflow without news: not long where it says what is wrong, longer where it may only be
# slow (a new store takes its time). After that the mirror goes on alone, and so does the next run's.
PATIENCE_WITH_AN_ERROR_S = 30.0
PATIENCE_S = 300.0


@dataclass(frozen=True)
class RunSummary:
    """What a run came to.

    Attributes:
        reused, reused_failed: trials that were in the ledger before, and those of them that had failed.
        progress: None where there was nothing to run.
        error: why the run did not end well.
    """

    folder: StudyFolder
    state: StudyState
    reused: int
    reused_failed: int
    progress: Progress | None
    delivery: Delivery
    tracking_uri: str
    error: Interrupted | ObjectiveError | None = None


def run(spec: StudySpec, options: Options, *, events: Events | None = None, control: Control | None = None) -> RunSummary:
    """Runs what the ledger has no result for, delivers to MLflow, writes the report.

    A summary with an `error` is of a run that was ended early or whose trials failed: what it recorded is recorded.

    Raises:
        SpecError: what can be known to be wrong before the first trial; nothing has been created then.
        StudyHeldError: another process runs the study.
        InfrastructureError: no cluster, no MLflow, a damaged ledger, a full disk.
    """
    events, control = events or Silent(), control or Control()
    with contextlib.closing(Executor(spec, options, events, control)) as executor:
        return _Run(spec, options, events, control, executor).run()


class _Run:
    """One run, phase by phase."""

    def __init__(self, spec: StudySpec, options: Options, events: Events, control: Control, executor: Executor) -> None:
        self._spec = spec
        self._options = options
        self._events = events
        self._control = control
        self._executor = executor
        self._clock: Clock = SystemClock()
        self._folder = StudyFolder(options.directory / spec.name)
        self._uri = resolve_uri(spec.tracking, spec.folder)
        self._is_new = not self._folder.ledger.exists()
        self._last: Progress | None = None
        self._mirror: MirrorProcess | None = None

    def run(self) -> RunSummary:
        with self._control.giving_way():
            check_store(self._uri)
            self._events.phase("checking")
            refuse_empty(self._spec)
            # What is surely needed starts in the background: of a new study that nobody else runs.
            starts_early = self._is_new and holder(self._folder.path) is None
            call_early = self._executor.call_early if starts_early else None
            prepared, table = _apart(prepare(self._spec, before_loading=call_early))
            for caution in cautions(self._spec):
                self._events.warn(str(caution))
            if starts_early:
                self._executor.start_early()  # meanwhile the ledger is made and the trials are counted
        failpoint("starting")
        self._folder.logs.mkdir(parents=True, exist_ok=True)
        with StudyLock(self._folder.path), contextlib.closing(Ledger.open(self._folder.ledger, clock=self._clock)) as ledger:
            return self._run_locked(prepared, table, ledger)

    def _run_locked(self, prepared: Prepared, table: Handover, ledger: Ledger) -> RunSummary:
        _refuse_other_study(self._spec, ledger.study(), self._folder)
        plan, backlog = open_backlog(self._spec, prepared.context, prepared.program.sharing, ledger)
        # An estimate of what constraints leave may be none, and is no ground to run nothing.
        missing = backlog.count_missing().trials if plan.is_soon_walked() else plan.trials or plan.passed
        reused = backlog.reused.total()
        self._warn_of_earlier(ledger, prepared)
        failpoint("planning")
        epoch = ledger.begin_run(self._record(prepared, plan))
        replace_file(self._folder.spec, self._spec.text)
        if not self._is_new:  # an earlier run's mirror may be at work still, and must not take this run for its own
            self._mirrored()
        state, error = StudyState.INTERRUPTED, None
        try:
            if missing:
                job = Job(
                    self._spec,
                    prepared.context,
                    prepared.program,
                    table,
                    str(self._folder.ledger),
                    epoch,
                    self._folder.path,
                )
                with contextlib.suppress(Interrupted):  # asked to end before the first trial: the verdict says so too
                    self._executor.run(job, missing, self._clock, self._listen)
            self._executor.close()  # which takes a second or two: meanwhile the report is written, and MLflow gets the rest
            if self._last is not None and self._last.given_up and self._last.done:
                self._events.warn(f"the search ended before the grid did: {self._last.given_up}")
            error = verdict(self._spec, plan, backlog, ledger, self._last, missing=missing, draining=self._control.draining)
            state = state_after(error)
            failpoint("ending")
            if not self._control.cancelled:
                self._write_outputs(ledger, state)
        finally:
            ledger.end_run(epoch, state)
            mirror = self._mirrored()
        failpoint("delivering")
        done = self._wait_for(mirror, ledger)
        if error is None and self._control.draining:
            error = Interrupted(f"{self._spec.name} is complete; what MLflow lacks is delivered without this command")
        return RunSummary(self._folder, state, reused, failures(backlog.reused), self._last, done, self._uri, error)

    def _mirrored(self) -> MirrorProcess:
        """The mirror, which runs from now on at the latest.

        Importing mlflow takes seconds of a CPU, which Ray and its first workers have better use for: until a trial runs there is
        nothing to mirror.
        """
        if self._mirror is None:
            self._mirror = start_mirror(
                ledger=self._folder.ledger,
                state=self._folder.mirror,
                uri=self._uri,
                experiment=self._spec.tracking.experiment or self._spec.name,
                lock=self._folder.path,
                log=self._folder.logs / "mirror.log",
            )
        return self._mirror

    def _listen(self, progress: Progress) -> None:
        if self._last is None:
            with contextlib.suppress(Exception):  # that there will be no report is said when it is to be written
                import hpsearch.report  # noqa: F401  # brings matplotlib: while workers start it costs nobody any time
        self._last = progress
        if progress.running or progress.completed or progress.failed:
            self._mirrored()
        self._events.progress(progress)

    def _record(self, prepared: Prepared, plan: StudyPlan) -> StudyRecord:
        spec = self._spec
        return StudyRecord(
            name=spec.name,
            context=prepared.context.digest,
            metric=spec.metric,
            spec_text=spec.text,
            description=spec.description,
            tags=spec.tags,
            varying=spec.space.varying,
            dataset=prepared.dataset,
            dataset_digest=prepared.dataset_digest,
            experiment=spec.tracking.experiment or spec.name,
            planned=plan.trials,
            context_parts=prepared.context.parts,
            versions=installed_versions(),
        )

    def _warn_of_earlier(self, ledger: Ledger, prepared: Prepared) -> None:
        """Says what has changed since the ledger's results were computed."""
        context, contexts = prepared.context, ledger.contexts()
        apart = sum(ledger.counts().values()) - sum(ledger.counts(context.digest).values())
        if apart:
            what = changed_parts(contexts, context)
            self._events.warn(f"{apart} trials of this study ran with other {what}; they stay in the ledger, out of the ranking")
        if moved := changed_versions(contexts, context):
            self._events.warn(f"earlier results are of {', '.join(moved)}; they are ranked together with what runs now")

    def _write_outputs(self, ledger: Ledger, state: StudyState) -> None:
        """Report, figures and ranking, for people and for the mirror, which takes them when the ledger says that the run is over.

        What goes wrong here costs the page, never the study.
        """
        from hpsearch.report import write_figures, write_report
        from hpsearch.results import load_results

        try:
            study = ledger.study()
            asked = None if study is None else asked_as_run(study, self._spec)
            results = load_results(ledger, self._spec, asked=asked)
            ended = replace(results.study, state=state, ended_at=self._clock.now())
            results = replace(results, study=ended)
            rows = results.to_json_rows(top=self._spec.report.top)
            replace_file(self._folder.ranking, json.dumps(rows, indent=1))
            write_report(results, self._folder.report, top=self._spec.report.top)
            shutil.rmtree(self._folder.figures, ignore_errors=True)  # of parameters that an earlier form of the spec varied
            write_figures(results, self._folder.figures)
        except Exception as error:
            self._events.warn(f"the report could not be written: {type(error).__name__}: {error}")

    def _wait_for(self, mirror: MirrorProcess, ledger: Ledger) -> Delivery:
        done = delivery(self._folder.mirror, ledger)
        began = news_at = self._clock.monotonic()
        # Who ended the search early still sees MLflow complete, if that is soon; who interrupts the waiting does not wait.
        patience_s = GRACE_S if self._control.draining else 0.0
        if done.pending and self._options.wait:
            self._events.phase("delivering to MLflow")
        while self._options.wait and not self._control.cancelled and mirror.poll() is None:
            if self._control.draining and self._clock.monotonic() - began >= patience_s:
                break
            self._control.wait(0.1)
            latest = delivery(self._folder.mirror, ledger)
            if latest.delivered != done.delivered:
                news_at = self._clock.monotonic()
            done = latest
            self._events.delivered(done)
            if self._clock.monotonic() - news_at > (PATIENCE_WITH_AN_ERROR_S if done.error else PATIENCE_S):
                self._events.warn(
                    f"MLflow takes nothing: {done.error or 'no answer'}. What it lacks is delivered when it is back"
                )
                break
        return delivery(self._folder.mirror, ledger)


def _apart(prepared: Prepared) -> tuple[Prepared, Handover]:
    """A study and its table, which nothing else holds then: it leaves this process when it has come to the workers."""
    return replace(prepared, table=None), Handover(prepared.table)


def _refuse_other_study(spec: StudySpec, previous: StudyRecord | None, folder: StudyFolder) -> None:
    """An edited spec goes on with its study; one that runs something else has taken the name of another."""
    if previous is None:
        return
    try:
        old = parse_spec(previous.spec_text, file=str(folder.spec), folder=spec.folder, with_secrets=False)
    except SpecError:
        return  # written by a release with another language: nothing can be said
    was, now = (
        f"{kind.kind} {kind.path or ' > '.join(step.path or step.name for step in kind.steps) or 'that the space chooses'}"
        for kind in (old.trial, spec.trial)
    )
    if was != now:
        raise SpecError(
            f"{folder.path} holds another study of this name, whose trials run the {was}; here it is the {now}. "
            f"Give this one another name, or delete the other: hpsearch rm {spec.name}"
        )
