"""What MLflow shall hold of the study itself: its parent run. Pure, like `content`.

The parent is one for the life of the study. What changes from run to run of it is logged with step = epoch, so that the
parent's charts show how the best value moved from one run to the next.
"""

from __future__ import annotations

from collections.abc import Mapping

from hpsearch.core.best import Best
from hpsearch.core.trial import Status
from hpsearch.ledger.records import StudyRecord, StudyState
from hpsearch.tracking.content import Point, RunContent, milliseconds, unique_key
from hpsearch.tracking.limits import TAG_CHARS, cut, key, value_text

PARENT_STATUS: Mapping[StudyState, str] = {
    StudyState.RUNNING: "RUNNING",
    StudyState.COMPLETED: "FINISHED",
    StudyState.FAILED: "FAILED",
    StudyState.INTERRUPTED: "KILLED",
}
_MANAGED = ("hpsearch.", "mlflow.")


def parent_tags(study: StudyRecord, common: Mapping[str, str]) -> dict[str, str]:
    """The tags that the parent carries from its beginning. The user's own never take the place of ours."""
    tags = {key(name): cut(value, TAG_CHARS) for name, value in study.tags.items() if not name.startswith(_MANAGED)}
    tags |= common
    tags |= {
        "hpsearch.role": "study",
        "hpsearch.metric": study.metric.name,
        "hpsearch.mode": study.metric.mode.value,
        "hpsearch.varying": cut(" ".join(study.varying), TAG_CHARS),
        "hpsearch.context": study.context,
        "hpsearch.state": study.state.value,
    }
    if study.planned is not None:
        tags["hpsearch.planned"] = str(study.planned)
    if study.description:
        tags["mlflow.note.content"] = cut(study.description, TAG_CHARS)
    return tags


def parent_content(
    study: StudyRecord, common: Mapping[str, str], *, killed_at: float | None, counts: Mapping[Status, int], best: Best | None
) -> RunContent:
    """The parent as it stands. `killed_at`: when the driver was found dead, for a study that still says RUNNING."""
    state = StudyState.INTERRUPTED if killed_at is not None else study.state
    running = state is StudyState.RUNNING
    ended_at = study.ended_at if study.ended_at is not None else killed_at
    end_ms = milliseconds(ended_at if ended_at is not None else study.started_at)
    tags = parent_tags(study, common) | {"hpsearch.state": state.value}
    points: list[Point] = []
    if not running:
        done, failed = counts.get(Status.COMPLETED, 0), counts.get(Status.FAILED, 0) + counts.get(Status.TIMEOUT, 0)
        points += [Point("trials_completed", done, end_ms, study.epoch), Point("trials_failed", failed, end_ms, study.epoch)]
        if best is not None:
            tags["hpsearch.best.config_id"] = best.config_id
            for name in study.varying:
                if name in best.params:
                    tags[unique_key(f"hpsearch.best.{name}", tags)] = cut(value_text(best.params[name]), TAG_CHARS)
            points += [Point(key(f"best_{name}"), value, end_ms, study.epoch) for name, value in best.metrics.items()]
    return RunContent(
        name=study.name,
        status=PARENT_STATUS[state],
        start_ms=milliseconds(study.created_at),
        end_ms=None if running else end_ms,
        tags=tags,
        points=tuple(points),
    )
