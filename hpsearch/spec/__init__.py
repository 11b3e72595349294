"""The search spec: YAML text in, a frozen `StudySpec` out, or a SpecError with every problem and its line.

`draft_spec` gives both: what could be read, with stand-ins, for those who have more to say of the spec.

Comes in: a file's path or text, `--set` overrides, the environment. Goes out: `StudySpec`, whose blocks are plain frozen
values with all defaults filled in. Nothing here imports what a spec names, opens its data, or knows which parameters an
estimator takes: `trainables/` does, and reports through `StudySpec.problem`, which knows the lines.
Each block is declared once as a form (`forms`, `kinds`): the reading, the JSON Schema (`schema`) and docs/spec.md (`reference`)
are made of it. `foreign/` makes specs of other tools' files.
May import `space` and `core`.
"""

from hpsearch.spec.loader import Draft, draft_spec, load_spec, parse_spec
from hpsearch.spec.model import StudySpec
from hpsearch.spec.overrides import parse_value

__all__ = ["Draft", "StudySpec", "draft_spec", "load_spec", "parse_spec", "parse_value"]
