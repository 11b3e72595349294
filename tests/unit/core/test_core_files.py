"""Files that others read while they are written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hpsearch.core.errors import HpsearchError, InfrastructureError, SpecError
from hpsearch.core.files import replace_file, written_to


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


@pytest.mark.parametrize(
    ("number", "kind"), [(28, InfrastructureError), (5, InfrastructureError), (13, SpecError), (30, SpecError)]
)
def test_a_named_file_that_cannot_be_written_stays_as_it_was(tmp_path: Path, number: int, kind: type[HpsearchError]) -> None:
    """A full disk is nobody's mistake; a folder that nobody may write to is a wrong name."""
    path = tmp_path / "ranking.csv"
    path.write_text("old")
    with pytest.raises(kind, match=r"ranking.csv: cannot be written: reason"):
        _fail_half_way(path, OSError(number, "reason"))
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["ranking.csv"]


def test_an_interruption_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "ranking.csv"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        _fail_half_way(path, KeyboardInterrupt())
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("ranking.csv", "old")]


def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    """Nobody's pipe, and not /dev/stdout, is replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with written_to(pipe) as place:
            place.write_text("whole")
        assert os.read(reader, 100) == b"whole"
    finally:
        os.close(reader)
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]
    assert pipe.is_fifo()


def test_where_stdout_leads_is_written_to_wherever_that_is(tmp_path: Path) -> None:
    """`-o /dev/stdout > out.csv`: the device stays, and the shell's file is the one that is written."""
    code = """
from pathlib import Path
from hpsearch.core.files import written_to
with written_to(Path("/dev/stdout")) as place:
    assert place == Path("/dev/stdout")
    place.write_text("whole")
"""
    with (tmp_path / "out.csv").open("w") as out:
        subprocess.run([sys.executable, "-c", code], stdout=out, check=True)
    assert (tmp_path / "out.csv").read_text() == "whole"
    assert os.path.islink("/dev/stdout")


def test_of_a_link_the_file_is_replaced_and_its_mode_stays(tmp_path: Path) -> None:
    (tmp_path / "target.csv").write_text("old")
    (tmp_path / "target.csv").chmod(0o640)
    (tmp_path / "latest.csv").symlink_to("target.csv")
    with written_to(tmp_path / "latest.csv") as place:
        place.write_text("new")
    assert (tmp_path / "latest.csv").is_symlink()
    assert ((tmp_path / "target.csv").read_text(), (tmp_path / "target.csv").stat().st_mode & 0o777) == ("new", 0o640)


def test_a_name_may_be_as_long_as_names_may_be(tmp_path: Path) -> None:
    with written_to(tmp_path / f"{'n' * 250}.csv") as place:
        place.write_text("a")
    assert (tmp_path / f"{'n' * 250}.csv").read_text() == "a"


def test_a_missing_folder_is_made_where_that_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="No such file or directory"), written_to(tmp_path / "none" / "a.csv") as place:
        place.write_text("a")
    with written_to(tmp_path / "none" / "a.csv", parents=True) as place:
        place.write_text("a")
    assert (tmp_path / "none" / "a.csv").read_text() == "a"


def _fail_half_way(path: Path, error: BaseException) -> None:
    with written_to(path) as place:
        place.write_text("half")
        raise error
