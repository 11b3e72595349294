"""`hpsearch plan`. What is imported here is waited for by whoever only wants to know whether a spec is right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from hpsearch.cli.common import (
    dir_option,
    json_option,
    params_as_json,
    plural,
    print_json,
    set_option,
    short_params,
    spec_argument,
    whole,
    wrapped,
)
from hpsearch.cli.explaining import explanation_as_json, explanation_lines
from hpsearch.core.values import Params, canonical
from hpsearch.ledger.folder import studies_dir
from hpsearch.plan import Effect
from hpsearch.spec import StudySpec
from hpsearch.study import Options, Preview, open_spec
from hpsearch.study import plan as plan_study

_ABSENT = ("absent",)
_NAMED = 12  # parameters and constraints; of a generated spec's thousands, only --json tells more


@click.command()
@spec_argument
@dir_option
@set_option
@json_option
def plan(spec: Path, directory: Path | None, overrides: tuple[str, ...], as_json: bool) -> None:
    """Check SPEC and count what it amounts to. Starts nothing, creates nothing.

    What may not be meant as it is written is told on stderr as a warning, and the exit code is 0 all the same.

    \b
    Examples:
      hpsearch plan search_spaces/churn_xgboost.yaml
      hpsearch plan spec.yaml --json
    """
    loaded = open_spec(spec, overrides=overrides)
    preview = plan_study(loaded, Options(studies_dir(directory)))
    if as_json:
        print_json(_preview_as_json(loaded, preview))
        return
    for caution in preview.cautions:
        click.echo(f"warning: {caution}", err=True)
    for line in _preview_lines(loaded, preview):
        click.echo(wrapped(line))
    for line in _ends(loaded, preview):
        click.echo(wrapped(line))


def _preview_as_json(spec: StudySpec, preview: Preview) -> dict[str, object]:
    counts = preview.counts
    return {
        **{field: getattr(counts, field) for field in counts.__slots__},
        "constants": params_as_json(_in_every_trial(spec)),
        "first": [params_as_json(params) for params in preview.first],
        "last": [params_as_json(params) for params in preview.last] if preview.last_known else None,
        "constraints": [asdict(effect) for effect in preview.effects],
        "duplicates": [asdict(dropped) for dropped in preview.dropped],
        **explanation_as_json(preview.explanation),
        "warnings": [{**asdict(caution), "text": str(caution)} for caution in preview.cautions],
    }


def _preview_lines(spec: StudySpec, preview: Preview) -> Iterator[str]:
    counts, varying = preview.counts, spec.space.varying
    more = f" and {len(varying) - _NAMED:,} more" if len(varying) > _NAMED else ""
    over = f"{', '.join(varying[:_NAMED])}{more}" if varying else "no varying parameter"
    yield f"{spec.name}: {spec.search.method} search over {over}"
    if same := _in_every_trial(spec):
        more = f" and {len(same) - _NAMED:,} more" if len(same) > _NAMED else ""
        yield f"  in every trial: {short_params(same, list(same)[:_NAMED])}{more}"
    about = "about " if counts.low is not None else ""
    if spec.space.constraints and counts.grid is not None:
        bounds = (
            f", 95 % interval {whole(counts.low)} to {whole(counts.high)}"
            if counts.low is not None and counts.high is not None
            else ""
        )
        left = (counts.configurations or 0) - counts.off_grid
        yield f"  constraints leave {about}{whole(left)} of {plural(counts.grid, 'configuration')}{bounds}"
    for effect in preview.effects[:_NAMED]:
        yield f"    {_effect(effect)}: {effect.text}"
    if len(preview.effects) > _NAMED:
        yield f"    and {len(preview.effects) - _NAMED:,} more (--json has them all)"
    if counts.off_grid:
        yield f"  search.first adds {plural(counts.off_grid, 'configuration')} off the grid"
    seeds = f" x {plural(len(spec.repeat.seeds), 'seed')}" if len(spec.repeat.seeds) > 1 else ""
    yield f"  {about}{plural(counts.configurations or 0, 'configuration')}{seeds} = {about}{plural(counts.trials or 0, 'trial')}"
    wanted = spec.search.trials
    if wanted and counts.to_run is not None and (counts.configurations or 0) < wanted:
        yield f"  drawing finds no more of the {wanted:,} asked for: the space, or what constraints admit of it, is used up"
    for dropped in preview.dropped:
        yield f"  {dropped.path}: {plural(dropped.count, 'duplicate')} left out: {dropped.why}"
    if counts.to_run is None:
        yield "  to run: not counted, for a study of this size; what the ledger holds is not run again"
    else:
        yield f"  to run: {counts.to_run:,} ({counts.reused:,} in the ledger)"
    yield from explanation_lines(counts, preview.explanation)


def _in_every_trial(spec: StudySpec) -> Params:
    """The fixed parameters, and those of the space that are the same in all configurations."""
    return {**spec.trial.fixed, **spec.space.constants}


def _effect(effect: Effect) -> str:
    """What a constraint does by itself, in few words."""
    if effect.removed is None:
        return f"excludes {effect.excluded / effect.looked:.0%} of what is drawn"
    return f"excludes {'' if effect.exact else 'about '}{whole(effect.removed)}"


def _ends(spec: StudySpec, preview: Preview) -> Iterator[str]:
    """The configurations at either end of the search, by what tells them apart."""
    shown = [*preview.first, *preview.last]
    apart = [name for name in spec.space.varying if len({canonical(params.get(name, _ABSENT)) for params in shown}) > 1]
    names = (apart or spec.space.varying)[:_NAMED]
    for title, configurations in {"first": preview.first, "last": preview.last}.items():
        for index, params in enumerate(configurations):
            yield f"  {f'{title}:' if index == 0 else '':<7}{short_params(params, names)}"
    if same := [name for name in spec.space.varying if shown and name not in apart and name in shown[0]]:
        yield f"  in all of these: {short_params(shown[0], same[:_NAMED])}"
    if not preview.first:
        yield "  first: not found in a moment: constraints admit few, if any"
    if not preview.last_known:
        yield "  last:  not looked for: it would take long"
