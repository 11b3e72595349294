"""What trials are expected to take, learned anew as results come in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from hpsearch.core.values import Params
from hpsearch.plan import CostModel, Timed

KEPT = 500
"""The newest trials, which are learned from; fewer where they have very many parameters: whoever hands in waits for it."""
_VALUES = 20_000

_QUICK_S = 0.001
"""Trials that take less on average are taken for alike: to learn which of them take longer costs more than it saves."""
_SETTLED = 100  # quick trials whose mean will do until slower ones come
_WORTH_S = 30.0  # of trials, beside which learning costs nothing


class Costs:
    """The model of the newest trials that were measured.

    Learned again whenever a quarter as many have come as there were before, so that many trials cost few times of it; and of
    trials that take long, whenever half as many have come as it knows of.

    Args:
        measured: trials of earlier runs, the oldest first.
    """

    def __init__(self, measured: Iterable[Timed] = ()) -> None:
        self._measured = deque(measured, maxlen=KEPT)
        self._seen = len(self._measured)
        self.model: CostModel | None = None
        self._learn()

    def after(self, params: Params, seconds: float) -> None:
        """A further trial has taken `seconds`."""
        self._measured.append((params, seconds))
        self._seen += 1
        self._unlearned += 1
        self._unlearned_s += seconds
        if self.model is None or self._is_due(self.model):
            self._learn()

    def _is_due(self, model: CostModel) -> bool:
        if 4 * self._unlearned >= self._seen - self._unlearned:
            return True
        is_cheap = model.mean_s < _QUICK_S or self._unlearned_s >= _WORTH_S
        return is_cheap and 2 * self._unlearned >= model.measured

    def _learn(self) -> None:
        self._unlearned, self._unlearned_s = 0, 0.0
        values = max((len(params) for params, _ in self._measured), default=1)
        newest = list(self._measured)[-max(1, _VALUES // max(1, values)) :]
        if sum(seconds for _, seconds in newest) >= _QUICK_S * len(newest):
            self.model = CostModel.of(newest)
        elif self.model is None or self.model.mean_s >= _QUICK_S or self.model.measured < _SETTLED:
            # Otherwise it stays the very same, by which whoever has it knows that all is as it was.
            self.model = CostModel.alike(newest)
