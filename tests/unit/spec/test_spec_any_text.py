"""Whatever stands in a file, a user gets a study or a SpecError: never a traceback, never a hang."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from spec_text import ESTIMATOR, PIPELINE

from hpsearch.core.errors import SpecError
from hpsearch.spec import StudySpec, parse_spec

KEYS = [
    "version", "name", "description", "tags", "trial", "data", "evaluate", "metric", "space", "search", "early_stop", "repeat",
    "resources", "limits", "retry", "reuse", "execution", "tracking", "ledger", "report", "estimator", "pipeline", "function",
    "command", "fixed", "columns", "remainder", "select", "transform", "numeric", "csv", "sklearn", "target", "drop", "dtypes",
    "na_values", "positive", "cv", "holdout", "folds", "fraction", "repeats", "stratify", "metrics", "mode", "int", "float",
    "choice", "const", "step", "points", "log", "default", "when", "method", "trials", "seed", "seeds", "cpu", "gpu",
    "memory", "failures", "crash", "results", "failed", "uri", "top", "tie_break", "ray", "a", "a__b", "a.b",
    "a.B", "param.a", "ordinal",
]  # fmt: skip
SCALARS = [
    "", "~", "0", "1", "-3", "0.5", "1e-4", ".nan", ".inf", "1e308", "true", "no", "rbf", "a.B", "a.b:c", "10%", "1GiB", "grid",
    "random", "passthrough", "max", "'${HOME}'", "'${X'", "'é\\t'", "9223372036854775807", "&x 1", "*x", "!t 1",
    "'python t.py {a}'", "'{args'", "'{{ }} {a} \"'",
]  # fmt: skip

FLOW = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(st.tuples(st.sampled_from(KEYS), inner), max_size=4).map(
            lambda items: f"{{{', '.join(f'{key}: {value}' for key, value in items)}}}"
        )
    ),
    max_leaves=12,
)


def attempt(text: str, overrides: list[str] | None = None) -> None:
    with contextlib.suppress(SpecError):
        spec = parse_spec(text, file="s.yaml", folder=Path("/specs"), overrides=overrides or [], environ={"HOME": "/home/me"})
        assert isinstance(spec, StudySpec)
        spec.space.grid_at(0) if spec.search.method == "grid" else spec.space.names()


@settings(max_examples=300, deadline=None)
@given(st.text())
@example("a: &a\n  - *a")
@example("? ")
@example("- - - -")
@example("%YAML 1.1\n---\na: 1")
@example("\ufeff")
@example("'")
def test_any_text(text: str) -> None:
    attempt(text)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(KEYS[:20]), FLOW), max_size=6))
def test_any_blocks(blocks: list[tuple[str, str]]) -> None:
    attempt("\n".join(f"{key}: {value}" for key, value in blocks))


@pytest.mark.parametrize("base", [ESTIMATOR, PIPELINE], ids=["estimator", "pipeline"])
@settings(max_examples=300, deadline=None)
@given(
    key=st.sampled_from(KEYS[:20]), value=FLOW, override=st.none() | st.tuples(st.lists(st.sampled_from(KEYS), max_size=4), FLOW)
)
def test_a_good_spec_with_any_block_changed(
    base: dict[str, str], key: str, value: str, override: tuple[list[str], str] | None
) -> None:
    text = "\n".join(f"{name}: {block}" for name, block in {**base, key: value}.items())
    attempt(text, [f"{'.'.join(override[0])}={override[1]}"] if override else None)
