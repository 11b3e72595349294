"""Who a command's trial is, and that its program is the one that it was: the study's own files, here and on other machines."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest
from trainables_builders import RememberingRun, spec_of, trial_of

from hpsearch.trainables import Prepared, build, prepare
from hpsearch.trainables.command_code import LIMIT_BYTES, command_snapshot

FILES = {
    "train.py": "import helper, json\nfrom lib import more\nimport os\n"
    "print(json.dumps({'loss': helper.VALUE, 'beside': os.path.exists('data.txt')}))\n",
    "helper.py": "VALUE = 1\n",
    "lib/__init__.py": "",
    "lib/more.py": "",
    "lib/unused.py": "",
    "src/go-now.py": "import beside\n",
    "src/beside.py": "",
    "conf/small.yaml": "a: 1\n",
    "run.sh": "#!/bin/sh\nexec python train.py\n",
    "go": "import helper\n",
    "fit.R": "",
    "data.txt": "much",
    "helper.txt": "",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, content in FILES.items():
        (tmp_path / "study" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "study" / path).write_text(content)
    (tmp_path / "study" / "run.sh").chmod(0o700)
    return tmp_path / "study"


def prepared(folder: Path, command: str = "python train.py --lr {lr}") -> Prepared:
    spec = f"trial:\n  command: {command}\nmetric: {{name: loss, mode: min}}\nspace: {{lr: [1, 2]}}\n"
    return prepare(spec_of(spec, folder))


def loss(prepared: Prepared, scratch: Path) -> dict[str, float]:
    """What a trial gives on a machine that was sent the program."""
    scratch.mkdir(exist_ok=True)
    objective = build(pickle.loads(pickle.dumps(prepared.program)), None)
    return dict(objective.evaluate(trial_of(prepared, {"lr": 1}), RememberingRun(scratch)).metrics)


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("python train.py {lr}", ["helper.py", "lib/__init__.py", "lib/more.py", "train.py"]),
        ("python -m lib.more", ["lib/__init__.py", "lib/more.py"]),
        ("python src/go-now.py --conf=conf/small.yaml", ["src/beside.py", "src/go-now.py"]),
        ("python -u go --data data.txt", ["go", "helper.py"]),  # a script, whatever it is called
        ("env A=1 python train.py", ["helper.py", "lib/__init__.py", "lib/more.py", "train.py"]),
        ("echo --model=src/go-now.py", ["src/beside.py", "src/go-now.py"]),
        ("./run.sh conf/small.yaml", ["run.sh"]),
        ("{folder}/run.sh ../study/fit.R data.txt", ["fit.R", "run.sh"]),
        ("sh run.sh", ["run.sh"]),
        ("run.sh", ["run.sh"]),
        ("./go data.txt", ["go"]),
        ("echo conf/{lr}.yaml ../other.txt conf {lr}", []),
        ("python --version=", []),
    ],
)
def test_the_program_files_that_a_command_names_and_what_they_import(folder: Path, command: str, files: list[str]) -> None:
    (folder.parent / "other.txt").touch()
    words = command.replace("{folder}", str(folder)).split()
    assert [path for path, _ in command_snapshot(words, folder).files] == files


def test_a_python_or_a_huge_file_in_the_folder_is_not_sent_around(folder: Path) -> None:
    (folder / "bin").mkdir()
    (folder / "bin" / "python3.11").touch()
    with (folder / "bin" / "huge").open("wb") as file:
        file.truncate(LIMIT_BYTES + 1)
    assert command_snapshot(["bin/python3.11", "-c", "data.txt"], folder).files == ()
    assert command_snapshot(["bin/huge"], folder).files == ()


@pytest.mark.parametrize(
    ("edited", "is_another"), [("train.py", True), ("lib/more.py", True), ("lib/unused.py", False), ("data.txt", False)]
)
def test_an_edited_file_makes_other_trials(folder: Path, edited: str, is_another: bool) -> None:
    before = prepared(folder).context.digest
    with (folder / edited).open("a") as file:
        file.write("# edited\n")
    assert (prepared(folder).context.digest != before) == is_another


def test_a_file_that_is_no_program_makes_none(folder: Path) -> None:
    """It may be one that the trials write."""
    before = prepared(folder, "python train.py conf/small.yaml --data=data.txt").context.digest
    (folder / "conf" / "small.yaml").write_text("a: 2\n")
    (folder / "data.txt").unlink()
    assert prepared(folder, "python train.py conf/small.yaml --data=data.txt").context.digest == before


def test_another_command_makes_other_trials(folder: Path) -> None:
    assert prepared(folder).context.what == {
        "kind": "command",
        "code": command_snapshot(["python", "train.py"], folder).digest,
        "command": ("python", "train.py", "--lr", "{lr}"),
    }
    assert prepared(folder, "python train.py --rate {lr}").context.digest != prepared(folder).context.digest
    assert prepared(folder, "echo").context.what == {"kind": "command", "code": None, "command": ("echo",)}


def test_in_the_spec_s_folder_the_files_beside_the_program_are_found(folder: Path, tmp_path: Path) -> None:
    assert loss(prepared(folder), tmp_path / "scratch") == {"loss": 1.0, "beside": 1.0}


@pytest.mark.parametrize("command", ["python train.py", "./run.sh", "python -m train"])
def test_on_a_machine_without_the_folder_a_copy_runs(folder: Path, tmp_path: Path, command: str) -> None:
    program = prepared(folder, f"{command} train.py")
    shutil.rmtree(folder)
    assert loss(program, tmp_path / "scratch") == {"loss": 1.0, "beside": 0.0}


def test_a_program_of_the_machine_s_own_runs_without_the_folder(folder: Path, tmp_path: Path) -> None:
    program = prepared(folder, """[echo, '{{"loss": {lr}}}']""")
    shutil.rmtree(folder)
    assert loss(program, tmp_path / "scratch") == {"loss": 1.0}


@pytest.mark.parametrize(("command", "beside"), [("python train.py", 1.0), ("python -m train", 0.0)])
def test_a_file_that_is_edited_while_the_study_runs_changes_none_of_its_trials(
    folder: Path, tmp_path: Path, command: str, beside: float
) -> None:
    """They are recorded as trials of the code that was there at the start."""
    program = prepared(folder, command)
    (folder / "helper.py").write_text("VALUE = 2\n")
    assert loss(program, tmp_path / "scratch") == {"loss": 1.0, "beside": beside}
    assert loss(prepared(folder, command), tmp_path / "again") == {"loss": 2.0, "beside": 1.0}


def test_the_process_that_checks_and_starts_imports_none_of_it(folder: Path, tmp_path: Path) -> None:
    """A script may be called as a module that is in use here, and is another."""
    import hpsearch.core.values as values

    (folder / "hpsearch.py").write_text("print('{\"loss\": 5}')\n")
    assert loss(prepared(folder, "python hpsearch.py"), tmp_path / "scratch") == {"loss": 5.0}
    import hpsearch.core.values as again

    assert again is values
