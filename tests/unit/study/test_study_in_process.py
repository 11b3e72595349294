"""A study from the spec to its results, in one process: what is run, what is not run again, and how it ends."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from study_runs import JOB, SPEC, ran, run

from hpsearch.core.errors import Interrupted, ObjectiveError, SpecError
from hpsearch.core.trial import Status
from hpsearch.dispatch.messages import Progress
from hpsearch.execution.job import Control
from hpsearch.ledger import StudyState
from hpsearch.plan.units import LARGEST_UNIT
from hpsearch.study import Silent, load, open_ledger, spec_of, status


def test_every_trial_once_and_all_of_it_recorded(tmp_path: Path) -> None:
    summary = run(tmp_path)
    assert (summary.state, summary.reused, summary.error) == (StudyState.COMPLETED, 0, None)
    assert summary.progress is not None
    assert (summary.progress.completed, summary.progress.failed, summary.progress.finished) == (6, 0, True)
    assert ran(tmp_path) == [(x, 0) for x in range(1, 7)]
    results = load("squares", tmp_path / "studies")
    assert [params["x"] for params in (results.params[ident] for ident in results.rank()["config_id"])] == [1, 2, 3, 4, 5, 6]
    assert results.rank(columns=["loss", "other"]).to_numpy().tolist() == [[x * x, -x] for x in range(1, 7)]
    with closing(open_ledger(summary.folder)) as ledger:
        record = next(iter(ledger.trials()))
        assert record.log == "x is 1\n"
        assert [(report.step, report.metrics) for report in ledger.reports(record.key)] == [(1, {"loss": 2.0})]
    assert summary.folder.report.is_file()
    assert summary.folder.spec.read_text() == SPEC


def test_what_is_hardly_meant_is_said_once_before_the_start(tmp_path: Path) -> None:
    said: list[str] = []

    class Events(Silent):
        def warn(self, text: str) -> None:
            assert not (tmp_path / "studies").exists()
            said.append(text)

    run(tmp_path, SPEC.replace("{int: [1, 6]}", "[2]"), events=Events())
    sentence = "is a list of one value, and so the same in every trial; write 2 alone, or add values"
    assert said == [f"{tmp_path / 'spec.yaml'}:5:12  space.x: {sentence}"]


def test_again_nothing_runs(tmp_path: Path) -> None:
    run(tmp_path)
    again = run(tmp_path)
    assert (again.state, again.reused, again.progress) == (StudyState.COMPLETED, 6, None)
    assert len(ran(tmp_path)) == 6


def test_a_command_that_names_the_files_that_it_writes_is_the_same_again(tmp_path: Path) -> None:
    """They are there at the second run, and with each trial they are others: no part of who a trial is."""
    command = 'command: "python job.py result.txt --log=log.json {x}"'
    spec = SPEC.replace('function: "job:run"', command).replace("[1, 6]", "[1, 2]")
    job = """
import pathlib, sys

pathlib.Path("result.txt").write_text(sys.argv[3])
pathlib.Path("log.json").write_text(sys.argv[3])
print('{"loss": ' + sys.argv[3] + "}")
"""
    assert run(tmp_path, spec, job=job).reused == 0
    assert (tmp_path / "result.txt").read_text() == (tmp_path / "log.json").read_text() == "2"
    again = run(tmp_path, spec, job=job)
    assert (again.reused, again.progress) == (2, None)
    assert run(tmp_path, spec, job=job + "# edited\n").reused == 0


def test_an_edit_runs_only_what_is_new(tmp_path: Path) -> None:
    run(tmp_path)
    wider = run(tmp_path, SPEC.replace("[1, 6]", "[4, 9]"))
    assert wider.reused == 3
    assert ran(tmp_path)[6:] == [(7, 0), (8, 0), (9, 0)]
    assert len(load("squares", tmp_path / "studies").trials) == 9


def test_an_edited_function_runs_everything_and_mixes_nothing(tmp_path: Path) -> None:
    """Results of other code are other results."""
    said: list[str] = []

    class Events(Silent):
        def warn(self, text: str) -> None:
            said.append(text)

    run(tmp_path)
    edited = run(tmp_path, job=JOB.replace("** 2", "** 3"), events=Events())
    assert edited.reused == 0
    assert len(ran(tmp_path)) == 12
    assert said == ["6 trials of this study ran with other code or estimator; they stay in the ledger, out of the ranking"]
    assert sorted(load("squares", tmp_path / "studies").trials["metric.loss"]) == [x**3 for x in range(1, 7)]


def test_trials_that_raise_are_failed_and_the_others_finish(tmp_path: Path) -> None:
    summary = run(tmp_path, SPEC.replace("space: {", "space: {bad_from: 5, "))
    assert (summary.state, summary.error) == (StudyState.COMPLETED, None)
    standing = status(summary.folder)
    assert {status: count for status, count in standing.trials.items() if count} == {Status.COMPLETED: 4, Status.FAILED: 2}
    assert standing.best == 1.0
    failures = load("squares", tmp_path / "studies").failures
    assert set(failures["error_type"]) == {"ValueError"}
    assert failures["traceback"].str.contains("is too much").all()
    run(tmp_path, SPEC.replace("space: {", "space: {bad_from: 5, "))
    assert len(ran(tmp_path)) == 6, "a failure is kept as it is"


def test_failed_trials_run_again_where_the_spec_says_so(tmp_path: Path) -> None:
    spec = SPEC.replace("space: {", "space: {bad_from: 5, ") + "reuse: {failed: rerun}\n"
    run(tmp_path, spec)
    again = run(tmp_path, spec)
    assert again.reused == 4
    assert ran(tmp_path)[6:] == [(5, 0), (6, 0)]


def test_too_many_failures_are_an_error_that_quotes_the_first(tmp_path: Path) -> None:
    summary = run(tmp_path, SPEC.replace("space: {", "space: {bad_from: 5, ") + "limits: {failures: 20%}\n")
    assert summary.state is StudyState.FAILED
    assert isinstance(summary.error, ObjectiveError)
    assert str(summary.error).startswith(
        "2 of 6 trials failed, more than limits.failures = 20% allows; the first: ValueError: x = "
    )


def test_an_error_is_tried_again_as_often_as_the_spec_says(tmp_path: Path) -> None:
    summary = run(tmp_path, SPEC.replace("space: {", "space: {bad_from: 6, ") + "retry: {error: 2}\n")
    assert [x for x, _ in ran(tmp_path)].count(6) == 3
    with closing(open_ledger(summary.folder)) as ledger:
        (failed,) = [record for record in ledger.trials() if record.status is Status.FAILED]
        assert [attempt.attempt for attempt in ledger.attempts(failed.key)] == [1, 2, 3]


def test_repeats_are_ranked_together(tmp_path: Path) -> None:
    summary = run(tmp_path, SPEC + "repeat: {seeds: [0, 10]}\n")
    assert sorted(ran(tmp_path)) == [(x, seed) for x in range(1, 7) for seed in (0, 10)]
    results = load("squares", tmp_path / "studies")
    assert results.rank(columns=["score", "n_trials"]).to_numpy().tolist() == [[x * x + 5, 2] for x in range(1, 7)]
    standing = status(summary.folder)
    assert standing.best == 6.0, "a configuration's mean, as the ranking has it, not the luckiest trial"
    assert standing.best_params == {"x": 1}


def test_random_search_runs_the_same_trials_however_often_it_is_interrupted(tmp_path: Path) -> None:
    # More than three of the largest units: trials this short come in units as large as there are.
    trials = 4 * LARGEST_UNIT
    spec = SPEC.replace("{int: [1, 6]}", "{int: [1, 100000]}") + f"search: {{method: random, trials: {trials}, seed: 3}}\n"
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    parts.mkdir()
    run(whole, spec)
    control = Control()

    class StopAfterFive(Silent):
        def progress(self, progress: Progress) -> None:
            if progress.completed >= 5:
                control.drain()

    stopped = run(parts, spec, events=StopAfterFive(), control=control)
    assert isinstance(stopped.error, Interrupted)
    assert stopped.state is StudyState.INTERRUPTED
    assert 5 <= len(ran(parts)) < trials
    assert run(parts, spec).state is StudyState.COMPLETED
    assert ran(parts) == ran(whole)


def test_asked_to_end_when_all_is_done_it_is_complete(tmp_path: Path) -> None:
    """Ctrl-C that comes with the last trial, or when there was nothing to run, leaves nothing to continue."""
    control = Control()

    class StopAtTheEnd(Silent):
        def progress(self, progress: Progress) -> None:
            if progress.completed == progress.total:
                control.drain()

    done = run(tmp_path, events=StopAtTheEnd(), control=control)
    assert done.state is StudyState.COMPLETED
    assert isinstance(done.error, Interrupted)
    assert str(done.error).startswith("squares is complete; ")


def test_trials_that_constraints_make_rare_are_all_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for work while the search has found none yet comes again; nobody takes that for the end."""
    monkeypatch.setattr("hpsearch.search.grid._LOOKS", 3)
    spec = SPEC.replace("{int: [1, 6]}", "{int: [1, 1000]}") + "constraints: [x % 100 == 7]\n"
    summary = run(tmp_path, spec)
    assert summary.state is StudyState.COMPLETED
    assert [x for x, _ in ran(tmp_path)] == list(range(7, 1000, 100))
    assert run(tmp_path, spec).reused == 10


def test_nothing_is_created_for_a_spec_that_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="takes no such argument"):
        run(tmp_path, job="def run(x, y):\n    return x\n", spec=SPEC.replace("x:", "z:"))
    assert {path.name for path in tmp_path.iterdir()} - {"__pycache__"} == {"job.py", "spec.yaml"}


def test_a_name_that_another_function_has_is_refused(tmp_path: Path) -> None:
    run(tmp_path)
    with pytest.raises(SpecError, match="whose trials run the function job:run; here it is the function job:other"):
        run(tmp_path, SPEC.replace("job:run", "job:other"), job=JOB + "other = lambda params: 1.0\n")
    assert len(ran(tmp_path)) == 6


def test_the_spec_as_it_was_run_can_be_read_again(tmp_path: Path) -> None:
    summary = run(tmp_path, SPEC + "report: {top: 3}\n", overrides=("space.x=[2, 4]",))
    spec = spec_of(summary.folder)
    assert spec is not None
    assert spec.report.top == 3
    assert spec.space.grid_size() == 2
    assert "--set" in summary.folder.spec.read_text()


def test_a_grid_that_is_given_up_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with what it has found, and does not look through all the rest for days."""
    monkeypatch.setattr("hpsearch.search.grid._FRUITLESS_CALLS", 2)
    said: list[str] = []

    class Events(Silent):
        def warn(self, text: str) -> None:
            said.append(text)

    spec = SPEC.replace("{x: {int: [1, 6]}}", "{x: {int: [1, 1000000]}, y: {int: [1, 1000000]}}\nconstraints: [x + y < 4]")
    summary = run(tmp_path, spec.replace("[x + y < 4]", "[x + y < 4]\nsearch: {first: [{x: 1, y: 1}]}"), events=Events())
    assert (summary.state, summary.error) == (StudyState.COMPLETED, None)
    assert len(ran(tmp_path)) >= 1
    assert said[-1].startswith("the search ended before the grid did: constraints admit none of the last ")


@pytest.mark.parametrize(("limit", "error"), [("60%", None), ("40%", "1 of 2 trials failed, more than limits.failures = 40%")])
def test_failures_are_held_against_the_trials_that_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, error: str | None
) -> None:
    """By a sample the grid has none: the first failure would be too many."""
    monkeypatch.setattr("hpsearch.search.grid._FRUITLESS_CALLS", 2)
    huge = "{x: {int: [1, 1000000]}, y: {int: [1, 1000000]}}\nconstraints: [x + y < 4]\n"
    job = "def run(params):\n    return {'loss': 1 / (params['y'] - 1)}\n"
    summary = run(tmp_path, SPEC.replace("{x: {int: [1, 6]}}", f"{huge}limits: {{failures: {limit}}}"), job=job)
    assert summary.progress is not None
    assert (summary.progress.failed, summary.progress.completed) == (1, 1)
    assert str(summary.error).startswith(str(error))


def test_a_grid_that_is_given_up_with_nothing_found_has_failed_for_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hpsearch.search.grid._FRUITLESS_CALLS", 2)
    huge = "{x: {int: [1, 1000000]}, y: {int: [1, 1000000]}}\nconstraints: [x + y < 2]"
    summary = run(tmp_path, SPEC.replace("{x: {int: [1, 6]}}", huge))
    assert summary.state is StudyState.FAILED
    assert str(summary.error).startswith("no trial was found to run: constraints admit none of the last 40,000 configurations")
