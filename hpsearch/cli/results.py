"""`hpsearch results`, `best` and `report`: what is read from a study."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.common import (
    color_option,
    dir_option,
    folder_of,
    params_as_json,
    print_json,
    study_argument,
)
from hpsearch.cli.rows import FORMATS, Asked, tell_rows
from hpsearch.cli.rules import HELP, rule_choice, tell_choice
from hpsearch.cli.views import View, tell_view
from hpsearch.core.errors import SpecError
from hpsearch.core.names import study_name
from hpsearch.core.values import Params, Value
from hpsearch.results import StudyResults
from hpsearch.results.ranked_study import TABLES
from hpsearch.results.sensitivity.target import TARGETS
from hpsearch.study import is_experiment, is_tables, load


@click.command()
@study_argument
@dir_option
@click.option("--top", type=click.IntRange(min=1), help="How many rows [table: the spec's report.top; other formats: all].")
@click.option(
    "--where",
    metavar="CONDITION",
    help="Only the rows that meet it, in the language of constraints, on parameters, metrics and columns. Ranks stay those of "
    "the whole study; an inactive parameter makes a comparison false.",
)
@click.option("--columns", metavar="NAME,...", help="These alone, in this order: parameters, metrics, columns.")
@click.option("--rule", type=rule_choice, help="Only the configuration that `hpsearch best --rule` names.")
@click.option(
    "--table", type=click.Choice(TABLES), default="configs", show_default=True, help="What a row is: evaluations are folds."
)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="A file for json and csv [stdout]; for parquet a folder of all tables [./STUDY-results], or a file of the rows that are "
    "asked for [./STUDY-TABLE.parquet].",
)
@click.option("--importance", is_flag=True, help="Instead: which parameters matter.")
@click.option("--dependence", metavar="PARAMETER", help="Instead: how the score goes with a parameter, whatever the others are.")
@click.option(
    "--target", type=click.Choice(TARGETS), default="score", show_default=True, help="With --importance, --dependence: of what."
)
@click.option("--ablation", is_flag=True, help="Instead: what led from the defaults to the best, one parameter at a time.")
@click.option("--from", "start", metavar="CONFIG", help="With --ablation: where to start [the spec's defaults].")
@click.option(
    "--pareto",
    metavar="NAME,...",
    help="Instead: the configurations that none beats in all of these metrics or costs, of those that meet --where. NAME:min, "
    "NAME:max: which way is better.",
)
@color_option
def results(
    study: str,
    directory: Path | None,
    top: int | None,
    where: str | None,
    columns: str | None,
    rule: str | None,
    table: str,
    format_: str,
    as_json: bool,
    output: Path | None,
    importance: bool,
    dependence: str | None,
    target: str,
    ablation: bool,
    start: str | None,
    pareto: str | None,
    no_color: bool,
) -> None:
    """The ranking of STUDY, best first; then what failed. STUDY is a name, a study's folder, or one of Parquet tables.

    mlflow:EXPERIMENT is the runs of that experiment in MLflow, whoever made them.

    \b
    Examples:
      hpsearch results digits-svm --top 5
      hpsearch results digits-svm --where 'C > 1 and accuracy >= 0.98'
      hpsearch results digits-svm --where 'status == "FAILED"' --columns config_id,C,gamma
      hpsearch results digits-svm --rule 1se --table evaluations       the folds of that configuration
      hpsearch results digits-svm --importance
      hpsearch results digits-svm --dependence gamma --target seconds
      hpsearch results digits-svm --pareto accuracy,fit_s --where 'accuracy > 0.9'
      hpsearch results digits-svm --importance --format csv -o importance.csv
      hpsearch results digits-svm --format json | jq '.[0].params'
      hpsearch results digits-svm --format parquet -o tables           hpsearch.load("tables") reads them
      hpsearch results "mlflow:churn?metric=rmse&mode=min"
    """
    format_ = "json" if as_json else format_
    if format_ == "table" and output is not None:
        raise SpecError(f"-o {output}: a table goes to stdout; choose --format json, csv or parquet")
    asked = Asked(table, where, columns, rule, top)
    view = View.of(importance=importance, dependence=dependence, target=target, ablation=ablation, start=start, pareto=pareto)
    if view is not None and (given := [name for name in asked.given if name not in view.goes_with]):
        raise SpecError(f"{view.option} is shown whole: leave {' and '.join(given)} out")
    found = load(study, directory)
    if view is not None:
        tell_view(found, view, where, format_, output, color=not no_color)
    else:
        tell_rows(None if is_tables(study, directory) else study, found, asked, format_, output, color=not no_color)


@click.command()
@study_argument
@dir_option
@click.option(
    "--rule",
    type=rule_choice,
    default="best",
    show_default=True,
    help=HELP,
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
    config_id = results.choice(rule)
    params = results.params[config_id]
    tell_choice(results, config_id, rule)
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
    help="[the study's report.html; of mlflow:NAME and of tables ./NAME-report.html]",
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
    if figures is not None:
        if output is not None:
            raise SpecError("--figures writes figures and no page: leave -o out, or call report twice")
        _write_figures(load(study, directory), figures)
        return
    if output is not None and not output.name:
        raise SpecError("-o is empty; name a file, such as report.html, or leave it out")
    if output is not None and not output.absolute().parent.is_dir():
        raise SpecError(f"-o {output}: there is no folder {output.absolute().parent}")
    found = load(study, directory)
    if output is not None:
        path = output
    elif is_experiment(study) or is_tables(study, directory):
        path = Path(f"{study_name(found.study.name)}-report.html")
    else:
        path = folder_of(study, directory).report
    click.echo(str(found.report(path)))


def _write_figures(found: StudyResults, folder: Path) -> None:
    from hpsearch.report import write_figures

    paths = write_figures(found, folder)
    for path in paths:
        click.echo(str(path))
    if not paths:
        click.echo(f"no figure: {found.notes[0]}" if found.notes else "no figure: no parameter varies", err=True)


def _as_yaml(params: Params) -> str:
    import yaml

    text: str = yaml.safe_dump({name: _listed(value) for name, value in params.items()}, sort_keys=False, allow_unicode=True)
    return text


def _listed(value: Value) -> object:
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, tuple) else value
