"""What a study's target depends on: shares of parameters and pairs, by exact ANOVA or fANOVA over a forest.

Comes in: the tables of `StudyResults`. Goes out: `Importance`, a table with an interval and a warning on every number, and the
fit behind it, of which partial dependences and the surfaces of pairs are made.

`features` puts parameters on their prior scales; `anova` takes complete grids apart exactly; `boxes` and `forest` anything else;
`target` is what is explained; `importance` chooses and writes the table; `pairs` says
which must be tuned together; `effects` reads the fit at values of parameters;
`ablation` goes along it from a reference to the best.
"""

from hpsearch.results.sensitivity.ablation import Ablation, ablation
from hpsearch.results.sensitivity.effects import Interactions, PartialDependence, interactions, partial_dependence
from hpsearch.results.sensitivity.importance import Importance, importance
from hpsearch.results.sensitivity.pairs import together

__all__ = [
    "Ablation",
    "Importance",
    "Interactions",
    "PartialDependence",
    "ablation",
    "importance",
    "interactions",
    "partial_dependence",
    "together",
]
