"""Every peer's script runs alone and scores what it is given: a broken one would be left out of all tables as if it could not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks import environments
from benchmarks.cases.functions import score_of
from benchmarks.catalogue import STUDIES
from benchmarks.contests import PEERS
from benchmarks.scratch import Scratch, scratch

TRIALS = 20


@pytest.mark.slow
@pytest.mark.parametrize("peer", list(PEERS))
def test_a_peers_script_scores_every_configuration(peer: str) -> None:
    script, environment = PEERS[peer]
    python = environments.interpreter(environment) if environment else Path(sys.executable)
    if python is None:
        pytest.skip(f"{peer} has an environment of its own, which `make bench` makes")
    with scratch(0.001) as place:
        told = place.peer(script, "e", python=str(python))
    assert told["peer"] == peer
    assert told["scores"] == {f'{{"x": {x}}}': [score_of(x)] for x in range(TRIALS)}
    assert 0 < told["search_s"] < told["last_score_s"] < told["process_s"]
    assert told["versions"]["scikit-learn"]


@pytest.mark.slow
@pytest.mark.parametrize("peer", list(PEERS))
def test_sleeping_trials_tell_who_began_them_and_when(peer: str) -> None:
    script, environment = PEERS[peer]
    python = environments.interpreter(environment) if environment else Path(sys.executable)
    if python is None:
        pytest.skip(f"{peer} has an environment of its own, which `make bench` makes")
    with scratch(0.01) as place:
        told = place.peer(script, "f", python=str(python))
    assert len(told["starts"]) == TRIALS
    assert all(0 < at < told["last_score_s"] for _, at in told["starts"])


@pytest.mark.slow
def test_hpsearchs_own_side_scores_the_same_configurations() -> None:
    with scratch() as place:
        told = place.hpsearch(
            STUDIES / "sleep.yaml",
            "space.x=[3, 4]",
            "trial.fixed.seconds=0.1",
            options=["--scores", "--starts", "--cpus=1"],
        )
    assert told["scores"] == {f'{{"x": {x}}}': [score_of(x)] for x in (3, 4)}
    assert len(told["starts"]) == 2
    assert 0 < told["ready_s"] < told["first_result_s"] <= told["last_score_s"] < told["process_s"]
    assert told["last_score_s"] - told["ready_s"] >= 0.2


def test_a_case_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="invalid choice: 'z'"):
        Scratch(tmp_path).peer("grid_search_cv", "z")


@pytest.mark.slow
def test_an_environment_counts_as_made_only_for_the_requirements_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "HERE", tmp_path)
    (tmp_path / "x.txt").write_text("# nothing\n")
    built = tmp_path / "built"
    assert environments.interpreter("x", built) is None
    python = environments.make("x", built)
    assert python.is_file()
    assert environments.interpreter("x", built) == python
    (tmp_path / "x.txt").write_text("no-such-package-anywhere==1 ; python_version < '3'\n")
    assert environments.interpreter("x", built) is None


@pytest.mark.slow
def test_an_environment_that_cannot_be_made_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "HERE", tmp_path)
    (tmp_path / "x.txt").write_text("not a requirement at all !!\n")
    with pytest.raises(RuntimeError, match=r"the environment x could not be made of x\.txt:(?s:.)*not a requirement"):
        environments.make("x", tmp_path / "built")
    assert environments.interpreter("x", tmp_path / "built") is None


def test_what_an_environment_has_is_pinned_at_the_versions_that_the_tests_run_with() -> None:
    # Another scikit-learn may score otherwise in the last bit, and no run of hpsearch would ever equal its peer's.
    lock = Path(environments.HERE.parents[1] / "requirements-dev.lock").read_text()
    for name in {environment for _, environment in PEERS.values() if environment}:
        lines = [line for line in environments.requirements(name).read_text().splitlines() if not line.startswith("#")]
        assert all("==" in line and "://" not in line for line in lines)
        for package in ("scikit-learn", "xgboost", "lightgbm", "numpy", "scipy", "joblib"):
            (pin,) = [line for line in lines if line.startswith(f"{package}==")]
            assert f"\n{pin}" in lock, pin
