"""The errors a user can meet, one small tree.

HpsearchError                 exit 1: an internal error, unless a branch says otherwise
├── SpecError                 exit 2: the spec, the command line, or what they point at is wrong; holds every Problem
├── ObjectiveError            exit 3: too many trials failed, or none completed
│   └── OtherMetricsError     a trial's own: it gave metrics, and the study's is not among them
├── InfrastructureError       exit 4: no cluster, no tracking server, disk full, damaged ledger
│   ├── OutdatedLedgerError   exit 4: the ledger has an older schema, and was opened for reading alone
│   └── StaleOwnerError       exit 4: another process took the study over; this one must write nothing more
├── StudyHeldError            exit 5: another process holds the study
└── Interrupted               exit 130: Ctrl-C or SIGTERM; the study can be continued
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from hpsearch.core.names import legible, legible_lines

# A generated file can be wrong a hundred thousand times.
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that is said of an input: where it is, what stands there, and a sentence on it.

    `path` is the place in the spec ("space.learning_rate.low"), empty where the whole file is meant.
    `line` and `column` count from 1; 0 means that no position is known.
    """

    message: str
    path: str = ""
    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        where = ":".join([self.file, *(str(each) for each in (self.line, self.column) if each)]) if self.file else ""
        said = legible_lines(f"{self._joint}{self.message}")
        return "  ".join(part for part in (legible(where), f"{legible(self.path)}{said}") if part)

    @property
    def _joint(self) -> str:
        # "space.lr = 0: too small" reads on from the path; a bare sentence needs a colon.
        return "" if not self.path or self.message.startswith((" ", "=", ".", ":")) else ": "


@dataclass(frozen=True, slots=True)
class Problem(Remark):
    """One thing wrong with an input: the rule it breaks, and the fix."""


@dataclass(frozen=True, slots=True)
class Caution(Remark):
    """One thing that an input may say, and that somebody hardly meant; what it does, and what to write otherwise."""


R = TypeVar("R", bound=Remark)


def in_order(remarks: Iterable[R], noun: str = "problems") -> list[R]:
    """Each remark once, by file, in the order of its lines, those without a line last; at most SHOWN, and how many more."""
    once = sorted(dict.fromkeys(remarks), key=lambda each: (each.line == 0, each.file, each.line, each.column))
    if len(once) <= SHOWN:
        return once
    return [*once[:SHOWN], replace(once[0], message=f"and {len(once) - SHOWN} more {noun}", path="", line=0, column=0)]


class HpsearchError(Exception):
    """The root: what hpsearch raises on purpose. `exit_code` is the process's."""

    exit_code = 1


class SpecError(HpsearchError):
    """The input is wrong. Holds all problems found, not the first alone."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        if isinstance(problems, str):
            problems = [Problem(problems)]
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ObjectiveError(HpsearchError):
    """The trials themselves failed: more than `limits.failures`, or none completed."""

    exit_code = 3


class OtherMetricsError(ObjectiveError):
    """A trial gave metrics, and the study's own is not among them. The message names both, and no value."""


class InfrastructureError(HpsearchError):
    """What hpsearch stands on is missing or broken; says what and where."""

    exit_code = 4


class OutdatedLedgerError(InfrastructureError):
    """The ledger has an older schema, and was opened for reading: who opens it for writing brings it up to date."""


class StaleOwnerError(InfrastructureError):
    """A newer run owns the study; whoever gets this must not write again."""


class StudyHeldError(HpsearchError):
    """Another process runs this study; the message names its pid and host."""

    exit_code = 5


class Interrupted(HpsearchError):
    """Ended early on request. Nothing recorded is lost; run the spec again to continue."""

    exit_code = 130
