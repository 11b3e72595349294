"""Whether scikit-learn accepts the values that the spec gives its parameters, before every trial refuses them."""

from __future__ import annotations

from collections.abc import Sequence

from hpsearch.core.values import Value
from hpsearch.space.domains import Choice, Constant, Domain, Normal
from hpsearch.trainables.choices import Setting
from hpsearch.trainables.estimators import Estimator, for_estimator
from hpsearch.trainables.findings import Findings

_MOST = 200  # of a choice's values; more are not looked at


def sample_values(domain: Domain) -> list[Value]:
    """Values that a parameter may have: a choice's, of a range its ends, of a normal its quartiles."""
    if isinstance(domain, Choice | Constant):
        return [domain.grid_at(index) for index in range(min(domain.grid_size(), _MOST))]
    # A normal has no ends, and what lies far out in its tails is not what was asked for.
    return [domain.sample(u) for u in ((0.25, 0.75) if isinstance(domain, Normal) else (0.0, 1 - 2**-53))]


def check_values(findings: Findings, base: Estimator, settings: Sequence[Setting]) -> None:
    """Adds a finding for every value that scikit-learn's own parameter validation refuses: `kernel: rfb`, `n_estimators: 100.0`.

    Each value is looked at alone, the other parameters as the class has them; what a combination breaks, a trial tells.
    """
    known = base.get_params(deep=True)
    for setting in settings:
        if setting.name in known:
            _check(findings, base, setting.name, sample_values(setting.domain), setting.at)


def _check(findings: Findings, base: Estimator, name: str, values: list[Value], at: str) -> None:
    from sklearn.base import clone

    prefix, joint, last = name.rpartition("__")
    for value in values:
        changed = clone(base).set_params(**{name: for_estimator(value)})
        owner = changed.get_params(deep=True)[prefix] if joint else changed
        # Every estimator of scikit-learn has both since 1.2, and no other has to.
        validate = getattr(owner, "_validate_params", None)
        if validate is None or not hasattr(owner, "_parameter_constraints"):
            return
        try:
            validate()
        except (TypeError, ValueError) as error:
            if f"'{last}'" in str(error):  # else it is about something that the spec does not set
                findings.add(at, f" = {value!r}: {error}")
                return
