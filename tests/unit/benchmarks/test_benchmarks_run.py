"""The page of figures says what it was measured on, and what was missed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import measures, run
from benchmarks.common import Plan, Section
from benchmarks.hpsearch_side import Stopwatch, peak_rss_mb
from benchmarks.scratch import Scratch, scratch
from hpsearch.spec import load_spec


def section(*, met: bool) -> Callable[[Scratch, Plan], Section]:
    return lambda place, plan: Section("one", "One thing", [{"measure": "a", "seconds": "12.5"}], ["As it is."], met)


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(run, "RESULTS", tmp_path / "RESULTS.md")
    return tmp_path / "RESULTS.md"


def test_the_page_tells_command_machine_and_versions(
    results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "BENCHMARKS", {"one": section(met=True)})
    assert run.main(["--only", "one", "--rounds", "2", "--note", "shared with others", "--write"]) == 0
    text = results.read_text()
    assert capsys.readouterr().out.rstrip("\n") == text.rstrip("\n")
    for part in (
        "`python -m benchmarks.run --only one --rounds 2 --write`",
        "\n- shared with others\n",
        "medians of 2 interleaved rounds",
        "ray 2.",
    ):
        assert part in text
    assert "| measure | seconds |\n| ------- | ------- |\n| a       | 12.5    |" in text


def test_a_small_run_is_marked_and_never_written(
    results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[float] = []

    def measured(place: Scratch, plan: Plan) -> Section:
        seen.extend((place.scale, plan.scale))
        return section(met=True)(place, plan)

    monkeypatch.setattr(run, "BENCHMARKS", {"one": measured})
    assert run.main(["--scale", "0.1"]) == 0
    assert seen == [0.1, 0.1]
    assert "- A LOOK WHETHER IT RUNS, at 0.1 of the full size: these figures say nothing" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        run.main(["--scale", "0.1", "--write"])
    assert "RESULTS.md takes full sizes alone: drop --write" in capsys.readouterr().err
    assert not results.exists()


def test_what_is_run_alone_leaves_the_other_figures_on_the_page(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two = lambda place, plan: Section("two", "Two", [{"measure": "x"}], [], True)  # noqa: E731
    monkeypatch.setattr(run, "BENCHMARKS", {"one": section(met=True), "two": two})
    assert run.main(["--write", "--note", "first"]) == 0
    assert run.main(["--only", "two", "--write", "--note", "second"]) == 0
    first, second = results.read_text().split("## Two")
    assert "12.5" in first
    assert "- first" in first
    assert "- second" in second


def test_a_missed_aim_ends_with_1_and_nothing_is_written_unasked(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "BENCHMARKS", {"one": section(met=False)})
    assert run.main([]) == 1
    assert not results.exists()


def test_an_unknown_benchmark_is_refused_with_the_names_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run.main(["--only", "a,serach"])
    said = capsys.readouterr().err
    assert "there is no benchmark 'serach'; there are imports, startup, memory, search, edges, table, importance," in said


def test_a_run_that_left_trials_out_has_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    # Half of the work in half of the time would look like a ratio of two.
    told: dict[str, Any] = {"peer": "hpsearch", "completed": 200, "mlflow_finished": 199}
    monkeypatch.setattr(Scratch, "hpsearch", lambda *_, **__: told)
    with (
        scratch() as place,
        pytest.raises(RuntimeError, match=r"hpsearch: 200 of 200 completed, 199 in MLflow"),
    ):
        measures.memory(place, Plan(1, 0.02, lambda _: None))


def test_a_benchmark_sees_no_setting_of_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "cluster:6379")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://theirs")
    with scratch(0.25) as place:
        given = place.environment(place.folder)
    assert given["BENCH_SCALE"] == "0.25"
    assert "RAY_ADDRESS" not in given
    assert "MLFLOW_TRACKING_URI" not in given
    assert given["HOME"].startswith(str(place.folder))
    assert given["RAY_AUTH_MODE"] == "disabled"
    assert not place.folder.exists()


def test_the_trivial_study_has_as_many_trials_as_it_is_told() -> None:
    spec = load_spec(measures.TRIVIAL, overrides=['space.x={"int": [0, 199]}'])
    assert spec.space.grid_size() == 200


def test_the_first_lap_of_a_name_counts() -> None:
    watch = Stopwatch(0.0)
    watch.lap("a")
    before = watch.laps["a"]
    watch.lap("a")
    assert watch.laps == {"a": before}


def test_a_command_that_fails_or_hangs_is_told_and_has_no_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Scratch(tmp_path)
    with pytest.raises(RuntimeError, match=r"ended with 1:\n(?s:.)*NameError: name 'gone'"):
        place.seconds([sys.executable, "-c", "gone"])
    monkeypatch.setattr("benchmarks.scratch.TIMEOUT_S", 0.01)
    with pytest.raises(RuntimeError, match=r"peers\.grid_search_cv had not ended after 0\.01 s"):
        place.peer("grid_search_cv", "e")


def test_peak_memory_is_of_one_process_alone() -> None:
    peak = peak_rss_mb()
    assert peak is not None
    assert 5 < peak < 100_000
    assert peak_rss_mb(2**22 + 1) is None  # above what Linux gives out


def test_a_benchmark_that_fails_takes_no_other_figures_with_it(
    results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(place: Scratch, plan: Plan) -> Section:
        raise RuntimeError("hpsearch_side.py ended with 1:\nerror: no such thing")

    monkeypatch.setattr(run, "BENCHMARKS", {"broken": broken, "one": section(met=True)})
    assert run.main([]) == 1
    out = capsys.readouterr().out
    assert "error: no such thing" in out
    assert "12.5" in out
