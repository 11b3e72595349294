"""Version 0: study, context, trial, attempt, report, split score and outbox, each row with a checksum.

Frozen: a ledger made by the first release was made by exactly this. What changes later is another module.

Rows of a trial hang on its number, not on its key: numbers are handed out in order, so that children are appended at one
place, where keys (hashes) would scatter them over the whole file. Split scores and reports are small and always looked up
by their key, hence WITHOUT ROWID; an attempt may hold a long log and is not.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Double, ForeignKey, Index, Integer, Text

VERSION = 0
NAME = "initial"


def upgrade(connection: sa.Connection, place: str) -> None:
    """Make the tables and their indexes."""
    metadata = sa.MetaData()
    number = BigInteger().with_variant(Integer(), "sqlite")
    sa.Table(
        "schema_version",
        metadata,
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("name", Text, nullable=False),
        Column("applied_at", Double, nullable=False),
        Column("checksum", BigInteger, nullable=False),
    )
    sa.Table(
        "study",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("uid", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("context", Text, nullable=False),
        Column("metric_name", Text, nullable=False),
        Column("metric_mode", Text, nullable=False),
        Column("metric_target", Double),
        Column("spec_text", Text, nullable=False),
        Column("description", Text, nullable=False),
        Column("tags", Text, nullable=False),
        Column("varying", Text, nullable=False),
        Column("dataset", Text, nullable=False),
        Column("dataset_digest", Text, nullable=False),
        Column("experiment", Text, nullable=False),
        Column("planned", BigInteger),
        Column("epoch", Integer, nullable=False),
        Column("state", Text, nullable=False),
        Column("created_at", Double, nullable=False),
        Column("started_at", Double, nullable=False),
        Column("ended_at", Double),
        Column("checksum", BigInteger, nullable=False),
    )
    sa.Table(
        "context",
        metadata,
        Column("digest", Text, primary_key=True),
        Column("parts", Text, nullable=False),
        Column("versions", Text, nullable=False),
        Column("created_at", Double, nullable=False),
        Column("checksum", BigInteger, nullable=False),
    )
    trial = sa.Table(
        "trial",
        metadata,
        Column("number", number, primary_key=True, autoincrement=False),
        Column("key", Text, nullable=False, unique=True),
        Column("config_id", Text, nullable=False),
        Column("params", Text, nullable=False),
        Column("seed", Text, nullable=False),
        Column("context", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("attempt", Integer, nullable=False),
        Column("first_attempt", Integer, nullable=False),
        Column("result_attempt", Integer),
        Column("result_status", Text),
        Column("metrics", Text, nullable=False),
        Column("score", Double),
        Column("splits", Integer, nullable=False),
        Column("reports", Integer, nullable=False),
        Column("begun_at", Double, nullable=False),
        Column("checksum", BigInteger, nullable=False),
    )
    Index("trial_status", trial.c.context, trial.c.status)
    Index("trial_score", trial.c.context, trial.c.score)
    Index("trial_config", trial.c.config_id)
    sa.Table(
        "attempt",
        metadata,
        Column("trial", BigInteger, ForeignKey("trial.number"), primary_key=True, autoincrement=False),
        Column("attempt", Integer, primary_key=True, autoincrement=False),
        Column("epoch", Integer, nullable=False),
        Column("status", Text, nullable=False),
        Column("worker", Text, nullable=False),
        Column("node", Text, nullable=False),
        Column("pid", BigInteger),
        Column("started_at", Double, nullable=False),
        Column("ended_at", Double),
        Column("seconds", Double),
        Column("cpu_s", Double),
        Column("peak_rss_bytes", BigInteger),
        Column("fit_s", Double),
        Column("score_s", Double),
        Column("metrics", Text, nullable=False),
        Column("error_kind", Text),
        Column("error_type", Text, nullable=False),
        Column("error", Text, nullable=False),
        Column("traceback", Text, nullable=False),
        Column("log", Text, nullable=False),
        Column("checksum", BigInteger, nullable=False),
    )
    sa.Table(
        "split_score",
        metadata,
        Column("trial", BigInteger, ForeignKey("trial.number"), primary_key=True, autoincrement=False),
        Column("attempt", Integer, primary_key=True, autoincrement=False),
        Column("repeat", Integer, primary_key=True, autoincrement=False),
        Column("fold", Integer, primary_key=True, autoincrement=False),
        Column("scores", Text, nullable=False),
        Column("n_train", BigInteger, nullable=False),
        Column("n_test", BigInteger, nullable=False),
        Column("fit_s", Double),
        Column("score_s", Double),
        Column("checksum", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    sa.Table(
        "report",
        metadata,
        Column("trial", BigInteger, ForeignKey("trial.number"), primary_key=True, autoincrement=False),
        Column("attempt", Integer, primary_key=True, autoincrement=False),
        Column("seq", Integer, primary_key=True, autoincrement=False),
        Column("step", Double),
        Column("metrics", Text, nullable=False),
        Column("at", Double, nullable=False),
        Column("checksum", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    sa.Table(
        "outbox",
        metadata,
        Column("seq", number, primary_key=True, autoincrement=False),
        Column("kind", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("at", Double, nullable=False),
        Column("checksum", BigInteger, nullable=False),
    )
    metadata.create_all(connection, checkfirst=False)
