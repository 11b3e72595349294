"""What a study's target depends on: shares of parameters and pairs, by exact ANOVA or fANOVA over a forest.

Comes in: the tables of `StudyResults`. Goes out: `Importance`, a table with an interval and a warning on every number, and the
fit behind it, which gives partial dependences.

`features` puts parameters on their prior scales; `anova` takes complete grids apart exactly; `boxes` and `forest` anything else;
`target` is what is explained; `importance` chooses and writes the table.
"""

from hpsearch.results.sensitivity.importance import Importance, importance

__all__ = ["Importance", "importance"]
