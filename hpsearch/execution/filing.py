"""The files of trials in the study's folder, kept in step with what the dispatcher accepts."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from hpsearch.core.trial import TrialResult
from hpsearch.dispatch.dispatcher import Dispatcher
from hpsearch.dispatch.messages import HandIn, Reply
from hpsearch.execution.checkpoints import CheckpointFolder, completed


class Filing:
    """STUDY/artifacts and STUDY/checkpoints. A worker that was replaced changes neither: its successor may be further on."""

    def __init__(self, study: Path, dispatcher: Dispatcher) -> None:
        self._artifacts = study / "artifacts"
        self._checkpoints = CheckpointFolder(study)
        self._dispatcher = dispatcher

    def exchange(self, hand_in: HandIn) -> Reply:
        """The dispatcher's answer; artifacts are written before it records, so that a recorded result has its files."""
        ours = [result for result in hand_in.results if self._holds(hand_in, result)]
        for result in ours:
            self._save(result)
        bare = tuple(dataclasses.replace(result, attachments=()) for result in hand_in.results)
        reply = self._dispatcher.exchange(dataclasses.replace(hand_in, results=bare))
        self._checkpoints.drop(completed(ours))
        return reply

    def save_checkpoint(self, slot: str, incarnation: str, key: str, content: bytes) -> None:
        if self._dispatcher.holds(slot, incarnation, key):
            self._checkpoints.save(key, content)

    def load_checkpoint(self, key: str) -> bytes | None:
        return self._checkpoints.load(key)

    def _holds(self, hand_in: HandIn, result: TrialResult) -> bool:
        return self._dispatcher.holds(hand_in.slot, hand_in.incarnation, result.trial.key)

    def _save(self, result: TrialResult) -> None:
        """Where the mirror finds them: artifacts/KEY/. The newest attempt's count."""
        if not result.attachments:
            return
        target = self._artifacts / result.trial.key.replace(":", "-")
        target.mkdir(parents=True, exist_ok=True)
        for attachment in result.attachments:
            (target / attachment.name).write_bytes(attachment.content)
