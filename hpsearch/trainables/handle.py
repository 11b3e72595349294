"""What a function trial is handed: `hpsearch.Trial`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from hpsearch.core.errors import ObjectiveError
from hpsearch.trainables.metrics import as_float, as_metrics


class TrialRun(Protocol):
    """What the worker gives a running trial."""

    @property
    def scratch(self) -> Path:
        """The trial's own folder: made when first asked for, removed after the trial."""

    @property
    def cpus(self) -> float: ...

    @property
    def gpus(self) -> float: ...

    def restored(self) -> Path | None:
        """A folder with the newest checkpoint of an earlier attempt at this trial; None where there is none."""

    def report(self, metrics: Mapping[str, float], step: float, checkpoint: Path | None = None) -> None:
        """Record metrics on the way, and keep the content of the folder `checkpoint`. May raise to end the trial."""

    def attach(self, path: Path) -> None:
        """Keep a file as the trial's artifact."""


class TrialHandle:
    """One running trial, as its function sees it. Functions import neither Ray nor MLflow.

    Attributes:
        params: this trial's parameters, active and fixed.
        seed: the repeat's seed; the same for every configuration.
    """

    def __init__(
        self,
        *,
        run: TrialRun,
        params: Mapping[str, Any],
        seed: int,
        data: tuple[Any, Any] | None,
        splits: Sequence[tuple[Any, Any]] | None,
    ) -> None:
        self.params: dict[str, Any] = dict(params)
        self.seed = seed
        self.reported: dict[str, float] = {}
        self._run = run
        self._data = data
        self._splits = splits
        self._step = 0.0
        self._kept: dict[str, Path] = {}

    @property
    def data(self) -> tuple[Any, Any]:
        """(X, y) of the spec's data block; y is None without a target. Shared by all trials of the node: copy before changing.

        Raises:
            ObjectiveError: the spec has no data block.
        """
        if self._data is None:
            raise ObjectiveError("trial.data: the spec has no data block; add one, or load the data in the function")
        return self._data

    @property
    def splits(self) -> Sequence[tuple[Any, Any]]:
        """[(train rows, test rows), ...] of the spec's evaluate block, as index arrays; the same for every trial.

        Raises:
            ObjectiveError: the spec has no data block or no evaluate block.
        """
        if self._splits is None:
            raise ObjectiveError("trial.splits: the spec has no evaluate block, or no data block to split; add both")
        return self._splits

    @property
    def cpus(self) -> int | float:
        """CPUs the trial may use: a whole number where one was asked for."""
        return _whole(self._run.cpus)

    @property
    def gpus(self) -> int | float:
        """GPUs, or the fraction of one, that the trial may use."""
        return _whole(self._run.gpus)

    @cached_property
    def checkpoint(self) -> Path | None:
        """The folder of the newest checkpoint that an earlier attempt at this trial reported; None: begin afresh."""
        return self._run.restored()

    @property
    def dir(self) -> Path:
        """A folder of the trial's own, removed when it ends."""
        return self._run.scratch

    def report(self, metrics: Mapping[str, Any], step: float | None = None, checkpoint: Path | str | None = None) -> None:
        """Record metrics on the way to the result; may end the trial, so call it where stopping is fine.

        Args:
            metrics: {name: number}.
            step: how much of the trial's resource is spent (epochs, rounds); one more than the last report's where left out.
            checkpoint: the folder with the trial's state after this step. Its content is kept until the trial has ended; if
                its process is lost before, the next attempt finds it as `trial.checkpoint`.

        Raises:
            ObjectiveError: a metric that is no number.
        """
        values = as_metrics(metrics, "the trial reported")
        self._step = self._step + 1 if step is None else as_float(step, "step", "the trial reported")
        self.reported.update(values)
        self._run.report(values, self._step, None if checkpoint is None else Path(checkpoint))

    def log_artifact(self, path: Path | str) -> None:
        """Keep a copy of a file with the trial, under its own name. The same file again replaces the copy.

        Raises:
            ObjectiveError: there is no file at `path`, or another file of that name is kept already.
        """
        place = Path(path)
        if not place.is_file():
            what = "is a folder; keep its files one by one, or an archive of it" if place.is_dir() else "there is no such file"
            raise ObjectiveError(f"trial.log_artifact({str(place)!r}): {what}")
        kept = self._kept.setdefault(place.name, place.resolve())
        if kept != place.resolve():
            raise ObjectiveError(
                f"trial.log_artifact({str(place)!r}): the trial has kept another file of that name, {kept};"
                " artifacts are kept by name alone, so give this one another"
            )
        self._run.attach(place)


def _whole(amount: float) -> int | float:
    return int(amount) if float(amount).is_integer() else amount
