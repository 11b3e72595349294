"""The page: figures, tables and texts through one template, written whole or not at all."""

from __future__ import annotations

import base64
import hashlib
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hpsearch.core.durations import duration
from hpsearch.core.errors import InfrastructureError
from hpsearch.core.files import replace_file
from hpsearch.core.trial import Status
from hpsearch.report import table, wording
from hpsearch.report.cards import Card, card, cards, data_address, file_of
from hpsearch.report.figures import choose
from hpsearch.report.figures.matters import Matters
from hpsearch.report.figures.parameter import varying_parameters
from hpsearch.report.figures.points import Blank
from hpsearch.results import StudyResults
from hpsearch.results.notes import count, number
from hpsearch.results.parameters import text_of

_TEMPLATES = Path(__file__).parent / "templates"
_SCRIPTS = ("table.js", "lines.js")
_PACKAGES = ("hpsearch", "scikit-learn", "xgboost", "numpy", "pandas", "ray", "mlflow")
_TRACEBACK_CHARS = 8_000


@dataclass(frozen=True, slots=True)
class Failure:
    """One type of error, as text: how many trials, and the first one's words."""

    name: str
    n: int
    message: str
    traceback: str
    params: str
    trial_key: str


def write_report(results: StudyResults, path: Path, *, top: int = 20) -> None:
    """Write the page to `path`; a file that stands there is replaced at once, never seen half written.

    Args:
        top: rows of the ranking table.

    Raises:
        InfrastructureError: the file cannot be written.
    """
    page = render(results, top=top)
    try:
        replace_file(Path(path), page)
    except OSError as error:
        raise InfrastructureError(f"the report cannot be written to {path}: {error.strerror or error}") from error


def render(results: StudyResults, *, top: int = 20) -> str:
    """The whole page. The same results give the same text: nothing in it depends on when it was made."""
    names = varying_parameters(results.configs, results.varying)
    figures = choose(results)
    best = results.best()
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    # Exactly what stands between the tags is what its digest allows to run.
    script = "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in _SCRIPTS) if results.n_ranked else ""
    environment.filters["breakable"] = _breakable
    page = environment.get_template("page.html.j2").render(
        study=results.study,
        metric=results.metric,
        summary=wording.summary(results),
        notes=results.notes if best is not None else results.notes[1:],
        facts=tuple(_facts(results)),
        best=() if best is None else tuple((name, text_of(value)) for name, value in best.params.items()),
        varying=frozenset(names),
        parameters=tuple(wording.short(name, 28) for name in names),
        rows=tuple(table.rows(results, top, names)),
        n_ranked=results.n_ranked,
        has_errors=bool(results.basis.over),
        has_standing=bool(results.configs["p_best"].notna().any()),
        optimism=wording.optimism(results),
        figures=figures,
        matters=figures.matters if isinstance(figures.matters, Matters) else None,
        matters_card=None if figures.matters is None else _shares(figures.matters),
        lines=None if figures.lines is None else card(figures.lines, "l-"),
        effects=cards(figures.effects, "e"),
        parameter_cards=cards(figures.plots(), "p"),
        no_values=figures.parameters if isinstance(figures.parameters, Blank) else None,
        course=cards(figures.course, "c"),
        failing=None if figures.failing is None else card(figures.failing, "x-"),
        has_best_set=results.tells_apart,
        basis=results.basis,
        failures=tuple(_failures(results)),
        n_failed=len(results.failures),
        n_off_scale=max((len(figure.off_scale) for figure in figures.plots()), default=0),
        dense=any(figure.cells for figure in figures.plots()),
        has_means=any(figure.means for figure in figures.plots()),
        has_band=any(mean.low == mean.low for figure in figures.plots() for mean in figure.means),
        has_medians=any(len(figure.typical) > 1 and not figure.means for figure in figures.plots()),
        worse_is_low=results.metric.is_better(1.0, 0.0),
        environment=tuple(_environment(results)),
        script=Markup(script),
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        script_data=table.script_data(results, top, names, figures.by_weight) if script else "",
    )
    return wording.printable(page)


def _breakable(name: str) -> Markup:
    """A name that a narrow column breaks between its parts, not within a word."""
    return Markup("<wbr>").join(re.split(r"(?<=[_.])(?=[^_.])", name))


def _shares(figure: Matters | Blank) -> Card:
    """What the page writes as a table has no drawing."""
    if isinstance(figure, Blank):
        return card(figure, "")
    return Card(figure.question, figure.reading, "", "", data_address(figure.rows()), file_of(figure.name))


def _facts(results: StudyResults) -> Iterator[tuple[str, str]]:
    """A few numbers, largest matter first."""
    trials = results.trials
    done = int((trials["status"] == Status.COMPLETED.value).sum())
    yield f"{results.n_ranked:,}", "configuration ranked" if results.n_ranked == 1 else "configurations ranked"
    yield f"{done:,}", "trial completed" if done == 1 else "trials completed"
    if len(results.failures):
        yield f"{len(results.failures):,}", "failed"
    if results.basis.n > 1 and results.basis.over:
        yield f"{results.basis.n}", f"{results.basis.over} each"
    yield duration(float(trials["seconds"].sum())), "spent in trials"


def _failures(results: StudyResults) -> Iterator[Failure]:
    varying = results.varying
    for group in results.failure_groups():
        params = {name: wording.short(wording.value_text(value)) for name, value in group.params.items() if name in varying}
        yield Failure(
            name=group.name,
            n=group.n,
            message=group.message,
            # The end says what was raised, and where.
            traceback=group.traceback if len(group.traceback) <= _TRACEBACK_CHARS else "…" + group.traceback[-_TRACEBACK_CHARS:],
            params=", ".join(f"{name} = {value}" for name, value in params.items()),
            trial_key=group.trial_key,
        )


def _environment(results: StudyResults) -> Iterator[tuple[str, str]]:
    study = results.study
    yield "Study", study.name
    yield "Metric", f"{study.metric.name}, {study.metric.mode.value}"
    if study.dataset:
        yield "Data", study.dataset
    if study.dataset_digest:
        yield "Data digest", study.dataset_digest
    if results.basis.over:
        factor = f", corrected for overlap by n_test/n_train = {number(results.basis.test_over_train)}"
        yield "Standard errors", f"over {results.basis.n} {results.basis.over}{factor if results.basis.test_over_train else ''}"
        if results.n_ranked > 1:
            yield "Best set", f"moderated paired t-tests, corrected for {count(results.n_ranked - 1, 'comparison')} with the best"
    if len(results.expected_seeds) > 1:
        seeds = f"seeds {', '.join(map(str, results.expected_seeds))}"
        yield "Repeats", str(results.basis.n) if results.basis.unit == "repeats" else seeds
    yield "Begun", _time(study.created_at)
    yield "Newest run", f"number {study.epoch}, {study.state.value.lower()}, begun {_time(study.started_at)}"
    for key, value in study.tags.items():
        yield f"Tag {key}", str(value)
    yield "Page made with", ", ".join([f"Python {platform.python_version()}", *_versions()])


def _versions() -> Iterator[str]:
    for package in _PACKAGES:
        try:
            yield f"{package} {metadata.version(package)}"
        except metadata.PackageNotFoundError:
            continue  # not installed where the page is made: nothing to say


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
