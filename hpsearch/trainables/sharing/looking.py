"""Which of a study's settings a rule refuses: each value that the space has is looked at once.

In an estimator that has otherwise what all configurations have. A worker looks again, at each trial's own: what is left out here
costs a count, no score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hpsearch.core.values import Value, canonical
from hpsearch.space import Choice as Values
from hpsearch.space import Constant, Domain
from hpsearch.trainables.choices import Choice
from hpsearch.trainables.estimators import Estimator, for_estimator
from hpsearch.trainables.sharing.grouping import ANY, Reason, Refused
from hpsearch.trainables.sharing.white_list import Refusing

_LOOKS = 200  # values of one setting
_MIDDLE = 0.5  # of a range: no rule tells its numbers apart
_LISTED = (Values, Constant)


@dataclass(frozen=True)
class Looked:
    """What a rule refuses in one choice of what runs. `is_used`: whether it lets any configuration through."""

    reasons: tuple[Reason, ...]
    refused: tuple[Refused, ...]
    is_used: bool


def look(name: str, rule: Refusing, choice: Choice, cls: str, configured: Estimator, prefix: str) -> Looked:
    """What `rule` refuses.

    Args:
        name: the rule's, as `Reason.rule` has it.
        cls: as in `Sharing.paths`.
        configured: what predicts, with what all configurations have. prefix: what begins the names of its parameters.
    """

    def no(about: str, why: str) -> Reason:
        return Reason(name, False, about, why)

    settings = [each for each in choice.settings if each.name.startswith(prefix) and not each.is_fixed]
    told = {each.name.removeprefix(prefix) for each in settings}
    always = tuple(no(f"{prefix}{each}", why) for each, why in rule.refusals(configured).items() if each not in told)
    if always:
        return Looked(always, (), is_used=False)
    refused: dict[Refused, Reason] = {}
    is_used = True
    for setting in settings:
        found = dict(_refused(rule, configured, setting.name.removeprefix(prefix), setting.domain))
        refused |= {(cls, setting.called, text): no(setting.called, why) for text, why in found.items()}
        is_used &= len(found) < len(_values(setting.domain)) or not choice.variant.is_always_there(setting.called)
    return Looked(tuple(dict.fromkeys(refused.values())), tuple(refused), is_used)


def _refused(rule: Refusing, configured: Estimator, name: str, domain: Domain) -> Iterator[tuple[str, str]]:
    """The values of a setting with which the rule does not apply: canonical text, and why."""
    from sklearn.base import clone

    for value in _values(domain):
        why = rule.refusals(clone(configured).set_params(**{name: for_estimator(value)})).get(name)
        if why is not None:
            yield canonical(value) if isinstance(domain, _LISTED) else ANY, why


def _values(domain: Domain) -> Sequence[Value]:
    if isinstance(domain, _LISTED):
        return [domain.grid_at(index) for index in range(min(domain.grid_size(), _LOOKS))]
    return [domain.sample(_MIDDLE)]
