"""Who watches a run."""

from __future__ import annotations

from typing import Protocol

from hpsearch.dispatch.messages import Progress
from hpsearch.tracking import Delivery


class Events(Protocol):
    """Who watches a run. Called from one thread."""

    def phase(self, text: str) -> None:
        """What begins now."""

    def warn(self, text: str) -> None: ...

    def progress(self, progress: Progress) -> None: ...

    def delivered(self, delivery: Delivery) -> None: ...


class Silent:
    """Nobody watches."""

    def phase(self, text: str) -> None: ...

    def warn(self, text: str) -> None: ...

    def progress(self, progress: Progress) -> None: ...

    def delivered(self, delivery: Delivery) -> None: ...
