"""A user's own modules: which files count, that they reach other machines, and that two studies never mix theirs up."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from trainables_builders import RememberingRun, evaluate, spec_of, trial_of

from hpsearch.trainables import build, prepare
from hpsearch.trainables.snapshot import CodeSnapshot, take_snapshot

SPEC = """
trial: {function: "lib.train:run"}
metric: {name: m, mode: max}
space: {x: [1, 2]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "lib/__init__.py": "",
        "lib/train.py": "import json\nimport numpy\nfrom . import helpers\nfrom lib.deep.more import value\n"
        "def run(x):\n    from lib import late\n    return x * helpers.factor() + value + late.value\n",
        "lib/helpers.py": "from .deep import *\nimport top\ndef factor(): return top.FACTOR\n",
        "lib/deep/__init__.py": "",
        "lib/deep/more.py": "value = 100\n",
        "lib/late.py": "value = 1000\n",
        "lib/unused.py": "value = 0\n",
        "lib/notes.txt": "not Python",
        "top.py": "import lib.train\nFACTOR = 10\n",  # a circle
        "json.py": "raise AssertionError('the standard library is no first-party code')\n",
    }
    for path, content in files.items():
        (tmp_path / "study" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "study" / path).write_text(content)
    return tmp_path / "study"


def snapshot_of(folder: Path, *modules: str) -> CodeSnapshot:
    snapshot = take_snapshot(modules, folder)
    assert snapshot is not None
    return snapshot


def test_exactly_the_files_that_imports_reach(folder: Path) -> None:
    assert [path for path, _ in snapshot_of(folder, "lib.train").files] == [
        "lib/__init__.py",
        "lib/deep/__init__.py",
        "lib/deep/more.py",
        "lib/helpers.py",
        "lib/late.py",
        "lib/train.py",
        "top.py",
    ]


def test_nothing_of_the_folder_is_no_snapshot(folder: Path) -> None:
    assert take_snapshot(["sklearn.svm", "json", "hpsearch.core.trial", ""], folder) is None


@pytest.mark.parametrize("name", ["", ".", "..", "lib..train", ".lib", "/{folder}/lib", "../other", "{folder}/../other"])
def test_a_name_that_is_no_module_s_reaches_no_file(folder: Path, name: str) -> None:
    """Nor one outside the spec's folder: `study.py` and `other.py` lie beside it."""
    for path in (folder.with_suffix(".py"), folder.parent / "other.py", folder / "__init__.py"):
        path.write_text("OUTSIDE = 1\n")
    assert take_snapshot([name.format(folder=folder)], folder) is None


@pytest.mark.parametrize(
    "declared",
    [
        '__all__ = ["sub"]',
        '__all__: tuple[str, ...] = ("sub",)',
        '__all__ = ["other"]\n__all__ += ["sub"]',
        '__all__ = []\n__all__.extend(["sub"])',
        '__all__ = []\n__all__.append("sub")',
    ],
)
@pytest.mark.parametrize("statement", ["from pkg import *", "from .pkg import *"])
def test_a_star_imports_the_modules_that_all_names(tmp_path: Path, declared: str, statement: str) -> None:
    inside = statement.startswith("from .")
    root = tmp_path / "outer" if inside else tmp_path
    (root / "pkg").mkdir(parents=True)
    (root / "pkg" / "__init__.py").write_text(f"{declared}\n")
    (root / "pkg" / "sub.py").write_text("value = 1\n")
    (root / "pkg" / "unused.py").write_text("value = 1\n")
    (root / "train.py").write_text(f"{statement}\n")
    paths = [path for path, _ in snapshot_of(tmp_path, "outer.train" if inside else "train").files]
    prefix = "outer/" if inside else ""
    assert paths == [f"{prefix}{path}" for path in ("pkg/__init__.py", "pkg/sub.py", "train.py")]


def test_without_a_star_all_names_nothing(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text('__all__ = ["sub"]\n')
    (tmp_path / "pkg" / "sub.py").write_text("value = 1\n")
    (tmp_path / "train.py").write_text("import pkg\n")
    assert [path for path, _ in snapshot_of(tmp_path, "train").files] == ["pkg/__init__.py", "train.py"]


def test_the_digest_is_of_paths_and_contents_alone(folder: Path, tmp_path: Path) -> None:
    before = snapshot_of(folder, "lib.train").digest
    assert before == "980b3cd3fb4e01d40eddcd154088b53c"
    shutil.copytree(folder, tmp_path / "elsewhere")
    assert snapshot_of(tmp_path / "elsewhere", "lib.train").digest == before
    (folder / "lib" / "unused.py").write_text("value = 1\n")
    assert snapshot_of(folder, "lib.train").digest == before
    (folder / "lib" / "late.py").write_text("value = 1001\n")
    assert snapshot_of(folder, "lib.train").digest != before


def test_a_file_that_does_not_parse_is_part_of_it(folder: Path) -> None:
    (folder / "lib" / "late.py").write_text("def (:\n")
    assert "lib/late.py" in dict(snapshot_of(folder, "lib.train").files)


def test_a_worker_without_the_folder_runs_the_code_as_it_was(folder: Path, tmp_path: Path) -> None:
    """On another node there is no such folder: the snapshot travels with the program."""
    prepared = prepare(spec_of(SPEC, folder))
    (tmp_path / "program").write_bytes(pickle.dumps((prepared.program, trial_of(prepared, {"x": 2}))))
    shutil.rmtree(folder)
    code = f"""
import pickle, sys
from pathlib import Path
from hpsearch.trainables import build
program, trial = pickle.loads(Path({str(tmp_path / "program")!r}).read_bytes())
print(build(program, None).evaluate(trial, None).metrics["m"])
"""
    temp = tmp_path / "temp"
    temp.mkdir()
    for _ in range(2):  # the second worker of the node finds the first one's copy
        done = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True, env={"TMPDIR": str(temp), "PATH": ""}
        )
        assert done.stdout == "1120.0\n"
    (place,) = temp.glob("hpsearch-code-*/*")
    assert place.name == prepared.program.code.digest  # type: ignore[union-attr]


def test_changed_files_are_not_used_by_workers_of_the_old_study(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user edits the code while workers are still starting: all trials of a run run the same code."""
    prepared = prepare(spec_of(SPEC, folder))
    (folder / "top.py").write_text("FACTOR = 0\n")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    objective = build(prepared.program, None)
    assert objective.evaluate(trial_of(prepared, {"x": 2}), RememberingRun()).metrics["m"] == 1120.0


def test_edited_code_is_run_by_the_next_run_in_the_same_process(folder: Path) -> None:
    """In a notebook the process lives on; the old function must not answer under the new code's digest."""
    assert evaluate(SPEC, folder, {"x": 1}).metrics["m"] == 1110.0
    (folder / "top.py").write_text("import lib.train\nFACTOR = 20\n")
    assert evaluate(SPEC, folder, {"x": 1}).metrics["m"] == 1120.0


def test_two_studies_with_modules_of_one_name(tmp_path: Path) -> None:
    spec = SPEC.replace("lib.train:run", "train:run")
    for name in ("a", "b", "a"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "train.py").write_text(f"def run(x): return {ord(name)}\n")
        assert evaluate(spec, tmp_path / name, {"x": 1}).metrics["m"] == ord(name)


def test_a_folder_that_somebody_else_made_is_not_trusted(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a shared /tmp another user could lay a module of that name ready."""
    snapshot = snapshot_of(folder, "lib.train")
    temp = tmp_path / "temp"
    theirs = temp / "hpsearch-code-12345" / snapshot.digest
    theirs.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(temp))
    monkeypatch.setattr("os.getuid", lambda: 12345)
    shutil.rmtree(folder)
    place = snapshot.activate()
    assert place != theirs
    assert snapshot.stands_in(place)
