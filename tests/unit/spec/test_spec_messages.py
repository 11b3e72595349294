"""Every rule of the spec, by the sentence that a user reads when it is broken: the cases are in messages.txt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from spec_text import CHOSEN, COMMAND, ESTIMATOR, FUNCTION, PIPELINE, problems

from hpsearch.core.errors import SpecError
from hpsearch.spec import parse_spec

BASES = {"[estimator]": ESTIMATOR, "[chosen]": CHOSEN, "[pipeline]": PIPELINE, "[function]": FUNCTION, "[command]": COMMAND}


def cases() -> Iterator[object]:
    """(base, changed blocks, sentences) of each case, named by its first line."""
    base: dict[str, str] = {}
    for part in Path(__file__).with_name("messages.txt").read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in part.splitlines() if not line.startswith("#")]
        changes: dict[str, str | None] = {}
        for line in lines:
            if line in BASES:
                base = BASES[line]
            elif line.startswith("-"):
                changes[line[1:]] = None
            elif not line.startswith(">"):
                key, _, value = line.partition(": ")
                changes[key] = value
        said = [line[2:] for line in lines if line.startswith(">")]
        if said:
            yield pytest.param(base, changes, said, id=" ".join(line for line in lines if not line.startswith(">")))


@pytest.mark.parametrize(("base", "changes", "said"), list(cases()))
def test_what_is_said_of_a_mistake(base: dict[str, str], changes: dict[str, str | None], said: list[str]) -> None:
    assert problems(base, **changes) == said


def test_the_cases_are_all_read() -> None:
    """A slip in the file's layout must not drop cases in silence."""
    text = Path(__file__).with_name("messages.txt").read_text(encoding="utf-8")
    assert sum(len(case.values[2]) for case in cases()) == text.count("\n> ")  # type: ignore[attr-defined]
    assert text.count("\n> ") > 150


def test_a_spec_is_a_mapping() -> None:
    with pytest.raises(SpecError, match=r"^s\.yaml:1:1  a spec is a mapping with at least trial, metric and space$"):
        parse_spec("[1, 2]", file="s.yaml", folder=Path())


def test_five_mistakes_give_five_messages() -> None:
    said = problems(
        ESTIMATOR,
        name="my study",
        data="{csv: churn.csv, taget: churn}",
        metric="{name: roc_auc, mode: maximum}",
        space="{learning_rate: {float: [0, 0.3], log: true, points: 4}}",
        limit="{concurrent: 3}",
    )
    assert said == [
        "1  name = my study: a name has 1 to 64 letters, digits, dots, underscores and hyphens: it names a folder",
        "3  data.taget: is no key of data; did you mean target?",
        "4  metric.mode = maximum: must be min or max; did you mean max?",
        "5  space.learning_rate.low = 0: a log range starts above 0; write 1e-6, or drop log",
        "6  limit: is no key of a spec; did you mean limits?",
    ]


def test_a_generated_file_with_thousands_of_mistakes_is_cut_short() -> None:
    said = problems(ESTIMATOR, space=f"{{a: [{', '.join(['1'] * 5000)}]}}")
    assert len(said) == 101
    assert said[-1] == "s.yaml  and 4899 more problems"
