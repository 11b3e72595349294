"""A contest says who won, by how much, whether the scores are the same, and who could not run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import contests, goals
from benchmarks.cases.functions import Call
from benchmarks.cases.work import Fits, Work
from benchmarks.common import Plan, Section
from benchmarks.contests import Contest, compared, reason, run_contest, versions
from benchmarks.scratch import Scratch, scratch


def fits() -> Fits:
    raise AssertionError


WORK = Work({"x": [0, 1]}, Call(), fits)
SCORES = {'{"x": 0}': [0.5], '{"x": 1}': [0.75]}


def run(seconds: float, **more: Any) -> dict[str, Any]:
    return {
        "completed": 2,
        "last_score_s": seconds,
        "search_s": seconds / 2,
        "per_trial_ms": seconds,
        "ready_s": 1.0,
        "process_s": seconds + 1,
        "scores": SCORES,
        **more,
    }


def aims(judged: goals.Judged) -> list[str]:
    return [row["aim"] for row in judged.rows if row["aim"]]


def test_three_times_as_fast_is_measured_to_the_last_score() -> None:
    told = {"hpsearch": [run(10)], "GridSearchCV": [run(30)], "Optuna": [run(20)]}
    judged = goals.faster(3.0)(told, WORK)
    assert (aims(judged), judged.met) == (["3x: met"], True)
    assert [row["peer"] for row in judged.rows[:2]] == ["GridSearchCV: 30.00", "Optuna: 20.00"]
    assert "1.0 s to the first trial, 9.0 s of search, and 1.0 s from the last score" in judged.notes[0]
    assert not goals.faster(3.1)(told, WORK).met


def test_an_aim_is_not_met_where_its_peer_has_not_run() -> None:
    assert not goals.faster(3.0)({"hpsearch": [run(10)], "Optuna": [run(90)]}, WORK).met


def test_overhead_may_be_a_twentieth_and_ten_seconds() -> None:
    told = {"hpsearch": [run(115.0)], "GridSearchCV": [run(100.0)]}
    assert aims(goals.no_slower(told, WORK)) == ["at most 10: met"]
    late = goals.no_slower({**told, "hpsearch": [run(115.1)]}, WORK)
    assert (aims(late), late.met) == (["at most 10: missed"], False)


def test_a_trivial_trial_has_half_a_millisecond_and_a_twentieth_of_ray_tunes() -> None:
    told = {"hpsearch": [run(0.4)], "Ray Tune": [run(8.0)]}
    assert aims(goals.cheap_trials(told, WORK)) == ["under 0.5: met", "20x: met"]
    assert not goals.cheap_trials({**told, "Ray Tune": [run(7.9)]}, WORK).met
    assert not goals.cheap_trials({"hpsearch": [run(0.6)], "Ray Tune": [run(80.0)]}, WORK).met


def test_who_ran_fewer_tells_milliseconds_a_trial_and_no_time_in_all() -> None:
    fewer = run(8.0, completed=1, scores={'{"x": 1}': [0.75]})
    told = {"hpsearch": [run(0.4)], "GridSearchCV": [run(3.0)], "Ray Tune": [fewer]}
    judged = goals.cheap_trials(told, WORK)
    assert (aims(judged), judged.met) == (["under 0.5: met", "20x: met"], True)
    totals = [row["peer"] for row in judged.rows if row["measure"] == "command to the last score, s"]
    assert totals == ["GridSearchCV: 3.00"]
    assert "Ray Tune ran 1 of them: its milliseconds are of those." in judged.notes
    peers = ("GridSearchCV", "Ray Tune")
    assert compared(told, peers, ("Ray Tune",))[1]
    assert not compared(told, peers)[1]
    wrong = {**fewer, "scores": {'{"x": 1}': [0.5]}}
    assert not compared({**told, "Ray Tune": [wrong]}, peers, ("Ray Tune",))[1]


def test_sleepers_are_held_to_the_ideal_and_idle_ones_missed() -> None:
    work = Work({"x": [0, 1, 2, 3]}, Call(1.0), fits, jobs=2, seconds=1.0)
    busy = run(12.0, starts=[("a", 10.0), ("b", 10.0), ("a", 11.0), ("b", 11.0)])
    idle = run(14.0, starts=[("a", 10.0), ("b", 10.0), ("a", 12.0), ("b", 13.0)])
    judged = goals.near_ideal({"hpsearch": [busy], "Optuna": [idle]}, work)
    assert [row["of the ideal, once all are up"] for row in judged.rows] == ["100.0 %", "50.0 %"]
    assert (judged.met, aims(judged)) == (True, ["98 %: met"])
    assert not goals.near_ideal({"hpsearch": [idle]}, work).met
    alone = run(14.0, starts=[("a", 10.0)])
    lonely = goals.near_ideal({"hpsearch": [busy], "Optuna": [alone]}, work)
    assert "Optuna: only 1 workers of 2 ever began a trial" in lonely.notes[0]


def test_equal_scores_are_said_to_be_so_and_who_was_compared() -> None:
    text, exact = compared({"hpsearch": [run(1), run(1)], "GridSearchCV": [run(1)]}, ("GridSearchCV",))
    assert exact
    assert "all 2 configurations are equal to the last bit in every run of hpsearch and GridSearchCV" in text


def test_one_run_with_one_other_score_is_found() -> None:
    other = run(1, scores={**SCORES, '{"x": 1}': [0.7500000000000001]})
    text, exact = compared({"hpsearch": [run(1), other], "GridSearchCV": [run(1)]}, ("GridSearchCV",))
    assert not exact
    assert "hpsearch NOT EQUAL: 1 scores of 2 configurations differ, by 1.1e-16 at most" in text
    assert "GridSearchCV 2 of 2 configurations equal" in text


def test_versions_are_told_where_they_are_a_peers_own_or_differ() -> None:
    told = {
        "hpsearch": [{}],
        "GridSearchCV": [{"versions": {"numpy": "2", "scikit-learn": "1.9"}}],
        "dask-ml": [{"versions": {"dask": "5", "numpy": "2", "scikit-learn": "1.5"}}],
    }
    (note,) = versions(told)
    assert note == "Versions: GridSearchCV: scikit-learn 1.9; dask-ml: dask 5, scikit-learn 1.5."
    assert versions({"hpsearch": [{}]}) == []


def test_the_reason_is_the_last_thing_that_was_said() -> None:
    text = "peers.x ended with 1:\nTraceback\n  ...\nImportError: no _safe_tags\n\n"
    assert reason("dask-ml", text) == "dask-ml did not run: ImportError: no _safe_tags"


def contest() -> Contest:
    return Contest("x", "X", "e", Path("x.yaml"), "Two trials.", goals.faster(2.0), peers=("GridSearchCV", "dask-ml"))


def ran(monkeypatch: pytest.MonkeyPatch, answers: dict[str, Any], once: tuple[str, ...] = ()) -> Section:
    def tell(self: Scratch, module: str, *arguments: str, **_: Any) -> dict[str, Any]:
        answer = answers[module]
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return dict(answer)

    monkeypatch.setattr(Scratch, "tell", tell)
    monkeypatch.setattr(Scratch, "store", lambda self, folder: "sqlite://")
    monkeypatch.setattr(contests.environments, "make", lambda name: Path("python"))
    with scratch() as place:
        return run_contest(replace(contest(), once=once), WORK, place, Plan(2, 1.0, lambda _: None))


def test_a_peer_of_which_nothing_is_asked_runs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"hpsearch_side": run(10), "peers.grid_search_cv": run(30), "peers.dask_ml_grid": run(20)}
    section = ran(monkeypatch, answers, once=("dask-ml",))
    asked, other = section.rows[:2]
    assert (asked["peer"], asked["ratio"]) == ("GridSearchCV: 30.00", "3.0x (3.0 to 3.0, n=2)")
    assert (other["peer"], other["ratio"]) == ("dask-ml: 20.00", "2.0x (2.0 to 2.0, n=1)")


def test_a_peer_that_cannot_run_is_left_out_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    section = ran(
        monkeypatch,
        {"hpsearch_side": run(10), "peers.grid_search_cv": run(30), "peers.dask_ml_grid": "ended with 1:\nImportError: no tags"},
    )
    assert section.met
    assert section.rows[0]["ratio"] == "3.0x (3.0 to 3.0, n=2)"
    assert not any("dask-ml" in row["peer"] for row in section.rows)
    assert "dask-ml did not run: ImportError: no tags" in section.notes


def test_unequal_scores_miss_the_aim_however_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = run(10, scores={**SCORES, '{"x": 1}': [0.7]})
    answers = {"hpsearch_side": wrong, "peers.grid_search_cv": run(30), "peers.dask_ml_grid": run(20)}
    assert not ran(monkeypatch, answers).met


def test_half_of_the_work_has_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"hpsearch_side": run(5, completed=1), "peers.grid_search_cv": run(30), "peers.dask_ml_grid": run(20)}
    with pytest.raises(RuntimeError, match="hpsearch: 1 of 2 configurations completed"):
        ran(monkeypatch, answers)


def test_a_peer_whose_environment_cannot_be_made_is_left_out_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(name: str) -> Path:
        raise RuntimeError("the environment dask_ml could not be made of dask_ml.txt:\nno network")

    monkeypatch.setattr(Scratch, "hpsearch", lambda *_, **__: run(10))
    monkeypatch.setattr(Scratch, "peer", lambda *_, **__: run(30))
    monkeypatch.setattr(contests.environments, "make", make)
    with scratch() as place:
        section = run_contest(contest(), WORK, place, Plan(1, 1.0, lambda _: None))
    assert "dask-ml did not run: no network" in section.notes
