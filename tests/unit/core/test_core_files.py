"""Files that others read while they are written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hpsearch.core.files import replace_file


def test_text_and_bytes_are_written_as_they_are(tmp_path: Path) -> None:
    replace_file(tmp_path / "new" / "a.txt", "ä\r\n\n")
    assert (tmp_path / "new" / "a.txt").read_bytes() == "ä\r\n\n".encode()
    replace_file(tmp_path / "new" / "a.txt", b"\x00")
    assert (tmp_path / "new" / "a.txt").read_bytes() == b"\x00"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.txt"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk must not turn yesterday's report into half of today's."""
    path = tmp_path / "report.html"
    replace_file(path, "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace_file(path, "new")
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def test_a_reader_never_sees_half_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the last moment the old content stands there, whole."""
    path = tmp_path / "ranking.json"
    replace_file(path, "[1, 2]")
    seen: list[str] = []
    real = os.replace

    def replace(draft: Path, to: Path) -> None:
        seen.append(path.read_text())
        real(draft, to)

    monkeypatch.setattr(os, "replace", replace)
    replace_file(path, "[3]")
    assert (seen, path.read_text()) == (["[1, 2]"], "[3]")
