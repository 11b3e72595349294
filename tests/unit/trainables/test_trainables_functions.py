"""Function trials: what a user's function is given, what it may give back, and what is said when the two do not fit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trainables_builders import RememberingRun, evaluate, problems_of

import hpsearch
from hpsearch.core.errors import ObjectiveError, OtherMetricsError
from hpsearch.trainables.functions import settle
from hpsearch.trainables.metrics import as_metrics

SPEC = """
trial: {function: "mine:run", fixed: {depth: 3}}
metric: {name: loss, mode: min}
space: {lr: [0.1, 0.2]}
"""
WITH_DATA = SPEC + "data: {sklearn: iris}\nevaluate: {cv: {folds: 3, stratify: true}}\n"


def write(folder: Path, source: str) -> Path:
    (folder / "mine.py").write_text(source)
    return folder


def run(folder: Path, source: str, spec: str = SPEC, **options: Any) -> dict[str, float]:
    return dict(evaluate(spec, write(folder, source), {"lr": 0.1}, **options).metrics)


class TestCalling:
    @pytest.mark.parametrize(
        "source",
        [
            "def run(params, trial): return params['lr'] * params['depth'] + trial.seed",
            "def run(config, trial=None): return config['lr'] * config['depth'] + trial.seed",
            "def run(lr, depth, trial): return lr * depth + trial.seed",
            "def run(*, trial, lr, depth=9): return lr * depth + trial.seed",
            "def run(trial, **params): return params['lr'] * params['depth'] + trial.seed",
            "import functools\ndef full(x, lr, depth, trial): return lr * depth + trial.seed\nrun = functools.partial(full, 0)",
        ],
    )
    def test_every_way_to_take_parameters(self, tmp_path: Path, source: str) -> None:
        assert run(tmp_path, source, seed=7) == {"loss": pytest.approx(7.3)}

    def test_params_alone(self, tmp_path: Path) -> None:
        assert run(tmp_path, "def run(params): return params['lr']") == {"loss": 0.1}

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            (
                "def run(learning, depth): return 1",
                ["trial.function = mine:run: its argument learning is neither", "space.lr: mine:run takes no such argument"],
            ),
            ("def run(lr): return 1", ["trial.fixed.depth: mine:run takes no such argument"]),
            ("def run(lrr, depth): return 1", ["trial.function", "space.lr: mine:run takes no such argument; did you mean lrr?"]),
            (
                "def run(params, trial, epochs): return 1",
                ["trial.function = mine:run: it takes (params, trial), and nothing gives its epochs"],
            ),
            ("def run(lr, /, depth): return 1", ["trial.function = mine:run: its argument lr is positional only"]),
            ("run = 3", ["trial.function = mine:run: a int, not a function"]),
            ("class run: pass", ["trial.function = mine:run: a type, not a function"]),
            ("async def run(params): pass", ["trial.function = mine:run: is a coroutine or generator function"]),
            ("def run(params): yield 1", ["trial.function = mine:run: is a coroutine or generator function"]),
            ("def rum(params): return 1", ["trial.function = mine:run: mine has no run; did you mean rum?"]),
            (
                "import nothing_such\ndef run(params): return 1",
                ["trial.function = mine:run: importing mine failed: there is no module nothing_such"],
            ),
            ("def run(params) return 1", ["trial.function = mine:run: importing mine failed: SyntaxError: "]),
            ("raise SystemExit(3)", ["trial.function = mine:run: importing mine failed: SystemExit: 3"]),
        ],
    )
    def test_what_does_not_fit_is_said_before_the_start(self, tmp_path: Path, source: str, said: list[str]) -> None:
        found = problems_of(SPEC, write(tmp_path, source))
        assert len(found) == len(said)
        assert all(problem.startswith(start) for problem, start in zip(found, said, strict=True)), found

    def test_a_function_may_change_what_it_is_given(self, tmp_path: Path) -> None:
        """The next trial gets the parameters as the spec has them; lists are lists, as YAML reads."""
        source = "def run(params, trial):\n    params['sizes'].append(5)\n    params['lr'] = 0\n    return len(params['sizes'])"
        spec = SPEC.replace("lr: [0.1, 0.2]", "lr: [0.1], sizes: {choice: [[1, 2], [3]]}")
        params = {"lr": 0.1, "sizes": (1, 2)}
        assert [evaluate(spec, write(tmp_path, source), params).metrics["loss"] for _ in range(2)] == [3.0, 3.0]
        assert params == {"lr": 0.1, "sizes": (1, 2)}


class TestHandle:
    def test_what_a_trial_sees(self, tmp_path: Path) -> None:
        source = """
import hpsearch
def run(params, trial: hpsearch.Trial):
    X, y = trial.data
    assert X.shape == (150, 4) and set(y) == {0, 1, 2}
    assert [len(test) for _, test in trial.splits] == [50, 50, 50]
    assert trial.checkpoint is None and trial.params == params
    assert (trial.cpus, trial.gpus, str(trial.dir)) == (2, 0.5, 'unused')
    return trial.seed
"""
        spec = WITH_DATA.replace("stratify: true", "stratify: false, shuffle: false")
        assert run(tmp_path, source, spec, seed=4, run=RememberingRun(cpus=2, gpus=0.5)) == {"loss": 4.0}
        assert hpsearch.Trial.__name__ == "TrialHandle"

    @pytest.mark.parametrize("change", ["X += 1", "y[:] = 0", "trial.splits[0][0].sort()"])
    def test_shared_data_cannot_be_spoilt_for_the_next_trial(self, tmp_path: Path, change: str) -> None:
        with pytest.raises(ValueError, match="read-only"):
            run(tmp_path, f"def run(params, trial):\n    X, y = trial.data\n    {change}\n    return 1", WITH_DATA)

    def test_a_frame_may_be_changed_and_is_whole_again_for_the_next(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text("a,b,y\n" + "1,2,x\n" * 3 + "3,4,z\n" * 3)
        source = "def run(params, trial):\n    X, y = trial.data\n    X['a'] = 0\n    X.loc[0, 'b'] = 99\n    return X['b'].sum()"
        spec = SPEC + "data: {csv: t.csv, target: y}\n"
        from trainables_builders import spec_of, trial_of

        from hpsearch.trainables import build, prepare

        prepared = prepare(spec_of(spec, write(tmp_path, source)))
        objective = build(prepared.program, prepared.table)
        trial = trial_of(prepared, {"lr": 0.1})
        assert [objective.evaluate(trial, RememberingRun()).metrics["loss"] for _ in range(2)] == [115.0, 115.0]
        assert prepared.table is not None
        assert prepared.table.X["a"].tolist() == [1, 1, 1, 3, 3, 3]

    @pytest.mark.parametrize(("name", "spec"), [("data", SPEC), ("splits", SPEC), ("splits", SPEC + "data: {sklearn: iris}\n")])
    def test_what_the_spec_does_not_give(self, tmp_path: Path, name: str, spec: str) -> None:
        with pytest.raises(ObjectiveError, match=f"trial.{name}: the spec has no"):
            run(tmp_path, f"def run(params, trial): return trial.{name}", spec)

    def test_splits_need_a_function_that_takes_trial(self, tmp_path: Path) -> None:
        found = problems_of(WITH_DATA, write(tmp_path, "def run(params): return 1"))
        assert found == ["evaluate: mine:run does not take trial, so it cannot use trial.splits; drop evaluate"]

    def test_reports_count_their_steps(self, tmp_path: Path) -> None:
        source = """
import numpy as np
def run(params, trial):
    trial.report({"loss": np.float32(0.5)})
    trial.report({"loss": 2}, step=10, checkpoint="folder")
    trial.report({"loss": np.array([3.0])})
"""
        remembering = RememberingRun()
        assert run(tmp_path, source, run=remembering) == {"loss": 3.0}
        assert remembering.reports == [(1.0, {"loss": 0.5}), (10.0, {"loss": 2.0}), (11.0, {"loss": 3.0})]

    def test_artifacts_are_files(self, tmp_path: Path) -> None:
        remembering = RememberingRun()
        source = f"def run(params, trial):\n    trial.log_artifact({str(tmp_path / 'mine.py')!r})\n    return 1"
        run(tmp_path, source, run=remembering)
        assert remembering.attached == [tmp_path / "mine.py"]
        for place, said in (("none.txt", "there is no such file"), (".", "is a folder")):
            with pytest.raises(ObjectiveError, match=said):
                run(tmp_path, f"def run(params, trial): trial.log_artifact({str(tmp_path / place)!r})")

    def test_two_artifacts_have_two_names(self, tmp_path: Path) -> None:
        """Else the second takes the first one's place, in the study's folder and in MLflow. The same file again is news of it."""
        for folder in ("a", "b"):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "curve.csv").write_text(folder)
        remembering = RememberingRun()
        logs = [f"trial.log_artifact({str(tmp_path / name)!r})" for name in ("a/curve.csv", "a/../a/curve.csv", "b/curve.csv")]
        run(tmp_path, f"def run(params, trial):\n    {logs[0]}\n    {logs[1]}\n    return 1", run=remembering)
        assert len(remembering.attached) == 2
        with pytest.raises(ObjectiveError) as caught:
            run(tmp_path, f"def run(params, trial):\n    {logs[0]}\n    {logs[2]}\n    return 1")
        assert str(caught.value) == (
            f"trial.log_artifact({str(tmp_path / 'b/curve.csv')!r}): the trial has kept another file of that name,"
            f" {tmp_path / 'a/curve.csv'}; artifacts are kept by name alone, so give this one another"
        )


class TestReturning:
    @pytest.mark.parametrize(
        ("returned", "reported", "metrics"),
        [
            ({"loss": 1, "acc": np.float64(0.5)}, {}, {"loss": 1.0, "acc": 0.5}),
            (np.int64(3), {}, {"loss": 3.0}),
            (None, {"loss": 2.0, "acc": 1.0}, {"loss": 2.0, "acc": 1.0}),
            ({"loss": 1.0}, {"loss": 2.0, "acc": 1.0}, {"loss": 1.0, "acc": 1.0}),
            ({"size": 1.0}, {"loss": 2.0}, {"size": 1.0, "loss": 2.0}),
            (np.array(0.25), {}, {"loss": 0.25}),
        ],
    )
    def test_the_returned_value_counts_else_the_last_report(
        self, returned: object, reported: dict[str, float], metrics: dict[str, float]
    ) -> None:
        assert settle(returned, reported, "loss", "mine:run") == metrics

    def test_nan_is_kept(self) -> None:
        """Such a trial is recorded and not ranked; losing it would run it again for ever."""
        assert np.isnan(settle(float("nan"), {}, "loss", "mine:run")["loss"])

    @pytest.mark.parametrize(
        ("returned", "reported", "said"),
        [
            (None, {}, "mine:run returned nothing and reported nothing, and the study's metric is loss"),
            ({}, {}, "mine:run returned an empty mapping and reported nothing, and the study's metric is loss"),
            ({"los": 1}, {}, "mine:run returned los and reported nothing, and the study's metric is loss; did you mean los?"),
            (None, {"acc": 1.0}, "mine:run returned nothing and reported acc, and the study's metric is loss"),
            ({"loss": "low"}, {}, "mine:run returned loss = 'low' (str): a metric is a number"),
            ({"loss": None}, {}, "mine:run returned loss = None (NoneType): a metric is a number"),
            ({"loss": np.zeros(3)}, {}, "mine:run returned loss = array([0., 0., 0.]): a metric is one number, not many"),
            ({"loss": 10**400}, {}, "int too large to convert to float"),
            ({"loss": 1j}, {}, "mine:run returned loss = 1j (complex): a metric is a number"),
            ({3: 1.0}, {}, "mine:run returned a metric named 3: a name is text of 1 to 250 characters"),
            (
                {"loss": 1.0, "acc\udce9": 1.0},
                {},
                r"mine:run returned a metric named 'acc\udce9': \udce9 is half a character, as in the name of a file in "
                "another encoding; write it in whole ones",
            ),
            ([1.0], {}, "mine:run returned a list; return {'loss': number}, or a number"),
            (object, {}, "mine:run returned loss = <class 'object'> (type): a metric is a number"),
        ],
    )
    def test_what_is_no_metric_is_a_sentence(self, returned: object, reported: dict[str, float], said: str) -> None:
        with pytest.raises(ObjectiveError) as caught:
            settle(returned, reported, "loss", "mine:run")
        assert said in str(caught.value)
        # Of which a few end the search: told apart from a trial that has nothing to tell.
        assert isinstance(caught.value, OtherMetricsError) == ("the study's metric is" in said and bool(returned or reported))

    def test_too_many_metrics(self) -> None:
        with pytest.raises(ObjectiveError, match=r"the function returned 2,000 metrics: at most 1,000 are kept"):
            as_metrics({f"m{index}": 1.0 for index in range(2000)}, "the function returned")

    def test_what_the_function_raises_goes_through(self, tmp_path: Path) -> None:
        with pytest.raises(ZeroDivisionError):
            run(tmp_path, "def run(params): return 1 / 0")


def test_a_users_file_is_not_taken_for_pythons_own_module(tmp_path: Path) -> None:
    """A cmd.py beside the spec was run by whoever imported pdb next: by Ray, with Ray's arguments."""
    (tmp_path / "cmd.py").write_text("raise SystemExit('run by mistake')\n")
    script = (
        f"import sys\nfrom hpsearch.trainables.importing import put_first\nput_first({str(tmp_path)!r})\n"
        "import pdb, cmd\nassert cmd.__file__ and 'site' not in cmd.__file__, cmd.__file__\nprint(sys.path.index(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_a_module_that_is_pythons_own_is_said_to_be(tmp_path: Path) -> None:
    text = "trial: {function: 'cmd:run'}\nmetric: {name: loss, mode: min}\nspace: {a: [1]}\n"
    (tmp_path / "cmd.py").write_text("def run(a): return {'loss': a}\n")
    assert problems_of(text, tmp_path) == [
        "trial.function = cmd:run: cmd has no run; it is a module of Python's own: give your file another name"
    ]
