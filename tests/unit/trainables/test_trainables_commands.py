"""Command trials: what a program is given, what is taken from it, and what is said of one that does not do as it should."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from trainables_builders import RememberingRun, problems_of, spec_of, trial_of

from hpsearch.core.errors import ObjectiveError, OtherMetricsError
from hpsearch.trainables import build, prepare
from hpsearch.trainables.commands import fill, text_of

SPEC = """
trial:
  command: {command}
  fixed: {{depth: 3}}
metric: {{name: loss, mode: min}}
space: {{lr: [0.1, 0.2]}}
"""
REPORT = "import json, os, sys\ndef report(**what):\n    print(json.dumps(what), file=open(os.environ['HPSEARCH_REPORT'], 'a'))\n"


class Run(RememberingRun):
    """A run with a scratch folder, which keeps what is in a reported checkpoint."""

    def __init__(self, scratch: Path, restored: Path | None = None, **options: Any) -> None:
        scratch.mkdir(exist_ok=True)
        super().__init__(scratch, **options)
        self._restored = restored
        self.checkpoints: list[list[str]] = []

    def restored(self) -> Path | None:
        return self._restored

    def report(self, metrics: Any, step: float, checkpoint: Path | None = None) -> None:
        super().report(metrics, step, checkpoint)
        if checkpoint is not None:
            self.checkpoints.append([path.name for path in checkpoint.iterdir()])


def run_trial(
    folder: Path,
    source: str = "",
    command: str = "python train.py",
    *,
    params: dict[str, Any] | None = None,
    seed: int = 0,
    run: Run | None = None,
    spec: str = SPEC,
) -> dict[str, float]:
    """The metrics of one trial whose train.py is `source`, with `report(name=number)` in it."""
    (folder / "train.py").write_text(REPORT + source)
    prepared = prepare(spec_of(spec.format(command=command), folder))
    objective = build(prepared.program, prepared.table)
    run = run or Run(Path(tempfile.mkdtemp(dir=folder)))
    return dict(objective.evaluate(trial_of(prepared, params or {"lr": 0.1}, seed), run).metrics)


class TestArguments:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (3, "3"),
            (1e-05, "1e-05"),
            (0.1, "0.1"),
            (True, "true"),
            (None, "null"),
            ("two words", "two words"),
            ('a "b" \' $c', 'a "b" \' $c'),
            ((1, 2.5, "é"), '[1, 2.5, "é"]'),
            ({"a": True}, '{"a": true}'),
        ],
    )
    def test_how_values_are_written(self, value: Any, text: str) -> None:
        assert text_of(value) == text

    def test_a_value_is_one_argument_whatever_it_holds(self, tmp_path: Path) -> None:
        odd = "a b  'c' \"d\" ; $HOME * {lr}\n-e"
        source = f"report(loss=len(sys.argv), same=sys.argv[1:] == ['--name=' + {odd!r}, {odd!r}, '{{}}', '0.1'])"
        spec = SPEC.replace("depth: 3", "odd: " + json.dumps(odd).replace("{", "{{").replace("}", "}}"))
        command = "python train.py --name={odd} {odd} {{}} {lr}"
        metrics = run_trial(tmp_path, source, command, params={"lr": 0.1, "odd": odd}, spec=spec)
        assert metrics == {"loss": 5.0, "same": 1.0}

    def test_args_are_all_parameters_there_are(self) -> None:
        words = ["train.py", "{args}", "--last"]
        assert fill(words, {"lr": 0.1, "name": "a b"}, 0) == ["train.py", "--lr", "0.1", "--name", "a b", "--last"]
        assert fill(words, {}, 0) == ["train.py", "--last"]

    def test_the_seed_is_the_trial_s_unless_a_parameter_is_called_so(self) -> None:
        assert fill(["{seed}"], {}, 7) == ["7"]
        assert fill(["{seed}"], {"seed": 1}, 7) == ["1"]

    @pytest.mark.parametrize(
        ("words", "params", "said"),
        [
            (["{lr}"], {}, "the command names lr, and this configuration has no such parameter"),
            (["{lr}"], {"lr": "a\0b"}, "the argument 'a\\x00b' holds a NUL character, which no program can be given"),
        ],
    )
    def test_what_no_program_can_be_given(self, words: list[str], params: dict[str, Any], said: str) -> None:
        with pytest.raises(ObjectiveError) as caught:
            fill(words, params, 0)
        assert str(caught.value) == said

    def test_too_much_for_a_program_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(ObjectiveError, match="cannot be started: Argument list too long"):
            run_trial(tmp_path, "report(loss=1)", params={"lr": "x" * 200_000})


class TestEnvironment:
    def test_what_the_program_finds(self, tmp_path: Path) -> None:
        source = """
names = ["PARAMS", "SEED", "CHECKPOINT", "TRIAL_DIR"]
names = [*(f"HPSEARCH_{name}" for name in names), "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES"]
json.dump({"cwd": os.getcwd(), **{name: os.environ[name] for name in names}}, open("seen.json", "w"))
assert sys.stdin.read() == ""
report(loss=1)
"""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CUDA_VISIBLE_DEVICES", "1,3")
            run_trial(tmp_path, source, seed=4, run=Run(tmp_path / "scratch", tmp_path / "kept", cpus=2))
        seen = json.loads((tmp_path / "seen.json").read_text())
        assert json.loads(seen.pop("HPSEARCH_PARAMS")) == {"depth": 3, "lr": 0.1}
        assert seen == {
            "cwd": str(tmp_path),
            "HPSEARCH_SEED": "4",
            "HPSEARCH_CHECKPOINT": str(tmp_path / "kept"),
            "HPSEARCH_TRIAL_DIR": str(tmp_path / "scratch"),
            "OMP_NUM_THREADS": "2",
            "CUDA_VISIBLE_DEVICES": "1,3",
        }

    def test_without_a_checkpoint_the_variable_is_empty(self, tmp_path: Path) -> None:
        assert run_trial(tmp_path, "report(loss=len(os.environ['HPSEARCH_CHECKPOINT']))") == {"loss": 0.0}


class TestReports:
    def test_reports_are_recorded_and_the_last_of_each_name_counts(self, tmp_path: Path) -> None:
        run = Run(tmp_path / "scratch")
        source = "report(loss=3, acc=0.5)\nreport(step=10, loss=2)\nreport(loss=1)\n"
        assert run_trial(tmp_path, source, run=run) == {"loss": 1.0, "acc": 0.5}
        assert run.reports == [(1.0, {"loss": 3.0, "acc": 0.5}), (10.0, {"loss": 2.0}), (11.0, {"loss": 1.0})]

    def test_a_report_is_seen_while_the_program_runs(self, tmp_path: Path) -> None:
        """Early stopping would come too late otherwise. The program goes on only when its first report has arrived."""

        class Answering(Run):
            def report(self, metrics: Any, step: float, checkpoint: Path | None = None) -> None:
                super().report(metrics, step, checkpoint)
                (self.scratch / "seen").touch()

        source = """
import pathlib, time
report(loss=2)
while not (pathlib.Path(os.environ["HPSEARCH_TRIAL_DIR"]) / "seen").exists():
    time.sleep(0.01)
report(loss=1)
"""
        assert run_trial(tmp_path, source, run=Answering(tmp_path / "scratch")) == {"loss": 1.0}

    def test_a_checkpoint_is_kept_and_of_several_at_once_the_last(self, tmp_path: Path) -> None:
        run = Run(tmp_path / "scratch")
        source = """
import pathlib
old, new = pathlib.Path(os.environ["HPSEARCH_TRIAL_DIR"], "old"), pathlib.Path("new")
new.mkdir()
(new / "state").touch()
lines = [{"step": 1, "loss": 2, "checkpoint": str(old)}, {"step": 2, "loss": 1, "checkpoint": "new"}, {"step": 3, "loss": 0}]
open(os.environ["HPSEARCH_REPORT"], "a").write("".join(json.dumps(line) + "\\n" for line in lines))
"""
        assert run_trial(tmp_path, source, run=run) == {"loss": 0.0}
        assert [step for step, _ in run.reports] == [1.0, 2.0, 3.0]
        assert run.checkpoints == [["state"]]

    def test_a_checkpoint_that_vanishes_costs_itself_alone(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        class Vanishing(Run):
            def report(self, metrics: Any, step: float, checkpoint: Path | None = None) -> None:
                if checkpoint is not None:
                    raise FileNotFoundError(checkpoint)
                super().report(metrics, step, checkpoint)

        assert run_trial(tmp_path, "report(loss=1, checkpoint='x')", run=Vanishing(tmp_path / "scratch")) == {"loss": 1.0}
        assert "was changed while it was being kept; it is left out" in capsys.readouterr().err

    def test_printed_lines_with_the_metric_are_reports(self, tmp_path: Path) -> None:
        run = Run(tmp_path / "scratch")
        source = (
            'print(json.dumps({"lr": 1}))\nprint("loss", {})\nprint(\'{"loss": 2, "step": 5}\')\nprint(json.dumps({"loss": 1}))'
        )
        assert run_trial(tmp_path, source, run=run) == {"loss": 1.0}
        assert run.reports == [(5.0, {"loss": 2.0}), (6.0, {"loss": 1.0})]

    def test_where_the_file_is_used_printed_lines_are_none(self, tmp_path: Path) -> None:
        assert run_trial(tmp_path, "report(loss=1)\nprint(json.dumps({'loss': 2, 'acc': 1}))") == {"loss": 1.0}

    def test_a_last_line_without_its_end_counts(self, tmp_path: Path) -> None:
        assert run_trial(tmp_path, "open(os.environ['HPSEARCH_REPORT'], 'a').write('\\n{\"loss\": 3}')") == {"loss": 3.0}
        assert run_trial(tmp_path, "sys.stdout.write('{\"loss\": 4}')") == {"loss": 4.0}

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("loss 3", "line 2 of HPSEARCH_REPORT, loss 3: is no JSON (Expecting value: line 1 column 1 (char 0)); a report is"),
            ("[1]", 'line 2 of HPSEARCH_REPORT, [1]: is no JSON object; a report is one line, {"step": 3, "loss": 0.2}'),
            (
                '{"loss": "low"}',
                'line 2 of HPSEARCH_REPORT, {"loss": "low"}: it reports loss = \'low\' (str): a metric is a number',
            ),
            ('{"loss": null}', 'line 2 of HPSEARCH_REPORT, {"loss": null}: it reports loss = None (NoneType): a metric is a'),
            ('{"step": "a"}', 'line 2 of HPSEARCH_REPORT, {"step": "a"}: it reports step = \'a\' (str)'),
            ('{"checkpoint": 3}', 'line 2 of HPSEARCH_REPORT, {"checkpoint": 3}: checkpoint is a folder\'s path'),
        ],
    )
    def test_a_line_that_is_no_report_is_shown(self, tmp_path: Path, line: str, said: str) -> None:
        """At once: the program would run for hours, and none of it would count."""
        source = f"report(loss=1)\nprint({line!r}, file=open(os.environ['HPSEARCH_REPORT'], 'a'))\nimport time\ntime.sleep(60)"
        with pytest.raises(ObjectiveError) as caught:
            run_trial(tmp_path, source)
        assert str(caught.value).startswith(said)

    def test_a_file_that_is_written_anew_is_said(self, tmp_path: Path) -> None:
        source = "report(loss=1, acc=1)\nimport time\ntime.sleep(0.5)\nopen(os.environ['HPSEARCH_REPORT'], 'w').write('{}')\n"
        with pytest.raises(ObjectiveError, match="was written anew, and what stood there is lost; open it to append"):
            run_trial(tmp_path, source)

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            (
                "",
                'python train.py reported nothing, and the study\'s metric is loss; append {"loss": 0.2} lines to the file that'
                " HPSEARCH_REPORT names, or print them",
            ),
            ("report(los=1, acc=2)", "python train.py reported acc, los, and the study's metric is loss; did you mean los?"),
        ],
    )
    def test_a_program_that_does_not_report_the_metric(self, tmp_path: Path, source: str, said: str) -> None:
        with pytest.raises(ObjectiveError) as caught:
            run_trial(tmp_path, source)
        assert str(caught.value) == said
        assert isinstance(caught.value, OtherMetricsError) == bool(source)


class TestFailing:
    def test_an_exit_code_with_the_last_of_standard_error(self, tmp_path: Path) -> None:
        with pytest.raises(ObjectiveError) as caught:
            run_trial(tmp_path, "print('begun')\nreport(loss=1)\nraise ValueError('too deep')")
        first, *tail = str(caught.value).splitlines()
        assert first == "python train.py ended with exit code 1: ValueError: too deep"
        assert tail[0] == "  | Traceback (most recent call last):"
        assert tail[-1] == "  | ValueError: too deep"

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ("sys.exit(3)", "python train.py ended with exit code 3"),
            ("print('out')\nsys.exit(3)", "python train.py ended with exit code 3: out"),
            ("os.kill(os.getpid(), 11)", "python train.py ended by SIGSEGV"),
            ("os.kill(os.getpid(), 9)", "python train.py ended by SIGKILL, as the system does when memory runs out"),
            ("os.kill(os.getpid(), 40)", "python train.py ended by signal 40"),
            ("open(os.environ['HPSEARCH_REPORT'], 'a').write('{\"lo')\nsys.exit(2)", "python train.py ended with exit code 2"),
        ],
    )
    def test_how_a_program_ended(self, tmp_path: Path, source: str, said: str) -> None:
        with pytest.raises(ObjectiveError) as caught:
            run_trial(tmp_path, source)
        assert str(caught.value) == said

    def test_a_file_that_is_no_program(self, tmp_path: Path) -> None:
        (tmp_path / "odd").write_bytes(b"\0\1\2")
        (tmp_path / "odd").chmod(0o700)
        with pytest.raises(ObjectiveError, match=r"^./odd cannot be started: Exec format error$"):
            run_trial(tmp_path, command="./odd")


class TestBeforeTheStart:
    @pytest.mark.parametrize(
        ("command", "space", "said"),
        [
            (
                "python train.py {lrr} {zzz}",
                "lr: [0.1]",
                [
                    "trial.command: {lrr} is neither in space nor in trial.fixed; did you mean lr?",
                    "trial.command: {zzz} is neither in space nor in trial.fixed; the parameters are depth, lr",
                ],
            ),
            (
                "python train.py {rate}",
                "booster: {choice: {dart: {rate: [1]}, tree: {}, goss: {rate: [2]}}}",
                [
                    "trial.command: {rate} exists only where booster is dart or booster is goss, and a command names what every"
                    " configuration has; write {args}, which passes what there is, or read HPSEARCH_PARAMS in the program"
                ],
            ),
            ("python train.py {rate}", "booster: {choice: {dart: {rate: [1]}, tree: {rate: [2]}}}", []),
            ("python train.py {depth} {seed} {args}", "lr: [0.1]", []),
            (
                "python train.py {args}",
                "args: [0.1]",
                ["trial.command: {args} is all parameters; give the one that space.args calls args another name"],
            ),
            ("python trian.py", "lr: [0.1]", ["trial.command: there is no trian.py in FOLDER; did you mean train.py?"]),
            (
                "python -W ignore -u lib/x.py",
                "lr: [0.1]",
                ["trial.command: there is no lib/x.py in FOLDER; FOLDER/lib is no folder"],
            ),
            ("python fit.sh", "lr: [0.1]", ["trial.command: there is no fit.sh in FOLDER; it is looked for from there"]),
            (
                "python /nowhere/mnist.py",
                "lr: [0.1]",
                ["trial.command: there is no /nowhere/mnist.py on this machine; /nowhere is no folder"],
            ),
            ("python /mnist.py", "lr: [0.1]", ["trial.command: there is no /mnist.py on this machine"]),
            (
                "/nowhere/mnist.sh",
                "lr: [0.1]",
                ["trial.command = /nowhere/mnist.sh: there is no such file on this machine; /nowhere is no folder"],
            ),
            ("/usr", "lr: [0.1]", ["trial.command = /usr: is a folder; name the program in it"]),
            ("python -m trian", "lr: [0.1]", []),  # a module may be anywhere
            (
                "pyhton train.py",
                "lr: [0.1]",
                ["trial.command = pyhton: there is no such program on PATH, nor in FOLDER; did you mean"],
            ),
            (
                "X=1 python train.py",
                "lr: [0.1]",
                [
                    "trial.command = X=1: there is no such program on PATH, nor in FOLDER; a variable is set by env:"
                    " env NAME=VALUE program"
                ],
            ),
            (
                "./trian.py",
                "lr: [0.1]",
                [
                    "trial.command = ./trian.py: there is no such file; did you mean train.py?; the program is looked for from"
                    " the spec's folder, FOLDER"
                ],
            ),
            (
                "./train.py",
                "lr: [0.1]",
                ["trial.command = ./train.py: FOLDER/train.py is not executable; write python ./train.py"],
            ),
            ("\"''\"", "lr: [0.1]", ["trial.command: the program's name is empty"]),
            ("[pythom, '{no}']", "lr: [0.1]", ["trial.command[0] = pythom: there is", "trial.command[1]: {no} is neither"]),
        ],
    )
    def test_what_cannot_run(self, tmp_path: Path, command: str, space: str, said: list[str]) -> None:
        (tmp_path / "train.py").touch()
        spec = f"trial:\n  command: {command}\n  fixed: {{depth: 3}}\nmetric: {{name: loss, mode: min}}\nspace: {{{space}}}\n"
        found = [problem.replace(str(tmp_path), "FOLDER") for problem in problems_of(spec, tmp_path)]
        assert len(found) == len(said)
        assert all(problem.startswith(start) for problem, start in zip(found, said, strict=True)), found

    def test_a_python_that_is_nowhere_is_the_one_that_runs_hpsearch(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        where = "report(loss=1, same=os.path.samefile(sys.executable, os.environ['WANTED']))"
        monkeypatch.setenv("WANTED", sys.executable)
        assert run_trial(tmp_path, where) == {"loss": 1.0, "same": 1.0}
        (tmp_path / "python").write_text(f'#!/bin/sh\nexec {sys.executable} -c \'print("{{\\"loss\\": 2}}")\'\n')
        (tmp_path / "python").chmod(0o700)
        assert run_trial(tmp_path, "report(loss=1)") == {"loss": 2.0}
