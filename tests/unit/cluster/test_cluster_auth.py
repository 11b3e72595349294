"""A missing or wrong token is said to be one, with the place to put it; the token itself is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch.cluster import read_auth

SECRET = "c0ffee" * 10


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").write_text(SECRET)
    return tmp_path


def test_the_token_is_found_where_ray_looks(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.write_text(SECRET)
    assert read_auth({}, home=home).token == str(home / ".ray" / "auth_token")
    assert read_auth({"RAY_AUTH_TOKEN_PATH": str(other)}, home=home).token == str(other)
    assert read_auth({"RAY_AUTH_TOKEN": SECRET, "RAY_AUTH_TOKEN_PATH": str(other)}, home=home).token == "RAY_AUTH_TOKEN"


def test_home_is_the_environments() -> None:
    assert read_auth({"HOME": "/nowhere"}).expected == "/nowhere/.ray/auth_token"


def test_token_mode_without_a_token_is_a_problem_before_anything_connects(tmp_path: Path) -> None:
    problem = read_auth({"RAY_AUTH_MODE": "TOKEN"}, home=tmp_path).problem()
    assert problem is not None
    assert "RAY_AUTH_MODE is token, but there is no token" in problem
    assert str(tmp_path / ".ray" / "auth_token") in problem


def test_an_empty_token_file_is_no_token(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert read_auth({"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(tmp_path / "empty")}, home=tmp_path).problem()


def test_no_problem_where_a_connection_could_work(home: Path, tmp_path: Path) -> None:
    assert read_auth({"RAY_AUTH_MODE": "token"}, home=home).problem() is None
    assert read_auth({}, home=tmp_path).problem() is None


def test_a_refusal_says_what_is_missing_here(home: Path, tmp_path: Path) -> None:
    assert "set RAY_AUTH_MODE=token (a token is in " in read_auth({}, home=home).refused()
    assert "RAY_AUTH_MODE is disabled here" in read_auth({"RAY_AUTH_MODE": "disabled"}, home=home).refused()
    nothing = read_auth({}, home=tmp_path / "x").refused()
    assert "RAY_AUTH_MODE is not set here" in nothing
    assert "no token is in " in nothing
    assert (
        "its token is another than the one in RAY_AUTH_TOKEN"
        in read_auth({"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": SECRET}, home=home).refused()
    )


def test_no_sentence_shows_the_token(home: Path) -> None:
    for env in ({}, {"RAY_AUTH_MODE": "token"}, {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": SECRET}):
        auth = read_auth(env, home=home)
        assert SECRET not in f"{auth!r} {auth.problem()} {auth.refused()}"
