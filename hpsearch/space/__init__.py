"""Search spaces: named parameters and their domains, counted and indexed without ever being listed.

Comes in: numbers and values, from `spec/` or from Python. Goes out: the size of a grid, its configuration at an index,
a configuration drawn from uniform numbers, which parameters it has, which those have that choose alike, and whether constraints
admit it. Pure: no YAML, no file, no randomness of its own.
May import `core` alone.

A new domain is one class with `Domain`'s methods, and one entry in `spec/domain_forms.py` that says how it is written.
"""

from hpsearch.space.admitted import Admitted, Tally, glance
from hpsearch.space.conditions import Condition, Parameter
from hpsearch.space.constraints import Constraint
from hpsearch.space.domains import (
    UNSET,
    Choice,
    Constant,
    Domain,
    FloatRange,
    IntRange,
    Normal,
    Ordinal,
    SpaceError,
    Unset,
)
from hpsearch.space.space import Space
from hpsearch.space.variants import Variant, variants

__all__ = [
    "UNSET",
    "Admitted",
    "Choice",
    "Condition",
    "Constant",
    "Constraint",
    "Domain",
    "FloatRange",
    "IntRange",
    "Normal",
    "Ordinal",
    "Parameter",
    "Space",
    "SpaceError",
    "Tally",
    "Unset",
    "Variant",
    "glance",
    "variants",
]
