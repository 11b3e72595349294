"""One study's results: what is asked of its ranked tables, and how they are made of a ledger or read from an export."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hpsearch.core.errors import InfrastructureError, SpecError
from hpsearch.core.values import Params
from hpsearch.ledger import Ledger, ReportRecord, StudyRecord
from hpsearch.results import exported
from hpsearch.results.advice import Advices, range_advice
from hpsearch.results.compare import Comparison, compare_configs
from hpsearch.results.design import Design, design_of
from hpsearch.results.luck import Optimism, optimism
from hpsearch.results.notes import notes
from hpsearch.results.parameters import varying_names
from hpsearch.results.pareto import Names, Pareto, pareto_of
from hpsearch.results.ranked_study import RankedStudy
from hpsearch.results.ranking import Ranking, rank_configs, score_matrix
from hpsearch.results.sensitivity import (
    Ablation,
    Importance,
    Interactions,
    PartialDependence,
    ablation,
    importance,
    interactions,
    partial_dependence,
)
from hpsearch.results.tables import Tables, build_tables
from hpsearch.spec import StudySpec

if TYPE_CHECKING:
    from hpsearch.results.optuna_export import OptunaCopy


def _no_page(results: StudyResults, path: Path) -> None:
    raise SpecError("these results were put together by hand: hpsearch.load(STUDY).report(PATH) writes a page of a study")


@dataclass(frozen=True, repr=False)
class StudyResults(RankedStudy):
    """What a study found: the tables and the ranking of `RankedStudy`, and what more is asked of them.

    Attributes:
        reports: reads what the trials reported on their way, anew at each call: long, and seldom asked for.
        write_page: writes the report's page; given by whoever loads a study.
    """

    reports: Callable[[], Iterable[ReportRecord]] = field(default=tuple, repr=False, compare=False)
    write_page: Callable[[StudyResults, Path], None] = field(default=_no_page, repr=False, compare=False)
    # By target and order: a forest on many trials takes seconds, and page, figures and pairs ask for the same.
    _importances: dict[tuple[str, int], Importance] = field(default_factory=dict, init=False, repr=False, compare=False)

    def optimism(self) -> Optimism | None:
        """What the best score owes to having been chosen for it; None where scores are not of several splits or seeds."""
        ranked = self.rank()
        scores, _ = score_matrix(self.evaluations, ranked["config_id"].tolist(), self.metric.name, set(self.expected_seeds))
        found = optimism(self.metric.loss(1.0) * scores)
        return found and replace(found, naive=self.metric.score(found.naive), honest=self.metric.score(found.honest))

    def importance(self, target: str = "score", *, order: int = 2) -> Importance:
        """Which parameters the target depends on ("score", "failed" or "seconds"), alone (`order` 1) and in pairs (2).

        Raises:
            SpecError: an unknown target.
        """
        if (target, order) not in self._importances:
            counted = self.evaluations[self.evaluations["seed"].isin(self.expected_seeds)]  # of which a score is the mean
            self._importances[target, order] = importance(
                self.configs, counted, self.metric, self.varying, target=target, order=order, design=self.design
            )
        return self._importances[target, order]

    def partial_dependence(self, name: str, target: str = "score") -> PartialDependence:
        """The target's mean at values of one parameter, over all that the others may be, with a band and how many are near.

        Raises:
            SpecError: an unknown target, or no parameter of that name that varies.
        """
        return partial_dependence(self.importance(target, order=1), name)

    def interactions(self, target: str = "score", *, surfaces: int = 3) -> Interactions:
        """What pairs of parameters explain beyond each alone; and the target's means over both, of the leading `surfaces` pairs.

        Raises:
            SpecError: an unknown target.
        """
        return interactions(self.importance(target), surfaces=surfaces)

    def ablation(self, reference: str = "") -> Ablation:
        """What led from a reference to the best, one parameter at a time, by the scores that the importance's fit foretells.

        Args:
            reference: as for `find`; else the spec's defaults, where every parameter that varies has one that was tried, or
                the configuration of median rank.

        Raises:
            SpecError: as `find`.
        """
        ids = self.rank()["config_id"].tolist()
        return ablation(
            self.importance(order=1),
            self.metric,
            [self.params[config_id] for config_id in ids],
            given=self.find(reference).params if reference else None,
            defaults=self.design.defaults(),
        )

    def compare(self, a: str, b: str, *, rope: float | None = None) -> Comparison:
        """How far two ranked configurations are apart, and what is known of who is better. Of two studies: `compare_studies`.

        Args:
            a, b: as for `find`.
            rope: the largest difference that does not matter, in the metric's own units; by default a tenth of the standard
                deviation over splits.

        Raises:
            SpecError: as `find`; the same configuration twice; a negative `rope`.
        """
        return compare_configs(self, a, b, rope=rope)

    def pareto(self, metrics: Names, *, where: str | None = None, reference: Mapping[str, float] | None = None) -> Pareto:
        """The ranked configurations by several metrics or costs: the front that none dominates, its knee and hypervolume.

        Args:
            metrics: names, or names with "min" or "max", which a function's metrics other than the study's own need.
            where: of those alone that meet this condition, such as "accuracy > 0.9 and fit_s < 10"; see `where`.
            reference: of each metric, up to where the hypervolume reaches; by default the worst there is.

        Raises:
            SpecError: fewer than two metrics, an unknown one or one of unknown direction, a reference that lacks one; a condition
                that `where` refuses.
        """
        return pareto_of(self, metrics, where=where, reference=reference)

    def to_optuna(self, url: str, *, name: str | None = None, told: Callable[[int, int], None] = lambda *_: None) -> OptunaCopy:
        """Writes an Optuna study of this one, a trial a configuration, which optuna-dashboard and Optuna's plots open.

        Args:
            url: of Optuna's storage: "sqlite:///optuna.db", or a server's database.
            name: of the Optuna study; by default this one's.
            told: how many trials are written, of how many: called after each, since Optuna takes its time.

        Raises:
            SpecError: `url` is none; the storage holds a study of that name: nothing is written twice.
            InfrastructureError: Optuna is not installed, or the storage cannot be used.
        """
        from hpsearch.results.optuna_export import write_optuna

        return write_optuna(self, url, self.reports(), name=name, told=told)

    def report(self, path: Path | str) -> Path:
        """Writes one self-contained HTML page, as `hpsearch report` does: the ranking, what matters, a plot for each parameter.

        Returns:
            `path`. A file that stands there is replaced.

        Raises:
            SpecError: no file's name; or these results were not loaded by `hpsearch.load` or `hpsearch.run`.
            InfrastructureError: the file cannot be written.
        """
        target = Path(path)
        if not target.name:
            raise SpecError(f"report({str(path)!r}): name a file, such as report.html")
        self.write_page(self, target)
        return target

    def advice(self) -> Advices:
        """What to try next with parameters that matter: wider ranges where the best lies at an end, finer ones where all that is
        good lies close together."""
        return range_advice(self.configs, self.varying, self.design, self.metric, self.importance())


def load_results(
    ledger: Ledger,
    spec: StudySpec | None = None,
    *,
    asked: Callable[[Params], bool] | None = None,
    runs: Callable[[], Mapping[str, str]] = dict,
) -> StudyResults:
    """What the ledger holds of its study's present form (earlier data, splits or code are counted, not mixed in).

    Args:
        spec: as the study was last run: it says what orders equal scores, the repeats that make a configuration complete (every
            seed that any trial has, without it), and how the configurations were chosen.
        asked: whether the spec as it was last run asks for a configuration; None where that cannot be told. All are ranked.
        runs: tells each trial's run in MLflow, by the trial's key.

    Raises:
        SpecError: an unknown name in the spec's `report.tie_break`.
        InfrastructureError: the ledger holds no study, or is damaged.
    """
    study = ledger.study()
    if study is None:
        raise InfrastructureError("this ledger holds no study yet; `hpsearch run` writes one")
    own = (context.parts for context in ledger.contexts() if context.digest == study.context)
    study = replace(study, context_parts=next(own, {}))
    ties, seeds = ((), None) if spec is None else (spec.report.tie_break, spec.repeat.seeds)
    with _undisturbed():
        pages = ledger.columns(context=study.context)
        tables = build_tables(study.name, pages, traceback_of=partial(_traceback, ledger), runs=runs())
        ranking = rank_configs(tables, study.metric, tie_break=ties, expected_seeds=seeds, asked=asked)
    other = sum(ledger.counts().values()) - len(tables.trials)
    design = Design() if spec is None else design_of(spec)
    return results_of(study, tables, ranking, other_trials=max(0, other), design=design)


def results_of(
    study: StudyRecord,
    tables: Tables,
    ranking: Ranking,
    *,
    other_trials: int = 0,
    design: Design | None = None,
    not_logged: Collection[str] = (),
) -> StudyResults:
    """The parts, put together. `not_logged`: the configurations of which a completed run from elsewhere lacks the metric."""
    varying = varying_names(list(tables.params.values()), study.varying)
    no_longer_varied = [name for name in varying if name not in study.varying]
    return StudyResults(
        study=study,
        trials=tables.trials,
        configs=ranking.configs,
        evaluations=tables.evaluations,
        failures=tables.failures,
        params=tables.params,
        varying=varying,
        basis=ranking.basis,
        expected_seeds=ranking.expected_seeds,
        design=design or Design(),
        notes=notes(
            tables.trials,
            tables.failures,
            ranking,
            study.metric,
            other_trials=other_trials,
            no_longer_varied=no_longer_varied,
            not_logged=not_logged,
        ),
    )


def read_results(folder: Path) -> StudyResults:
    """What `StudyResults.to_parquet` has written to a folder. How the configurations were chosen is not in it (`design`).

    Raises:
        SpecError: it was written with another version of the schema.
        InfrastructureError: a file is missing or damaged, or two exports are mixed.
    """
    found = exported.read(folder)
    about = found.about
    return StudyResults(
        study=about.study,
        trials=found.tables["trials"],
        configs=found.tables["configs"],
        evaluations=found.tables["evaluations"],
        failures=found.tables["failures"],
        params=found.params,
        varying=about.varying,
        basis=about.basis,
        expected_seeds=about.expected_seeds,
        design=Design(),
        notes=about.notes,
    )


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without looks for cycles of garbage, which millions of things that stay would be searched for: a fifth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _traceback(ledger: Ledger, key: str) -> str:
    return next((record.traceback for record in ledger.trials(keys=[key])), "")
