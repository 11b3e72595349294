"""One study, an MLflow that fails on demand, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tracking_builders import Driver, FakeStore

from hpsearch.core.clock import ManualClock
from hpsearch.tracking.mirror import Mirror
from hpsearch.tracking.rest import wait_for_work
from hpsearch.tracking.settings import Settings
from hpsearch.tracking.source import Source
from hpsearch.tracking.state import MirrorState


class Stage:
    """One study, one fake MLflow, and mirrors made as the process makes them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock(1000.0)
        self.driver = Driver(folder, self.clock)
        self.store = FakeStore()
        self.state = MirrorState(folder / "mirror.db")
        self.sources: list[Source] = []

    def settings(self, **changes: object) -> Settings:
        fields = {
            "ledger": str(self.folder / "ledger.db"),
            "state": self.folder / "mirror.db",
            "uri": "http://localhost:1",
            "experiment": "svm",
            "folder": self.folder,
            "log": self.folder / "mirror.log",
        }
        return Settings(**{**fields, **changes})  # type: ignore[arg-type]

    def source(self) -> Source:
        self.sources.append(Source(str(self.folder / "ledger.db"), self.folder, self.clock))
        return self.sources[-1]

    def mirror(self, **changes: object) -> Mirror:
        settings = self.settings(**changes)
        return Mirror(
            settings,
            self.state,
            self.source(),
            self.clock,
            turn=self.state.take_turn(),
            open_store=lambda uri: self.store,  # type: ignore[arg-type, return-value]
        )

    def has_work(self) -> bool:
        return wait_for_work(self.settings(), self.state, self.source(), self.clock, self.state.number("turn"))

    def close(self) -> None:
        self.driver.close()
        self.state.close()
        for source in self.sources:
            source.close()


def open_stage(folder: Path) -> Iterator[Stage]:
    """A stage that is taken down after the test."""
    stage = Stage(folder)
    yield stage
    stage.close()
