"""What each worker has at hand of first steps, and when a second worker had better begin with the same, too."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.dispatch.messages import WorkerInfo
from hpsearch.trainables import Kinship

_NONE = Kinship()
# So much of what it costs must be left to do when steps are fitted once more; half of that is won, by whoever comes second.
_WORTH = 0.25


@dataclass(slots=True)
class _Mean:
    total_s: float = 0.0
    n: int = 0

    def add(self, seconds: float) -> None:
        self.total_s, self.n = self.total_s + max(0.0, seconds), self.n + 1

    @property
    def seconds(self) -> float:
        return self.total_s / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True)
class _Hand:
    """A worker's: what it was leased last, on which node, since when (POSIX seconds), and whether it lacked those steps then."""

    kin: Kinship
    node: str
    since: float
    begins: bool


class Affinity:
    """Whose work is whose kin. Slots are the workers'; times are the dispatcher's clock, POSIX seconds."""

    def __init__(self) -> None:
        self._hands: dict[str, _Hand] = {}
        self._beginning = _Mean()  # how long trials take that lack their first steps
        self._going_on = _Mean()  # and those that have them

    def of(self, slot: str) -> Kinship:
        """What the worker did last, and still has at hand."""
        return self._hands[slot].kin if slot in self._hands else _NONE

    def beside(self, slot: str) -> list[Kinship]:
        """What the other workers are at."""
        return [hand.kin for other, hand in self._hands.items() if other != slot and hand.kin.prefixes]

    def leased(self, worker: WorkerInfo, kin: Kinship, now: float) -> bool:
        """Whether the worker lacks the steps of what it is leased now: it fits them, or waits for those who are at it."""
        begins = kin.prefixes != self.of(worker.slot).prefixes
        self._hands[worker.slot] = _Hand(kin, worker.node, now, begins)
        return begins

    def took(self, seconds: float, *, begins: bool) -> None:
        """A trial took so long from its begin to its end, of those that lacked their first steps (`begins`) or had them."""
        (self._beginning if begins else self._going_on).add(seconds)

    def lost(self, slot: str) -> None:
        """The worker has nothing any more: it is gone."""
        self._hands.pop(slot, None)

    def is_worth_joining(self, kin: Kinship, waiting: int, now: float, node: str, *, divides: bool) -> bool:
        """Whether a worker that begins with these steps, too, is ready well before those that have them are through.

        It is where they are fitted once a node and somebody on its node is at them: it takes the folds that are fitted, and fits
        some of the others in the meantime. Else it has to fit all of them once more.

        Args:
            waiting: trials not leased yet that begin with the same steps.
            node: the worker's; `divides`: whether workers there take such steps from one another.

        Until a trial of each sort has ended nothing is known, and nobody is kept waiting.
        """
        if not self._beginning.n or not self._going_on.n:
            return True
        busy = [hand for hand in self._hands.values() if hand.kin.prefixes == kin.prefixes]
        if not busy or (divides and any(hand.node == node for hand in busy)):
            return True
        fit_s = self._beginning.seconds
        left_s = min(max(0.0, fit_s - (now - hand.since)) if hand.begins else 0.0 for hand in busy)
        return left_s + waiting * self._going_on.seconds / len(busy) > (1 + _WORTH) * fit_s
