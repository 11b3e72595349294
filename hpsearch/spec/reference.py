"""docs/spec.md's tables, made of the forms that the loader reads by: `make docs` puts them between the page's two marks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from hpsearch.spec.forms import Form, Key, forms_of
from hpsearch.spec.study import STUDY

BEGIN, END = "<!-- made by `make docs`: edit hpsearch/spec -->", "<!-- end of what is made -->"


def reference() -> str:
    """A section for each form, in the order of the spec, with its keys and an example."""
    sections = {form.name: form for form in forms_of(STUDY)}.values()
    return "\n".join(line for form in sections for line in _section(form))


def renewed(page: str) -> str:
    """The page with its made part made again. Raises: ValueError for a page without the two marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks the mark {BEGIN if not begin else END}")
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def _section(form: Form) -> Iterator[str]:
    yield from (f"### {form.name}", "", form.help, "")
    if form.one_of:
        yield from (f"Exactly one of {_listed(form.one_of)} is written.", "")
    if form.at_most:
        yield from (f"At most one of {_listed(form.at_most)} is written.", "")
    yield from ("| key | written as | left out | meaning | example |", "|---|---|---|---|---|")
    yield from (_row(key) for key in form.keys)
    if form.example:
        yield from ("", "```yaml", form.example, "```")
    yield ""


def _row(key: Key) -> str:
    left_out = f"`{key.default}`" if key.default else "must be there" if key.needs else ""
    later = "" if key.later is None else " **Not supported yet.**"
    return f"| `{key.name}` | {key.kind.says} | {left_out} | {key.help}{later} | `{key.name}: {key.example}` |"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
