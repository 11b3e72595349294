"""What is said of values of every type in every place: the golden file lists them, so that a change of words is seen as one.

After a change that is meant: `python tests/unit/spec/test_spec_fields.py` writes it anew.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

from spec_corpus import VALUES, problems_of, spots

SHOWN = re.compile(r" = .*?: |(?<=quotes: )\".*?\"")
GOLDEN = Path(__file__).with_name("fields.txt")


def told() -> str:
    """A paragraph for each key: what is said, and of which values."""
    paragraphs = []
    for spot in spots():
        values: dict[str, list[str]] = defaultdict(list)
        for value in VALUES:
            said = [SHOWN.sub(" VALUE: ", problem) for problem in problems_of(spot.put(value))]
            values[" / ".join(said) or "good"].append(json.dumps(value))
        lines = [f"  {sentence}\n    {'  '.join(of)}" for sentence, of in values.items()]
        paragraphs.append("\n".join([spot.name, *lines]))
    return "\n\n".join(paragraphs) + "\n"


def test_what_is_said_of_every_value_in_every_place() -> None:
    assert told() == GOLDEN.read_text(encoding="utf-8")


if __name__ == "__main__":
    GOLDEN.write_text(told(), encoding="utf-8")
