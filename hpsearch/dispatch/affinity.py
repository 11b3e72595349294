"""What each worker has at hand of the first steps that it fitted, and when a second worker is worth the same steps again."""

from __future__ import annotations

from dataclasses import dataclass

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
    """A worker's: of what it was leased last, since when (POSIX seconds), and whether it had to fit those steps for it."""

    kin: Kinship
    since: float
    begins: bool


class Affinity:
    """Whose work is whose kin. Slots are the workers'; times are the dispatcher's clock, POSIX seconds."""

    def __init__(self) -> None:
        self._hands: dict[str, _Hand] = {}
        self._beginning = _Mean()  # how long trials take that fit their first steps
        self._going_on = _Mean()  # and those that find them fitted

    def of(self, slot: str) -> Kinship:
        """What the worker did last, and still has at hand."""
        return self._hands[slot].kin if slot in self._hands else _NONE

    def beside(self, slot: str) -> list[Kinship]:
        """What the other workers are at."""
        return [hand.kin for other, hand in self._hands.items() if other != slot and hand.kin.prefixes]

    def leased(self, slot: str, kin: Kinship, now: float) -> bool:
        """Whether the worker has to fit steps for what it is leased now."""
        begins = kin.prefixes != self.of(slot).prefixes
        self._hands[slot] = _Hand(kin, now, begins)
        return begins

    def took(self, seconds: float, *, begins: bool) -> None:
        """A trial took so long from its begin to its end, of those that fit their first steps (`begins`) or found them fitted."""
        (self._beginning if begins else self._going_on).add(seconds)

    def lost(self, slot: str) -> None:
        """The worker has nothing any more: it is gone."""
        self._hands.pop(slot, None)

    def is_worth_joining(self, kin: Kinship, waiting: int, now: float) -> bool:
        """Whether a worker that fits these steps once more is ready well before those that have them are through.

        Args:
            waiting: trials not leased yet that begin with the same steps.

        Until a trial of each sort has ended nothing is known, and nobody is kept waiting.
        """
        if not self._beginning.n or not self._going_on.n:
            return True
        busy = [hand for hand in self._hands.values() if hand.kin.prefixes == kin.prefixes]
        if not busy:
            return True
        fit_s = self._beginning.seconds
        left_s = min(max(0.0, fit_s - (now - hand.since)) if hand.begins else 0.0 for hand in busy)
        return left_s + waiting * self._going_on.seconds / len(busy) > (1 + _WORTH) * fit_s
