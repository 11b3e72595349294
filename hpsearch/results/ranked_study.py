"""One study's tables and its ranking, and what is read off them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from hpsearch.core.errors import ObjectiveError, SpecError
from hpsearch.core.identity import config_id
from hpsearch.core.metric import Metric
from hpsearch.core.names import did_you_mean
from hpsearch.core.values import Params
from hpsearch.ledger import StudyRecord
from hpsearch.results import export, exported, html
from hpsearch.results.columns import METRIC
from hpsearch.results.design import Design
from hpsearch.results.failures import FailureGroup, group_failures
from hpsearch.results.finding import find
from hpsearch.results.notes import count, number
from hpsearch.results.ranking import Basis, tells_apart
from hpsearch.results.rules import RULES, chosen_row
from hpsearch.results.selection import column_of, never_met, rows_where, with_parameters

TABLES = ("configs", "trials", "evaluations", "failures")


@dataclass(frozen=True)
class RankedConfig:
    """One ranked configuration. `params`: active and fixed. `se`: None where one split says nothing of it.

    `n` counts the evaluations (folds times repeats times seeds) behind the score; `seconds` is what its trials took together,
    where `shared` their part of work that was done for others too.
    `in_spec`: whether the spec as it was last run asks for it; None where that cannot be told.
    """

    config_id: str
    rank: int
    params: Params
    score: float
    se: float | None
    n: int
    in_best_set: bool | None
    in_spec: bool | None
    metrics: Mapping[str, float]
    seconds: float
    shared: bool


@dataclass(frozen=True)
class RankedStudy:
    """What a study found, ranked. The tables are pandas; their columns are listed in `hpsearch.results.columns`.

    Attributes:
        study: the study's record, with what its context is made of.
        trials, evaluations, failures: one row a trial; a split (or an unsplit trial); a trial that failed or timed out (with a
            traceback only for the first of each type of error: `show` has each).
        configs: one row a configuration, best first, those without a rank at the end.
        varying: the parameters that tell these trials apart: those that the spec varies, and those that differ because an earlier
            form of it had other values.
        params: each configuration's parameters as they are, by config_id.
        basis: what the standard errors stand on.
        expected_seeds: the repeats that make a configuration complete.
        design: how the configurations were chosen.
        notes: what a reader must know, in sentences.
    """

    study: StudyRecord
    trials: pd.DataFrame
    configs: pd.DataFrame
    evaluations: pd.DataFrame
    failures: pd.DataFrame
    params: Mapping[str, Params] = field(repr=False)
    varying: tuple[str, ...]
    basis: Basis
    expected_seeds: tuple[int, ...]
    design: Design
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        best = self.best()
        said = "none with a rank"
        if best is not None:
            params = " ".join(f"{name}={best.params[name]}" for name in self.varying if name in best.params)
            said = f"best {self.metric.name} {number(best.score)}{f': {params}' if params else ''}"
        counts = f"{count(len(self.trials), 'trial')}, {count(len(self.configs), 'configuration')}"
        return f"<StudyResults {self.study.name}: {counts}; {said}>"

    @property
    def metric(self) -> Metric:
        return self.study.metric

    def rank(self, *, top: int | None = None, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The ranked configurations, best first; `top`: the first so many rows; `columns`: these alone.

        A parameter or metric may be named without its `param.` or `metric.`.

        Raises:
            SpecError: a column that is not there, with the nearest that is.
        """
        ranked = self.configs[self.configs["rank"].notna()]
        if top is not None:
            ranked = ranked.head(top)
        return ranked if columns is None else ranked[[self.column(name) for name in columns]]

    def table(self, name: str) -> pd.DataFrame:
        """One of the tables by its name, with the parameters of each row's configuration, and the study's metric in any case.

        Raises:
            SpecError: an unknown name.
        """
        if name not in TABLES:
            raise SpecError(f"no table {name!r}; there are {', '.join(TABLES)}{did_you_mean(name, TABLES)}")
        found = with_parameters(getattr(self, name), self.configs)
        own = METRIC + self.metric.name  # which nobody has while no trial has completed
        return found if own in found.columns or name == "failures" else found.assign(**{own: np.nan})

    def where(self, condition: str, table: str = "configs") -> pd.DataFrame:
        """The rows of a table that meet a condition, such as 'C > 1 and kernel == "rbf" and accuracy >= 0.9'.

        Names are the table's columns, parameters and metrics; the language is that of constraints. Ranks stay those of the whole
        study. What a row has no value of makes a comparison false.

        Raises:
            SpecError: a condition that cannot be read, an unknown name, or an operation that a row's values do not have.
        """
        rows = self.table(table)
        return rows[rows_where(self.study.name, rows, self.params, condition)]

    def never_met(self, condition: str, table: str = "configs") -> list[str]:
        """Of a condition that `where` takes: each value that it asks for and no row of the table has, with the nearest."""
        return never_met(self.study.name, self.table(table), self.params, condition)

    def column(self, name: str, table: str = "configs") -> str:
        """The column of a table that `name` means: its own name, or a parameter's or metric's without `param.` or `metric.`.

        Raises:
            SpecError: a column that is not there, with the nearest that is; an unknown table.
        """
        return column_of(self.study.name, list(self.table(table).columns), name)

    def best(self) -> RankedConfig | None:
        """The first of the ranking; None while there is none (`notes` says why)."""
        return self.config(str(self.configs["config_id"].iloc[0])) if self.n_ranked else None

    @property
    def n_ranked(self) -> int:
        """How many configurations have a rank."""
        return int(self.configs["rank"].notna().sum())

    @property
    def tells_apart(self) -> bool:
        """Whether the best set leaves enough out for its members to have something in common."""
        return tells_apart(self.configs)

    def config(self, config_id: str) -> RankedConfig:
        """A ranked configuration by its full id.

        Raises:
            KeyError: no such configuration, or none with a rank.
        """
        rows = self.configs[(self.configs["config_id"] == config_id) & self.configs["rank"].notna()]
        if rows.empty:
            raise KeyError(config_id)
        row = rows.iloc[0]
        metrics = {name.removeprefix(METRIC): float(row[name]) for name in rows.columns if name.startswith(METRIC)}
        return RankedConfig(
            config_id=config_id,
            rank=int(row["rank"]),
            params=self.params[config_id],
            score=float(row["score"]),
            se=float(row["se"]) if math.isfinite(row["se"]) else None,
            n=int(row["n"]),
            in_best_set=None if row["in_best_set"] is pd.NA else bool(row["in_best_set"]),
            in_spec=None if row["in_spec"] is pd.NA else bool(row["in_spec"]),
            metrics={name: value for name, value in metrics.items() if not math.isnan(value)},
            seconds=float(row["seconds"]),
            shared=bool(row["shared"]),
        )

    def find(self, prefix: str) -> RankedConfig:
        """The ranked configuration that the beginning of its id, or of the key of one of its trials, means.

        Raises:
            SpecError: nothing, or more than one thing, begins like that; or it has no rank.
        """
        found, _ = find(self.study.name, self.configs, self.trials, prefix)
        try:
            return self.config(found)
        except KeyError:
            status = str(self.configs.set_index("config_id")["status"][found])
            raise SpecError(
                f"the configuration {found} of {self.study.name} has no rank ({status}); name one that `hpsearch results` ranks"
            ) from None

    def select(self, rule: str = "best") -> Params:
        """The parameters to use, active and fixed, of the configuration that `choice` names; raises as it does."""
        return self.params[self.choice(rule)]

    def choice(self, rule: str = "best") -> str:
        """The config_id of the configuration to use.

        "best": the first of the ranking. "1se": of those within one standard error of the best, the one whose trials took the
        least time. "cheapest": the same among the best set. Times within a tenth are equal, and the better rank decides.

        Raises:
            SpecError: an unknown rule, or one that needs a standard error where there is none.
            ObjectiveError: nothing is ranked.
        """
        if rule not in RULES:
            raise SpecError(f"no rule {rule!r} to select by; there are {', '.join(RULES)}{did_you_mean(rule, RULES)}")
        if not self.n_ranked:
            raise ObjectiveError(f"{self.study.name} has no best configuration. {self.notes[0]}")
        if rule != "best" and not self.basis.over:
            raise SpecError(
                f"the rule {rule!r} needs standard errors, and each configuration was scored once; use the rule 'best'"
            )
        ranked = self.rank()
        return str(ranked["config_id"].iloc[chosen_row(ranked, rule)])

    def asks_for(self, params: Params) -> bool | None:
        """Whether the spec as it was last run asks for one of the study's configurations; None where that cannot be told."""
        return self.config(config_id(params)).in_spec

    def failure_groups(self) -> tuple[FailureGroup, ...]:
        """What failed, by type of error, the most frequent first; empty where nothing did."""
        return group_failures(self.failures, self.params)

    def to_json_rows(self, top: int | None = None, *, rows: pd.DataFrame | None = None) -> list[dict[str, object]]:
        """The ranking for programs, best first, then the configurations without a rank (`"rank": null`).

        Each row: rank, config_id, params, score, se, n, status, in_best_set, in_spec, metrics, seconds, shared, p_best, rank_low,
        rank_high. Strict JSON: null for what is not known or not finite; a parameter that is not finite is written as YAML
        writes it (".nan", ".inf").

        Args:
            rows: of `.configs`, in place of all.
        """
        chosen = self.configs if rows is None else rows
        return export.json_rows(chosen if top is None else chosen.head(top), self.params)

    def to_csv(self, path: Path | str) -> None:
        """`.configs` as CSV, an empty cell for null. Raises as `to_parquet` does."""
        export.to_csv(self.configs, Path(path))

    def to_parquet(self, folder: Path | str) -> list[Path]:
        """The tables as `FOLDER/{configs,trials,evaluations,failures}.parquet`, and `params.parquet` with each configuration's
        parameters as they were; the paths written. `hpsearch.load(FOLDER)` gives them back.

        Raises:
            SpecError: nothing can be written there.
            InfrastructureError: the disk is full, or broken.
        """
        tables = {name: getattr(self, name) for name in TABLES}
        about = exported.About(self.study, self.varying, self.basis, self.expected_seeds, self.notes)
        return exported.write(tables, self.params, about, Path(folder))

    def _repr_html_(self) -> str:
        return html.study_html(self.study.name, self.metric.name, self.varying, self.configs, self.notes)
