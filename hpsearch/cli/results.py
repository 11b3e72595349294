"""`hpsearch results`, `show`, `best` and `report`: what is read from a study."""

from __future__ import annotations

import math
import re
from contextlib import closing
from pathlib import Path

import click

from hpsearch.cli.common import (
    as_json_text,
    color_option,
    dir_option,
    finite,
    folder_of,
    json_option,
    number,
    params_as_json,
    print_json,
    seconds,
    short_value,
    study_argument,
)
from hpsearch.cli.importance import importance_rows, print_importance
from hpsearch.cli.render import SHARED, print_ranking
from hpsearch.core.errors import SpecError
from hpsearch.core.names import study_name
from hpsearch.core.trial import Status
from hpsearch.core.values import Params, Value
from hpsearch.results import ConfigView, StudyResults, TrialView
from hpsearch.results import show as show_view
from hpsearch.results.ranked_study import RULES
from hpsearch.results.tracebacks import for_user
from hpsearch.spec.model import ReportSpec
from hpsearch.study import is_experiment, load, load_folder, open_ledger, spec_of


@click.command()
@study_argument
@dir_option
@click.option(
    "--top", type=click.IntRange(min=1), help="How many configurations [table: the spec's report.top; other formats: all]."
)
@click.option("--format", "format_", type=click.Choice(["table", "json", "csv", "parquet"]), default="table", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="A file for json and csv [stdout], a folder for parquet [./STUDY-results].",
)
@click.option("--importance", is_flag=True, help="Which parameters matter, instead of the ranking.")
@click.option(
    "--target",
    type=click.Choice(["score", "failed", "seconds"]),
    default="score",
    show_default=True,
    help="With --importance: of what.",
)
@color_option
def results(
    study: str,
    directory: Path | None,
    top: int | None,
    format_: str,
    as_json: bool,
    output: Path | None,
    importance: bool,
    target: str,
    no_color: bool,
) -> None:
    """The ranking of STUDY (a name, or a study's folder), best first; then what failed.

    mlflow:EXPERIMENT is the runs of that experiment in MLflow, whoever made them.

    \b
    Examples:
      hpsearch results digits-svm --top 5
      hpsearch results digits-svm --importance
      hpsearch results digits-svm --importance --target seconds
      hpsearch results digits-svm --format json | jq '.[0].params'
      hpsearch results digits-svm --format csv -o ranking.csv
      hpsearch results "mlflow:churn?metric=rmse&mode=min"
    """
    format_ = "json" if as_json else format_
    if format_ == "table" and output is not None:
        raise SpecError(f"-o {output}: a table goes to stdout; choose --format json, csv or parquet")
    if format_ == "parquet" and top is not None:
        raise SpecError("--top does not go with --format parquet, which writes the study's whole tables")
    found = load(study, directory)
    if importance:
        if top is not None or format_ in ("csv", "parquet"):
            raise SpecError("--importance is shown whole, as a table or as JSON: leave --top and --format csv or parquet out")
        shares = found.importance(target)
        if format_ == "json":
            _write(as_json_text(importance_rows(shares)), output)
        else:
            print_importance(found, shares, color=not no_color)
    elif format_ == "json":
        _write(as_json_text(found.to_json_rows(top=top)), output)
    elif format_ == "csv":
        _write((found.configs if top is None else found.configs.head(top)).to_csv(index=False), output)
    elif format_ == "parquet":
        for path in found.to_parquet(output or Path(f"{found.study.name}-results")):
            click.echo(str(path))
    else:
        print_ranking(found, top=top or _top(study, directory), color=not no_color)
        for group in found.failure_groups():
            first_line = group.message.splitlines()[0] if group.message else ""
            where = f"run {group.trial_key}" if is_experiment(study) else f"hpsearch show {study} {group.trial_key}"
            click.echo(f"failed: {group.n} x {group.name}: {first_line}\n        {where}")


@click.command()
@study_argument
@click.argument("ident", metavar="CONFIG|KEY")
@dir_option
@json_option
def show(study: str, ident: str, directory: Path | None, as_json: bool) -> None:
    """One configuration or trial of STUDY, by its id or key or the beginning of one.

    \b
    Examples:
      hpsearch show digits-svm 3f9a        a configuration: parameters, every fold
      hpsearch show digits-svm v1:81c0     a trial: attempts, traceback, what it printed
    """
    folder = folder_of(study, directory)
    with closing(open_ledger(folder)) as ledger:
        view = show_view(load_folder(folder), ident, ledger=ledger)
    if as_json:
        print_json(_as_json(view))
    else:
        _print_config(view)


@click.command()
@study_argument
@dir_option
@click.option(
    "--rule",
    type=click.Choice(RULES),
    default="best",
    show_default=True,
    help="1se: within a standard error of the best, the cheapest.",
)
@click.option("--format", "format_", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
def best(study: str, directory: Path | None, rule: str, format_: str) -> None:
    """The parameters to use, and nothing else.

    \b
    Examples:
      hpsearch best digits-svm > best.yaml
      hpsearch best digits-svm --rule 1se --format json
    """
    results = load(study, directory)
    params = results.select(rule)
    if results.asks_for(params) is False:
        click.echo("note: of an earlier form of the spec; the present one does not ask for it", err=True)
    if format_ == "json":
        print_json(params_as_json(params))
    else:
        click.echo(_as_yaml(params), nl=False)


@click.command()
@study_argument
@dir_option
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="[the study's report.html; of mlflow:NAME ./NAME-report.html]",
)
@click.option("--figures", type=click.Path(file_okay=False, path_type=Path), help="A folder for the figures alone, SVG and PNG.")
def report(study: str, directory: Path | None, output: Path | None, figures: Path | None) -> None:
    """One self-contained HTML page: the ranking, what matters, and a plot for each parameter.

    \b
    Examples:
      hpsearch report digits-svm
      hpsearch report digits-svm -o for-the-team.html
      hpsearch report digits-svm --figures paper/figures
    """
    from hpsearch.report import write_report

    if figures is not None:
        if output is not None:
            raise SpecError("--figures writes figures and no page: leave -o out, or call report twice")
        _write_figures(load(study, directory), figures)
        return
    if output is not None and not output.absolute().parent.is_dir():
        raise SpecError(f"-o {output}: there is no folder {output.absolute().parent}")
    found = load(study, directory)
    if output is not None:
        path = output
    elif is_experiment(study):
        path = Path(f"{study_name(found.study.name)}-report.html")
    else:
        path = folder_of(study, directory).report
    write_report(found, path, top=_top(study, directory))
    click.echo(str(path))


def _write_figures(found: StudyResults, folder: Path) -> None:
    from hpsearch.report import write_figures

    paths = write_figures(found, folder)
    for path in paths:
        click.echo(str(path))
    if not paths:
        click.echo(f"no figure: {found.notes[0]}" if found.notes else "no figure: no parameter varies", err=True)


def _top(study: str, directory: Path | None) -> int:
    spec = None if is_experiment(study) else spec_of(folder_of(study, directory))
    return spec.report.top if spec else ReportSpec().top


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SpecError(f"-o {output}: cannot be written: {error.strerror or error}") from error


def _as_yaml(params: Params) -> str:
    import yaml

    text: str = yaml.safe_dump({name: _listed(value) for name, value in params.items()}, sort_keys=False, allow_unicode=True)
    return text


def _listed(value: Value) -> object:
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, tuple) else value


def _print_config(view: ConfigView) -> None:
    rank = "no rank" if view.rank is None else f"rank {view.rank} of {view.n_ranked}"
    score = "" if view.score is None else f"  score {number(view.score)}"
    luck = "" if view.se is None else f" ± {view.se:.2g}"
    click.echo(f"configuration {view.config_id}  {rank}{score}{luck}")
    for name, value in view.params.items():
        click.echo(f"  {name} = {short_value(value)}")
    for trial in view.trials:
        click.echo("")
        _print_trial(trial)


def _node(node: str) -> str:
    """A host's name as it is; of Ray's ids, which have 56 digits, the beginning."""
    return f"node {node[:12]}" if re.fullmatch(r"[0-9a-f]{56}", node) else node or "an unknown node"


def _print_trial(view: TrialView) -> None:
    took = "" if view.seconds is None else f"  {SHARED * view.shared}{seconds(view.seconds)}"
    click.echo(f"trial {view.key}  {view.status}  seed {view.seed}{took}  on {_node(view.node)}")
    for name, value in view.metrics.items():
        folds = [number(fold.scores[name]) for fold in view.folds if name in fold.scores]
        # NaN is a score that a trial may give; of one that has not completed it says that there is none.
        none = math.isnan(value) and view.status != Status.COMPLETED
        click.echo(f"  {name}: {number(None if none else value)}" + (f"   folds: {'  '.join(folds)}" if len(folds) > 1 else ""))
    for attempt in view.attempts if len(view.attempts) > 1 else ():
        said = f"  {attempt.error_type}: {attempt.error}" if attempt.error_type else ""
        click.echo(f"  attempt {attempt.attempt}: {attempt.status.value}{said}")
    if view.traceback:
        click.echo(for_user(view.traceback).rstrip())
    elif view.error:
        click.echo(f"  {view.error_type}: {view.error}")
    if view.log:
        click.echo(f"  it printed:\n{view.log.rstrip()}")


def _as_json(view: ConfigView) -> dict[str, object]:
    return {
        "config_id": view.config_id,
        "rank": view.rank,
        "score": view.score,
        "se": view.se,
        "in_best_set": view.in_best_set,
        "params": params_as_json(view.params),
        "trials": [
            {
                "key": trial.key,
                "seed": trial.seed,
                "status": trial.status,
                "seconds": trial.seconds,
                "shared": trial.shared,
                "metrics": finite(trial.metrics),
                "folds": [{"repeat": fold.repeat, "fold": fold.fold, "scores": finite(fold.scores)} for fold in trial.folds],
                "attempts": [
                    {"attempt": one.attempt, "status": one.status.value, "error_type": one.error_type, "error": one.error}
                    for one in trial.attempts
                ],
                "error": trial.error or None,
                "traceback": trial.traceback or None,
                "log": trial.log or None,
            }
            for trial in view.trials
        ],
    }
