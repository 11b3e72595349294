"""What a user gets who mistyped: every mistake in a sentence with its place, at once, and nothing started or created."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from harness import Finished, Shell, told

from hpsearch.ledger import StudyLock
from hpsearch.ledger.folder import StudyFolder
from hpsearch.spec import load_spec
from hpsearch.study import Options, load
from hpsearch.study import run as run_study

GOOD = """name: churn
trial:
  estimator: sklearn.svm.SVC
  fixed: {kernel: rbf}
data: {csv: customers.csv, target: churn}
evaluate: {cv: {folds: 2}, metrics: [accuracy]}
metric: {name: accuracy, mode: max}
space:
  C: {float: [0.1, 10], log: true, points: 3}
"""
CUSTOMERS = "age,calls,churn\n" + "".join(f"{20 + i},{i % 7},{'yes' if i % 3 else 'no'}\n" for i in range(30))
FUNCTION_SPEC = """
name: lone
trial: {function: "job:run"}
metric: {name: loss, mode: min}
space: {x: [1, 2]}
"""


def refused(shell: Shell, *arguments: object) -> Finished:
    """The command's end: exit code 2, no traceback, no Ray, and no file but those that lay there before."""
    shell.write("customers.csv", CUSTOMERS)
    before = {path.name for path in shell.folder.iterdir()}
    done = shell(*arguments, RAY_TMPDIR=str(shell.folder / "ray"))
    assert done.code == 2, done.err
    assert "Traceback" not in done.err
    assert not done.out
    assert {path.name for path in shell.folder.iterdir()} - {"__pycache__"} == before
    return done


def lines(done: Finished) -> list[str]:
    """What was said, without progress and columns."""
    return [told(line) for line in done.err.splitlines() if not line.startswith("churn: ")]


def test_five_mistakes_get_five_messages_with_their_lines(shell: Shell) -> None:
    shell.write(
        "spec.yaml",
        """name: churn boosting
trial:
  estimator: sklearn.svm.SVC
dat: {csv: customers.csv, target: churn}
evaluate: {cv: {folds: 1}, metrics: [accuracy]}
metric: {name: accuracy, mode: maximum}
space:
  C: {float: [0, 10], log: true, points: 3}
""",
    )
    said = lines(refused(shell, "run", "spec.yaml"))
    assert [line.split("  ")[0] for line in said] == [f"spec.yaml:{n}" for n in (1, 4, 5, 6, 8)]
    assert "did you mean data?" in said[1]
    assert "did you mean max?" in said[3]
    assert "write 1e-6, or drop log" in said[4]


def test_what_the_spec_points_at_is_held_against_it_all_at_once(shell: Shell) -> None:
    """Column, scorer, fixed and searched parameter: found together, so that mending them takes one round."""
    text = GOOD.replace("target: churn", "target: churned").replace("[accuracy]", "[accuracy, roc_acu]")
    shell.write("spec.yaml", text.replace("kernel:", "kernal:").replace("  C:", "  CC:"))
    said = lines(refused(shell, "run", "spec.yaml"))
    assert sorted(said) == [
        "spec.yaml:4  trial.fixed.kernal: SVC takes no such parameter; did you mean kernel?",
        "spec.yaml:5  data.target = churned: customers.csv has no such column; did you mean churn?",
        "spec.yaml:6  evaluate.metrics[1] = roc_acu: scikit-learn has no scorer of that name; did you mean roc_auc?",
        "spec.yaml:9  space.CC: SVC takes no such parameter; did you mean C?",
    ]


def test_mistakes_of_the_spec_and_of_what_it_points_at_are_told_in_one_round(shell: Shell) -> None:
    text = GOOD.replace("churn}", "churned}").replace("[accuracy]", "[accuracy, roc_acu]").replace("SVC", "SVCC")
    shell.write("spec.yaml", text.replace("mode: max", "mode: maximum").replace("[0.1, 10]", "[0, 10]"))
    assert [line.split(": ")[0] for line in lines(refused(shell, "run", "spec.yaml"))] == [
        "spec.yaml:3  trial.estimator = sklearn.svm.SVCC",
        "spec.yaml:5  data.target = churned",
        "spec.yaml:6  evaluate.metrics[1] = roc_acu",
        "spec.yaml:7  metric.mode = maximum",
        "spec.yaml:9  space.C.low = 0",
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "sklearn.svm.SVC",
            "sklearn.svm.SVCC",
            "spec.yaml:3  trial.estimator = sklearn.svm.SVCC: sklearn.svm has no SVCC; did you mean SVC?",
        ),
        ("sklearn.svm.SVC", "skleran.svm.SVC", "spec.yaml:3  trial.estimator = skleran.svm.SVC: there is no module skleran"),
        (
            "customers.csv",
            "costumers.csv",
            "spec.yaml:5  data.csv = costumers.csv: there is no such file in {folder}; did you mean customers.csv?",
        ),
        (
            "customers.csv",
            "loyal.csv",
            "spec.yaml:5  data.target = churn: there is only one class, no; a classifier needs two",
        ),
    ],
    ids=["class", "module", "file", "one class"],
)
def test_one_mistake_one_sentence(shell: Shell, old: str, new: str, expected: str) -> None:
    shell.write("loyal.csv", CUSTOMERS.replace("yes", "no"))
    shell.write("spec.yaml", GOOD.replace(old, new))
    (said,) = lines(refused(shell, "run", "spec.yaml"))
    assert said.startswith(expected.format(folder=shell.folder))


def test_ray_starts_while_data_is_loaded_that_may_take_long(shell: Shell) -> None:
    """And ends again, where the data is not what the spec says. Whoever mistyped in the spec does not wait for that."""
    shell.write(
        "job.py",
        """
import os, pathlib, sys

def load():
    pathlib.Path(os.environ["SEEN"]).write_text(str("ray" in sys.modules))
    raise ValueError("no rows today")
""",
    )
    spec = GOOD.replace("{csv: customers.csv, target: churn}", '{function: "job:load"}')
    for fixed, loaded_beside_ray in (("kernel: rfb", "False"), ("kernel: rbf", "True")):
        shell.write("spec.yaml", spec.replace("kernel: rbf", fixed))
        done = shell("run", "spec.yaml", SEEN=str(shell.folder / "seen"))
        assert done.code == 2, done.err
        assert "data.function = job:load: it raised ValueError: no rows today" in done.err
        assert (shell.folder / "seen").read_text() == loaded_beside_ray
        assert not (shell.folder / "studies").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("plna", "spec.yaml"), "there is no command 'plna'; did you mean plan?"),
        (("rum", "spec.yaml"), "did you mean run?"),
        (("run", "spec.yaml", "--adress", "auto"), "there is no option --adress; did you mean --address?"),
        (("run", "spce.yaml"), "spce.yaml  there is no such file; did you mean spec.yaml?"),
        (("results", "churm"), "no study 'churm' under"),
        (("best", "churn", "--rule", "1sd"), "'1sd' is not one of"),
        (("run",), "Missing argument 'SPEC'"),
    ],
    ids=["command", "command near two", "option", "file", "study", "choice", "nothing"],
)
def test_a_wrong_command_line(shell: Shell, arguments: tuple[str, ...], expected: str) -> None:
    shell.write("spec.yaml", GOOD)
    assert expected in refused(shell, *arguments).err


def test_an_unknown_study_is_answered_with_the_nearest(shell: Shell) -> None:
    finished_study(shell)
    done = shell("results", "loen")
    assert done.code == 2
    assert "no study 'loen'" in done.err
    assert "did you mean lone?" in done.err


def test_mlflow_that_is_not_there_is_told_before_anything_starts(shell: Shell) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    shell.write("customers.csv", CUSTOMERS)
    shell.write("spec.yaml", f"{GOOD}tracking: {{uri: 'http://127.0.0.1:{port}'}}\n")
    began = time.monotonic()
    done = shell("run", "spec.yaml", RAY_TMPDIR=str(shell.folder / "ray"))
    assert time.monotonic() - began < 10
    assert done.code == 4
    assert f"MLflow at http://127.0.0.1:{port} cannot be reached" in done.err
    assert "refused" in done.err
    assert {path.name for path in shell.folder.iterdir()} == {"customers.csv", "spec.yaml"}


def test_a_study_that_is_held_names_who_holds_it(shell: Shell) -> None:
    folder = finished_study(shell)
    with StudyLock(folder.path):
        second = shell("run", "spec.yaml", RAY_TMPDIR=str(shell.folder / "ray"))
        assert second.code == 5
        assert f"process {os.getpid()} on {socket.gethostname()}" in second.err
        removal = shell("rm", "lone", "--yes")
        assert removal.code == 5
    assert folder.exists
    assert not (shell.folder / "ray").exists()


def test_the_same_study_twice_at_once(cluster_shell: Shell) -> None:
    cluster_shell.write(
        "job.py",
        "import pathlib, time\n"
        "here = pathlib.Path(__file__).parent\n"
        "def run(params):\n"
        "    (here / 'running').touch()\n"
        "    while not (here / 'go').exists():\n"
        "        time.sleep(0.05)\n"
        "    return {'loss': params['x']}\n",
    )
    cluster_shell.write("spec.yaml", FUNCTION_SPEC)
    first = cluster_shell.start("run", "spec.yaml")
    try:
        wait_for(cluster_shell.folder / "running", first)
        second = cluster_shell("run", "spec.yaml")
        assert second.code == 5
        assert f"process {first.pid} on {socket.gethostname()}" in second.err
    finally:
        (cluster_shell.folder / "go").touch()
        _, err = first.communicate(timeout=120)
    assert first.returncode == 0, err
    assert len(load("lone", cluster_shell.folder / "studies").trials) == 2


def test_a_name_that_another_study_has(shell: Shell) -> None:
    """The results of one thing must not be mixed into the ranking of another."""
    folder = finished_study(shell)
    shell.write("spec.yaml", GOOD.replace("name: churn", "name: lone"))
    shell.write("customers.csv", CUSTOMERS)
    done = shell("run", "spec.yaml", RAY_TMPDIR=str(shell.folder / "ray"))
    assert done.code == 2
    assert "holds another study of this name, whose trials run the function job:run" in done.err
    assert "here it is the estimator sklearn.svm.SVC" in done.err
    assert "Give this one another name, or delete the other: hpsearch rm lone" in done.err
    assert len(load("lone", folder.path.parent).trials) == 2
    assert not (shell.folder / "ray").exists()


def test_a_function_that_returns_no_metric_says_so_in_each_trial(cluster_shell: Shell) -> None:
    """It cannot be known before it has run."""
    cluster_shell.write("job.py", "def run(params):\n    return {'los': params['x']}\n")
    cluster_shell.write("spec.yaml", FUNCTION_SPEC)
    done = cluster_shell("run", "spec.yaml")
    assert done.code == 3
    sentence = "job:run returned los and reported nothing, and the study's metric is loss; did you mean los?"
    assert f"none of 2 trials completed; the first: OtherMetricsError: {sentence}" in done.err
    results = load("lone", cluster_shell.folder / "studies")
    assert set(results.trials["status"]) == {"FAILED"}
    assert set(results.trials["error"]) == {sentence}


def finished_study(shell: Shell) -> StudyFolder:
    """A study of two function trials, run without Ray."""
    shell.write("job.py", "def run(params):\n    return {'loss': params['x']}\n")
    spec = load_spec(shell.write("spec.yaml", f"{FUNCTION_SPEC}tracking: {{uri: 'sqlite:///store.db'}}\n"))
    with pytest.MonkeyPatch.context() as patch:  # without MLflow, whose start takes longer than all else
        patch.setattr(sys.modules[run_study.__module__], "start_mirror", lambda **_: SimpleNamespace(poll=lambda: 0))
        return run_study(spec, Options(shell.folder / "studies", in_process=True)).folder


def wait_for(path: Path, process: object, timeout_s: float = 120) -> None:
    deadline = time.monotonic() + timeout_s
    while not path.exists():
        assert process.poll() is None, "the command ended too early"  # type: ignore[attr-defined]
        assert time.monotonic() < deadline, f"{path} has not come"
        time.sleep(0.05)
