"""Whether there is anything to deliver at all, told without MLflow: a study run again with nothing missing needs none of it."""

from __future__ import annotations

from hashlib import sha256

from hpsearch.core.clock import Clock
from hpsearch.core.errors import InfrastructureError
from hpsearch.core.values import digest
from hpsearch.ledger.records import EventKind, StudyRecord, StudyState
from hpsearch.tracking.parent import parent_tags
from hpsearch.tracking.settings import Settings
from hpsearch.tracking.source import Phase, Source
from hpsearch.tracking.state import MirrorState

POLL_S = 0.1
_SCAN = 1000
_OF_THE_STUDY = (EventKind.STUDY_BEGUN, EventKind.STUDY_ENDED)


def destination_of(settings: Settings, study: StudyRecord) -> str:
    """Digest of what mirror.db is about: another store, experiment or ledger has other runs."""
    uri = sha256(settings.uri.encode()).hexdigest()
    return digest({"uri": uri, "experiment": settings.experiment, "uid": study.uid})


def closing(study: StudyRecord, *, died: bool = False) -> str:
    """Digest of how a study's parent run stands once its run has ended. A driver's death is an interruption."""
    state = StudyState.INTERRUPTED if died else study.state
    tags = {**parent_tags(study, {}), "hpsearch.state": state.value}
    return digest({"tags": tags, "name": study.name, "dataset": [study.dataset, study.dataset_digest]})


def wait_for_work(settings: Settings, state: MirrorState, source: Source, clock: Clock, turn: int) -> bool:
    """Wait until MLflow lacks something (True), or the study's run has ended and it lacks nothing (False).

    For a study that MLflow already holds as an earlier run of it left it; any other has work at once. MLflow then learns
    nothing of a run that runs nothing.
    """
    while True:
        try:
            phase, study = source.look()
        except InfrastructureError:  # busy, perhaps: the mirror's own loop knows how to wait for it
            return True
        if study is None:
            return False
        if state.get("clean") is not True or state.text("destination") != destination_of(settings, study):
            return True
        cursor = state.number("cursor")
        if cursor > source.head():
            return True
        while events := source.events(cursor, _SCAN):
            if any(event.kind not in _OF_THE_STUDY for event in events):
                return True
            cursor = events[-1].seq
        if phase in (Phase.ENDED, Phase.ORPHANED):
            if state.text("closed") != closing(study, died=phase is Phase.ORPHANED):
                return True
            state.put({"cursor": cursor})
            return False
        if state.number("turn") != turn:
            return False
        clock.sleep(POLL_S)
