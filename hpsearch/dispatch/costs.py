"""What trials are expected to take, learned anew as results come in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from hpsearch.core.values import Params
from hpsearch.plan import CostModel, Timed

KEPT = 500
"""The newest trials, which are learned from; fewer where they have very many parameters: whoever hands in waits for it."""
_VALUES = 20_000


class Costs:
    """The model of the newest trials that were measured. Learned again whenever half as many have come as it knows of.

    Args:
        measured: trials of earlier runs, the oldest first.
    """

    def __init__(self, measured: Iterable[Timed] = ()) -> None:
        self._measured = deque(measured, maxlen=KEPT)
        self._learn()

    def after(self, params: Params, seconds: float) -> None:
        """A further trial has taken `seconds`."""
        self._measured.append((params, seconds))
        self._unlearned += 1
        if self.model is None or 2 * self._unlearned >= self.model.measured:
            self._learn()

    def _learn(self) -> None:
        values = max((len(params) for params, _ in self._measured), default=1)
        newest = list(self._measured)[-max(1, _VALUES // max(1, values)) :]
        self.model, self._unlearned = CostModel.of(newest), 0
