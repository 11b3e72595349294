"""Command trials: the command line of a trial, its program's environment, and what becomes of what the program says."""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import shlex
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from hpsearch.core.errors import ObjectiveError, OtherMetricsError
from hpsearch.core.groups import nested
from hpsearch.core.names import did_you_mean, listed
from hpsearch.core.trial import Evaluation, Trial
from hpsearch.core.values import Params, Value
from hpsearch.spec.command import ALL, Named, literal, parts_of
from hpsearch.trainables.command_code import find_program, moved
from hpsearch.trainables.handle import TrialHandle, TrialRun
from hpsearch.trainables.processes import ERR, OUT, Ended, RunningProgram
from hpsearch.trainables.reports import ReportFile, ReportLine, is_report, read_line
from hpsearch.trainables.snapshot import CodeSnapshot
from hpsearch.trainables.threads import thread_environment

# `{seed}` is the trial's, where no parameter is called so.
SEED = "seed"

_LOOK_EVERY_S = 0.1
_LONG_LINE = 64 * 1024
_TAIL_LINES = 15
_TAIL_CHARACTERS = 1500


def text_of(value: Value) -> str:
    """A parameter's value as an argument: a text as it is, anything else as JSON writes it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def fill(words: Sequence[str], params: Params, seed: int) -> list[str]:
    """The arguments of a trial: one for each word, but for `{args}`, which is two for each parameter.

    Raises:
        ObjectiveError: a word names a parameter that is not there; a value holds a NUL character.
    """
    arguments: list[str] = []
    for word in words:
        if word == f"{{{ALL}}}":
            arguments += [each for name, value in params.items() for each in (f"--{name}", text_of(value))]
        else:
            arguments.append("".join(_part(part, params, seed) for part in parts_of(word)))
    if bad := next((argument for argument in arguments if "\0" in argument), None):
        raise ObjectiveError(f"the argument {bad!r} holds a NUL character, which no program can be given")
    return arguments


def _part(part: str | Named, params: Params, seed: int) -> str:
    if isinstance(part, str):
        return part
    if part.name not in params and part.name != SEED:
        raise ObjectiveError(f"the command names {part.name}, and this configuration has no such parameter")
    return text_of(params.get(part.name, seed))


class CommandObjective:
    """A program that is started once a trial.

    Args:
        title: what messages call it: "python train.py".
        code: the study's own files; its folder is the spec's.
        metric: the study's.

    Raises:
        Finding: the program is not there.
    """

    def __init__(self, words: Sequence[str], title: str, code: CodeSnapshot, metric: str) -> None:
        self._words = words
        self._title = title
        self._code = code
        self._metric = metric
        self._program(code.place())

    def expect(self, trials: Sequence[Trial]) -> None:
        """Nothing: what these do in common is their own affair."""

    def evaluate(self, trial: Trial, run: TrialRun) -> Evaluation:
        """What the program last reported under each name.

        Raises:
            ObjectiveError: it did not end with exit code 0, did not report the study's metric, or a report is none.
        """
        handle = TrialHandle(run=run, params=trial.params, seed=trial.seed, data=None, splits=None)
        # Each time: the files may be edited while the study runs, and what is recorded is who a trial was at its start.
        place = self._code.place()
        folder = self._folder(place, run)
        words = [moved(word, self._code, place) for word in self._words]
        command = [str(self._program(place)), *fill(words[1:], trial.params, trial.seed)]
        reports = run.scratch / "reports.jsonl"
        reports.touch()
        said = _Said(handle, ReportFile(reports), self._metric, folder)
        print(f"$ {shlex.join(command)}", flush=True)
        with RunningProgram(command, folder, _environment(trial, handle, reports)) as program:
            for stream, content in program.output(_LOOK_EVERY_S):
                said.take(stream, content)
        succeeded = program.ended.code == 0
        # Of a program that failed, its end is what to tell, and not the line that it could not write to the end.
        with contextlib.nullcontext() if succeeded else contextlib.suppress(ObjectiveError):
            said.close()
        if not succeeded:
            raise ObjectiveError(self._failure(program.ended, said.last_lines()))
        if self._metric not in handle.reported:
            lacking = OtherMetricsError if handle.reported else ObjectiveError
            raise lacking(self._lacking(handle.reported))
        return Evaluation(dict(handle.reported))

    def _program(self, place: Path) -> Path:
        word = literal(self._words[0]) or ""
        own = place / word
        if place != Path(self._code.folder) and own.is_file():
            own.chmod(0o700)  # a snapshot holds contents alone
        return find_program(word, place, "trial.command")

    def _folder(self, place: Path, run: TrialRun) -> Path:
        """Where the program runs: in the spec's folder; where that is not there, or a module has changed in it, in the copy."""
        folder = Path(self._code.folder)
        if folder.is_dir() and (place == folder or "-m" not in self._words):
            return folder
        return place if self._code.files else run.scratch

    def _failure(self, ended: Ended, last: Sequence[str]) -> str:
        end = f": {last[-1]}" if last else ""
        return "\n  | ".join([f"{self._title} {ended.why}{end}", *(last if len(last) > 1 else ())])

    def _lacking(self, reported: Mapping[str, float]) -> str:
        near = did_you_mean(self._metric, reported)
        fix = f'append {{"{self._metric}": 0.2}} lines to the file that HPSEARCH_REPORT names, or print them'
        what = f"reported {listed(reported)}" if reported else "reported nothing"
        return f"{self._title} {what}, and the study's metric is {self._metric}{near or f'; {fix}'}"


def _environment(trial: Trial, handle: TrialHandle, reports: Path) -> dict[str, str]:
    return {
        "PYTHONUNBUFFERED": "1",  # else what a Python program prints comes when it has ended, or not at all
        **os.environ,
        **thread_environment(handle.cpus),
        "HPSEARCH_PARAMS": json.dumps(nested(trial.params)),
        "HPSEARCH_SEED": str(trial.seed),
        "HPSEARCH_REPORT": str(reports),
        "HPSEARCH_CHECKPOINT": str(handle.checkpoint or ""),
        "HPSEARCH_TRIAL_DIR": str(handle.dir),
    }


class _Said:
    """What a program says: lines to the trial's log as they come, reports to the trial.

    Reports are the lines of its report file. While that has none, a printed line that has the study's metric is one too.
    """

    def __init__(self, handle: TrialHandle, reports: ReportFile, metric: str, folder: Path) -> None:
        self._handle = handle
        self._reports = reports
        self._metric = metric
        self._folder = folder
        self._lines = {OUT: _Lines(), ERR: _Lines()}
        self._last: dict[str, deque[str]] = {OUT: deque(maxlen=_TAIL_LINES), ERR: deque(maxlen=_TAIL_LINES)}

    def take(self, stream: str, content: bytes) -> None:
        self._report(list(self._reports.new()))
        if stream in self._lines:
            self._log(stream, self._lines[stream].take(content))

    def close(self) -> None:
        """The program has ended: what it left unfinished counts now."""
        for stream, lines in self._lines.items():
            self._log(stream, lines.rest())
        self._report(list(self._reports.new(ended=True)))

    def last_lines(self) -> list[str]:
        """Of standard error, or where that has none, of standard output."""
        text = "\n".join(self._last[ERR] or self._last[OUT])
        return text[-_TAIL_CHARACTERS:].splitlines()

    def _log(self, stream: str, text: str) -> None:
        if not text:
            return
        log = sys.stdout if stream == OUT else sys.stderr
        log.write(text)
        log.flush()
        lines = [line for line in text.replace("\r", "\n").split("\n") if line.strip()]
        self._last[stream].extend(lines[-_TAIL_LINES:])
        if stream == OUT and not self._reports.is_used:
            self._report([read_line(line, "standard output") for line in lines if is_report(line, self._metric)])

    def _report(self, lines: Sequence[ReportLine]) -> None:
        """Of several that have come together the last checkpoint is kept: the program may have removed the others."""
        last = max((index for index, line in enumerate(lines) if line.checkpoint is not None), default=None)
        for index, line in enumerate(lines):
            if index != last:
                self._handle.report(line.metrics, line.step)
                continue
            folder = self._folder / (line.checkpoint or "")
            try:
                self._handle.report(line.metrics, line.step, folder)
            except FileNotFoundError:
                print(f"the checkpoint {folder} was changed while it was being kept; it is left out", file=sys.stderr)
                self._handle.report(line.metrics, line.step)


class _Lines:
    """The whole lines of a stream of bytes; a progress bar's count, and so does the beginning of a very long one."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._begun = ""

    def take(self, content: bytes) -> str:
        text = self._begun + self._decoder.decode(content)
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        if len(text) - end > _LONG_LINE:
            end = len(text)
        self._begun = text[end:]
        return text[:end]

    def rest(self) -> str:
        text = self._begun + self._decoder.decode(b"", final=True)
        self._begun = ""
        return f"{text}\n" if text else ""
