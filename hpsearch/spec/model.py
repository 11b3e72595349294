"""What a spec says, as frozen values with every default filled in. Paths are as written, relative to `StudySpec.folder`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from hpsearch.core.errors import Problem
from hpsearch.core.metric import Metric
from hpsearch.core.values import Params, Value
from hpsearch.space.space import Space
from hpsearch.spec.nodes import Mark

# The parameter that chooses the estimator, and what begins the name of one that is the estimator's own, whatever it is called.
CHOOSER = "estimator"
OWN = "param."
# Of the numbers of a Sobol sequence, which has two to the power of them; SciPy (1.17) cannot go forward in one with more.
SOBOL_BITS = 30


@dataclass(frozen=True)
class ColumnGroup:
    """Some columns of a table and the transformers they go through, one after the other.

    Attributes:
        name: the group's name in parameter names (`prep__NAME__onehotencoder__drop`).
        select: all numeric or all categorical columns, or columns by name.
        transformers: dotted paths; or `("passthrough",)`, `("drop",)`.
    """

    name: str
    select: Literal["numeric", "categorical"] | tuple[str, ...]
    transformers: tuple[str, ...]


@dataclass(frozen=True)
class StepSpec:
    """A pipeline's step: a dotted path (or `passthrough`), or, with an empty `path`, a ColumnTransformer's groups.

    Without either, the parameter of the step's name says in each configuration which.
    """

    name: str
    path: str
    columns: tuple[ColumnGroup, ...] = ()
    remainder: Literal["drop", "passthrough"] = "drop"


@dataclass(frozen=True)
class TrialSpec:
    """What one trial runs.


    Attributes:
        path: "pkg.mod.Class" of an estimator, empty where the parameter `estimator` says it; "pkg.mod:name" of a function; what a
            command calls ("python train.py"); empty for a pipeline.
        command: the words of a command, with `{name}` where a parameter goes.
    """

    kind: Literal["estimator", "pipeline", "function", "command"]
    path: str
    steps: tuple[StepSpec, ...] = ()
    fixed: Params = field(default_factory=dict)
    command: tuple[str, ...] = ()

    @property
    def scores_itself(self) -> bool:
        """Whether its metrics are its own, and not those of scorers."""
        return self.kind in ("function", "command")


@dataclass(frozen=True)
class DataSpec:
    """Where a table comes from: a path or glob, a bundled set's name, or "pkg.mod:name". Empty `columns`: all of them.

    `text`: the one column of running text that is the features, in place of a table.
    """

    kind: Literal["csv", "parquet", "sklearn", "function"]
    source: str
    target: str | None = None
    columns: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    dtypes: Mapping[str, str] = field(default_factory=dict)
    na_values: tuple[str, ...] = ()
    positive: Value = None
    float32: bool = False
    text: str | None = None


@dataclass(frozen=True)
class CvSpec:
    """K-fold cross-validation. `stratify` None: for classifiers."""

    folds: int = 5
    repeats: int = 1
    stratify: bool | None = None
    shuffle: bool = True
    seed: int = 0


@dataclass(frozen=True)
class HoldoutSpec:
    """Random splits that keep `fraction` of the rows for scoring. `stratify` None: for classifiers."""

    fraction: float = 0.2
    repeats: int = 1
    stratify: bool | None = None
    seed: int = 0


@dataclass(frozen=True)
class EvaluateSpec:
    """How a trial is scored: exactly one of `cv` and `holdout`; `metrics` holds the study's own metric."""

    cv: CvSpec | None
    holdout: HoldoutSpec | None
    metrics: tuple[str, ...]


@dataclass(frozen=True)
class SearchSpec:
    """How configurations are chosen.

    Attributes:
        trials: how many configurations are drawn, those of `first` included; None for a grid and a list.
        order: of a grid.
        first: whole configurations that come before all others; all of them where the method is a list. No two are equal.
        again: how many more are written out, each equal to one of them.
    """

    method: Literal["grid", "random", "sobol", "list"] = "grid"
    trials: int | None = None
    seed: int = 0
    order: Literal["sequential", "shuffled"] = "sequential"
    first: tuple[Params, ...] = ()
    again: int = 0


@dataclass(frozen=True)
class RepeatSpec:
    """Each configuration runs once with each seed."""

    seeds: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class ResourcesSpec:
    """What one trial takes."""

    cpu: float = 1.0
    gpu: float = 0.0
    memory_bytes: int | None = None


@dataclass(frozen=True)
class LimitsSpec:
    """`concurrent`: trials at once. `failures`: the share of failed trials, 0 to 1, above which a study ends; None: no limit."""

    concurrent: int | None = None
    failures: float | None = None


@dataclass(frozen=True)
class RetrySpec:
    """How often a trial is tried again after each class of failure."""

    crash: int = 2
    node_lost: int = 5
    out_of_memory: int = 1
    timeout: int = 0
    error: int = 0


@dataclass(frozen=True)
class ReuseSpec:
    """Whether failed trials are kept as they are or run again."""

    failed: Literal["keep", "rerun"] = "keep"


@dataclass(frozen=True)
class TrackingSpec:
    """Where MLflow is; None: MLflow's own default, and an experiment named after the study."""

    uri: str | None = None
    experiment: str | None = None


@dataclass(frozen=True)
class ReportSpec:
    """`top`: rows of a printed ranking. `tie_break`: metrics that order equal scores."""

    top: int = 20
    tie_break: tuple[str, ...] = ()


@dataclass(frozen=True)
class StudySpec:
    """A whole spec.

    Attributes:
        evaluate: None for functions that score themselves.
        folder: the spec's own, absolute; relative paths and dotted paths start there.
        file: the spec's path as the user named it.
        text: the YAML as written; where it extends another, or with overrides, YAML that says what they made of it. Reading it
            again gives this study.
        overrides: the `--set` assignments that were applied to it.
        positions: by path in the spec, for messages of those who check further.
    """

    name: str
    trial: TrialSpec
    metric: Metric
    space: Space
    folder: Path
    file: str
    text: str
    version: int = 1
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    data: DataSpec | None = None
    evaluate: EvaluateSpec | None = None
    search: SearchSpec = SearchSpec()
    repeat: RepeatSpec = RepeatSpec()
    resources: ResourcesSpec = ResourcesSpec()
    limits: LimitsSpec = LimitsSpec()
    retry: RetrySpec = RetrySpec()
    reuse: ReuseSpec = ReuseSpec()
    tracking: TrackingSpec = TrackingSpec()
    report: ReportSpec = ReportSpec()
    overrides: tuple[str, ...] = ()
    positions: Mapping[str, Mark] = field(default_factory=dict, repr=False, compare=False)

    def problem(self, path: str, message: str) -> Problem:
        """A problem at `path` ("space.max_depth", "evaluate.metrics[1]"), with the line of the nearest block that is in the file.

        `message` that starts with " = value: " shows the value; any other stands after a colon.
        """
        written = "evaluate.metrics"
        if path.startswith(written) and written not in self.positions and "metric.name" in self.positions:
            path = "metric.name"  # all that is scored, where no more is asked for: there it is written
        at = path
        while at and at not in self.positions:
            at = at[: max(at.rfind("."), at.rfind("["), 0)]
        mark = self.positions.get(at, Mark(self.file))
        return Problem(message, path, mark.file, mark.line, mark.column)
