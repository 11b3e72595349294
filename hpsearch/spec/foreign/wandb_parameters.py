"""The parameters of a W&B sweep: values, ranges and distributions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from hpsearch.core.names import did_you_mean
from hpsearch.space.points import exact
from hpsearch.spec.foreign.domains import Domain, choice, constant, exponential, instead, left_out, parameter, span
from hpsearch.spec.foreign.reading import Foreign, Keys, number
from hpsearch.spec.foreign.sheet import Item, yaml_of
from hpsearch.spec.nodes import ListNode, MapNode
from hpsearch.spec.places import Place

_ENDLESS = "W&B has no grid over it either"


def read_parameters(foreign: Foreign, place: Place, *, is_grid: bool) -> list[Item]:
    """The space; nested parameters under dotted names."""
    if place.node is None:
        place.add("is missing; a sweep needs parameters")
        return []
    return list(_parameters(foreign, place, "", is_grid))


def _parameters(foreign: Foreign, place: Place, prefix: str, is_grid: bool) -> Iterator[Item]:
    for name, entry, at in foreign.keys(place).each():
        keys = foreign.keys(at)
        if "parameters" in keys.entries:
            yield from _parameters(foreign, keys.at("parameters"), f"{prefix}{name}.", is_grid)
        else:
            yield parameter(foreign, prefix + name, _Reading(foreign, keys, at, is_grid).domain(), entry.mark, entry.node)
        keys.finish("is no key of a parameter that hpsearch knows")


@dataclass(frozen=True)
class _Reading:
    """One parameter while it is read."""

    foreign: Foreign
    keys: Keys
    at: Place
    is_grid: bool

    def domain(self) -> Domain:
        named = self.keys.at("distribution").text(None)
        kind = named or self._kind()
        if kind is None:
            if isinstance(self.at.node, MapNode):
                self.at.refuse("needs value, values, min and max, or a distribution")
            return constant(None)
        if kind not in DISTRIBUTIONS:
            self.keys.at("distribution").refuse(f"is no distribution of W&B's{did_you_mean(kind, DISTRIBUTIONS)}")
            return constant(None)
        return DISTRIBUTIONS[kind](self)

    def _kind(self) -> str | None:
        """The distribution that W&B takes where none is named."""
        has = self.keys.entries.keys()
        if "value" in has or "values" in has:
            return "constant" if "value" in has else "categorical_w_probabilities" if "probabilities" in has else "categorical"
        if not {"min", "max"} & has:
            return None
        ends = [number(self.keys.at(key)) for key in ("min", "max")]
        return "int_uniform" if all(type(end) is int for end in ends) else "uniform"

    def number(self, key: str, default: float | None = None) -> float | None:
        """None, noted, where there is none and none can be assumed."""
        before = len(self.foreign.log.problems)
        found = number(self.keys.at(key))
        if found is None and default is None and len(self.foreign.log.problems) == before:
            self.at.refuse(f"needs {key}")
        return default if found is None else found

    def ends(self) -> tuple[float, float] | None:
        low, high = self.number("min"), self.number("max")
        return None if low is None or high is None else (low, high)

    def step(self) -> float | None:
        # Nothing said is 1.0, a float, and so are the values then.
        step = self.number("q", 1.0)
        if step is not None and step <= 0:
            self.keys.at("q").refuse("must be above 0")
            return None
        return step

    def constant(self) -> Domain:
        at = self.keys.at("value")
        return constant(self.keys.place.child("value").value() if at else None)

    def categorical(self) -> Domain:
        at = self.keys.at("values")
        if not isinstance(at.node, ListNode):
            (at if at else self.at).refuse("needs values, a list")
            return constant(None)
        value = at.value()
        assert isinstance(value, tuple)
        return choice(value)

    def weighted(self) -> Domain:
        even = self.categorical()
        if not (at := self.keys.at("probabilities")):
            return even
        said = f"probabilities: {yaml_of(at.value())} have no counterpart: each is as likely"
        return instead(self.foreign, at, "probabilities have no counterpart: every value is drawn equally often", even, said)

    def int_uniform(self) -> Domain:
        ends = self.ends()
        return constant(None) if ends is None else span("int", *ends)

    def uniform(self) -> Domain:
        ends = self.ends()
        return constant(None) if ends is None else self._unless_grid(span("float", *ends))

    def q_uniform(self) -> Domain:
        ends, step = self.ends(), self.step()
        if ends is None or step is None:
            return constant(None)
        if not self.is_grid:
            return _stepped(*ends, step)
        kind = "int" if all(type(each) is int for each in (*ends, step)) else "float"
        low, high, size = map(exact, (*ends, step))
        if low < high and size > high - low:
            return constant(ends[0] if kind == "int" else float(ends[0]))
        on_step = low < high and (high - low) % size == 0
        found = Domain(span(kind, *ends, step=step).text)
        if not on_step:
            return found
        last = yaml_of(ends[1])
        said = f"W&B's own grid ends one step before {last}"
        return instead(self.foreign, self.keys.at("max"), f"the grid has {last} too; {said}", found, said)

    def log(self) -> Domain:
        return self._log(inverse=False)

    def inverse_log(self) -> Domain:
        # log(1/x) between min and max is log(x) between -max and -min.
        return self._log(inverse=True)

    def log_values(self) -> Domain:
        ends = self.ends()
        return constant(None) if ends is None else self._unless_grid(span("float", *ends, log=True))

    def q_log(self) -> Domain:
        return self._stepped_log(self._powers(inverse=False))

    def q_log_values(self) -> Domain:
        return self._stepped_log(self.ends())

    def normal(self) -> Domain:
        return self._bell("normal")

    def lognormal(self) -> Domain:
        return self._bell("lognormal")

    def q_normal(self) -> Domain:
        step = self.step()
        bell = self._bell("normal", step)
        if type(step) is not int or bell.is_off:
            return bell
        at = self.keys.at("q")
        return instead(self.foreign, at, "whole numbers are floats here: 3.0 for 3", bell, "floats, where W&B has whole numbers")

    def q_lognormal(self) -> Domain:
        bell, at = self._bell("lognormal"), self.keys.at("q")
        if bell.is_off:
            return bell
        reason = "a lognormal in steps has no counterpart: every value is drawn"
        return instead(self.foreign, at if at else self.at, reason, bell, f"without steps of {yaml_of(self.step())}")

    def beta(self) -> Domain:
        shape = {key: self.number(key, 1.0) for key in ("a", "b")}
        step = self.number("q", 1.0) if "q" in self.keys.entries or self.keys.at("distribution").says("q_beta") else None
        quantised = step if step is not None and 0 < step < 1 else None
        even = Domain(span("float", 0, 1, step=quantised).text)
        said = f"beta({', '.join(f'{key}={value}' for key, value in shape.items())}) has no counterpart: drawn evenly"
        at = self.keys.at("distribution")
        if self.is_grid:
            return left_out(self.foreign, at, f"a beta distribution has no counterpart; {_ENDLESS}", Domain("{float: [0, 1]}"))
        return instead(self.foreign, at, "a beta distribution has no counterpart: it is drawn evenly from 0 to 1", even, said)

    def _log(self, *, inverse: bool) -> Domain:
        ends, powers = self.ends(), self._powers(inverse=inverse)
        if ends is None or powers is None:
            return constant(None)
        sign = "-" if inverse else ""
        said = f"e to the power of {sign}{yaml_of(ends[inverse])} and {sign}{yaml_of(ends[not inverse])}"
        return self._unless_grid(Domain(span("float", *powers, log=True).text, (said,)))

    def _powers(self, *, inverse: bool) -> tuple[float, float] | None:
        ends = self.ends()
        if ends is None:
            return None
        low, high = map(exponential, (-ends[1], -ends[0]) if inverse else ends)
        if low is None or high is None:
            self.at.refuse("min and max are exponents of e, and no float holds that power; for values write log_uniform_values")
            return None
        return low, high

    def _stepped_log(self, ends: tuple[float, float] | None) -> Domain:
        step = self.step()
        if ends is None or step is None:
            return constant(None)
        if step == 1 and type(step) is int and ends[0] >= 1 and not self.is_grid:
            return span("int", round(ends[0]), round(ends[1]), log=True)
        stepped = _stepped(*ends, step)
        if self.is_grid:
            return left_out(self.foreign, self.at, f"a log scale in steps is no grid; {_ENDLESS}", stepped)
        reason = "a log scale in steps has no counterpart: the steps are drawn evenly"
        return instead(self.foreign, self.at, reason, stepped, "W&B draws these on a log scale")

    def _bell(self, kind: str, step: float | None = None) -> Domain:
        mean, sd = self.number("mu", 0.0), self.number("sigma", 1.0)
        stepped = f", step: {yaml_of(step)}" if step is not None else ""
        if sd == 0 and mean is not None:
            return constant(float(mean) if kind == "normal" else exponential(mean))
        return self._unless_grid(Domain(f"{{{kind}: [{yaml_of(mean)}, {yaml_of(sd)}]{stepped}}}"))

    def _unless_grid(self, domain: Domain) -> Domain:
        if not self.is_grid or not domain.text.startswith("{"):
            return domain
        return left_out(self.foreign, self.at, f"a grid needs values, and this range has no number of points; {_ENDLESS}", domain)


def _stepped(low: float, high: float, step: float) -> Domain:
    """The multiples of `step` next to what lies between the ends, as round(x / step) * step gives them."""
    size = exact(step)
    first, last = (round(exact(end) / size) * size for end in (low, high))
    if type(step) is int:
        return span("int", int(first), int(last), step=step if first < last else None)
    return span("float", float(first), float(last), step=step if first < last else None)


DISTRIBUTIONS: Mapping[str, Callable[[_Reading], Domain]] = {
    "constant": _Reading.constant,
    "categorical": _Reading.categorical,
    "categorical_w_probabilities": _Reading.weighted,
    "int_uniform": _Reading.int_uniform,
    "uniform": _Reading.uniform,
    "q_uniform": _Reading.q_uniform,
    "log_uniform": _Reading.log,
    "log_uniform_values": _Reading.log_values,
    "inv_log_uniform": _Reading.inverse_log,
    "inv_log_uniform_values": _Reading.log_values,
    "q_log_uniform": _Reading.q_log,
    "q_log_uniform_values": _Reading.q_log_values,
    "normal": _Reading.normal,
    "q_normal": _Reading.q_normal,
    "log_normal": _Reading.lognormal,
    "q_log_normal": _Reading.q_lognormal,
    "beta": _Reading.beta,
    "q_beta": _Reading.beta,
}
