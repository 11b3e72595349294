"""The rows as they lie in the tables: one named tuple for each table, its fields in the order of the columns.

Every value is a plain int, float, str or None, of the type that its field says: the checksum is taken over it as it stands.
Enumerations are kept as their text, mappings as encoded text (see codec).
"""

from __future__ import annotations

from typing import NamedTuple


class VersionRow(NamedTuple):
    """One applied migration."""

    version: int
    name: str
    applied_at: float


class StudyRow(NamedTuple):
    """The one study; `id` is 1."""

    id: int
    uid: str
    name: str
    context: str
    metric_name: str
    metric_mode: str
    metric_target: float | None
    spec_text: str
    description: str
    tags: str
    varying: str
    dataset: str
    dataset_digest: str
    experiment: str
    planned: int | None
    epoch: int
    state: str
    created_at: float
    started_at: float
    ended_at: float | None


class ContextRow(NamedTuple):
    """What trials of one context share; written once."""

    digest: str
    parts: str
    versions: str
    created_at: float


class TrialRow(NamedTuple):
    """A trial. Its results lie with its attempts; here is which of them stands.

    `attempt` is the last one's number, `first_attempt` the one with which the present round of tries began (see
    Standing.failures), `result_attempt` the one whose outcome the trial carries. `seed` is text: a seed may have 64 bits
    without a sign. `metrics` and `score` are the completed attempts' together. `splits` and `reports` count the rows of
    those tables that belong to it: a checksum tells a changed row, but not that one is gone.
    """

    number: int
    key: str
    config_id: str
    params: str
    seed: str
    context: str
    status: str
    attempt: int
    first_attempt: int
    result_attempt: int | None
    result_status: str | None
    metrics: str
    score: float | None
    splits: int
    reports: int
    begun_at: float


class AttemptRow(NamedTuple):
    """One try at the trial whose number is `trial`."""

    trial: int
    attempt: int
    epoch: int
    status: str
    worker: str
    node: str
    pid: int | None
    started_at: float
    ended_at: float | None
    seconds: float | None
    cpu_s: float | None
    peak_rss_bytes: int | None
    fit_s: float | None
    score_s: float | None
    metrics: str
    error_kind: str | None
    error_type: str
    error: str
    traceback: str
    log: str
    shared: int | None


class SplitRow(NamedTuple):
    trial: int
    attempt: int
    repeat: int
    fold: int
    scores: str
    n_train: int
    n_test: int
    fit_s: float | None
    score_s: float | None


class ReportRow(NamedTuple):
    trial: int
    attempt: int
    seq: int
    step: float | None
    metrics: str
    at: float


class EventRow(NamedTuple):
    seq: int
    kind: str
    key: str
    at: float
