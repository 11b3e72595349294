"""What configurations may have that choose alike."""

from __future__ import annotations

from hpsearch.core.values import Params
from hpsearch.space import Choice, Condition, Constant, Constraint, IntRange, Parameter, Space, variants


def under(parent: str, *values: str) -> tuple[Condition, ...]:
    return (Condition(parent, values),)


RUN = Parameter("run", Choice(("svc", "log", "bayes")))
C_SVC = Parameter("C", Choice((1, 2)), under("run", "svc"), "run.svc.C")
KERNEL = Parameter("kernel", Choice(("poly", "rbf")), under("run", "svc"))
DEGREE = Parameter("degree", Choice((2, 3)), under("kernel", "poly"))
C_LOG = Parameter("C", IntRange(1, 9), under("run", "log"), "run.log.C")
TOL = Parameter("tol", Constant(1))
SPACE = Space((RUN, C_SVC, KERNEL, DEGREE, C_LOG, TOL))


def idents(space: Space, *names: str) -> list[tuple[Params, list[str]]]:
    return [(each.chosen, [parameter.ident for parameter in each.parameters]) for each in variants(space, names)]


def test_each_choice_has_its_own_parameters() -> None:
    assert idents(SPACE, "run") == [
        ({"run": "svc"}, ["run.svc.C", "kernel", "degree", "tol"]),
        ({"run": "log"}, ["run.log.C", "tol"]),
        ({"run": "bayes"}, ["tol"]),
    ]


def test_without_a_choice_there_is_one_with_all() -> None:
    assert idents(SPACE) == [({}, [each.ident for each in SPACE.parameters])]


def test_what_all_of_a_choice_have() -> None:
    svc, log, bayes = variants(SPACE, ["run"])
    assert [each.is_always_there("C") for each in (svc, log, bayes)] == [True, True, False]
    assert [svc.is_always_there(name) for name in ("kernel", "degree", "tol")] == [True, False, True]


def test_what_may_meet_in_a_choice() -> None:
    apart = Parameter("gamma", Constant(1), under("kernel", "rbf"))
    svc, log, _ = variants(Space((*SPACE.parameters, apart)), ["run"])
    assert not svc.may_meet("degree", "gamma")
    assert svc.may_meet("C", "gamma")
    assert log.may_meet("C", "nothing of the space")


def test_a_choice_that_is_not_always_there_may_be_absent() -> None:
    step = Parameter("step", Choice(("scale", "pass")), under("run", "svc"))
    inner = Parameter("inner", Constant(1), under("step", "scale"))
    assert [(chosen, "inner" in others) for chosen, others in idents(Space((RUN, step, inner)), "run", "step")] == [
        ({"run": "svc", "step": "scale"}, True),
        ({"run": "svc", "step": "pass"}, False),
        ({"run": "log"}, False),
        ({"run": "bayes"}, False),
    ]


def test_what_waits_for_a_choice_that_is_absent_is_not_there() -> None:
    mode = Parameter("mode", Choice(("a", "b")))
    step = Parameter("step", Choice(("scale",)), under("mode", "a"))
    inner = Parameter("inner", Constant(1), under("step", "scale"))
    assert idents(Space((mode, step, inner)), "step") == [({"step": "scale"}, ["mode", "inner"]), ({}, ["mode"])]


def test_what_constraints_on_choices_exclude_is_none() -> None:
    other = Parameter("other", Choice(("a", "b")))
    rule = Constraint.of("run == 'svc' or other == 'a'", (RUN, other))
    assert len(idents(Space((RUN, other), (rule,)), "run", "other")) == 4


def test_of_very_many_each_value_is_in_one_that_constraints_allow() -> None:
    both = [Parameter(name, Choice(tuple(range(40)))) for name in ("one", "two")]
    found = variants(Space(tuple(both), (Constraint.of("one != two", both),)), ["one", "two"])
    assert {each.chosen["one"] for each in found} == {each.chosen["two"] for each in found} == set(range(40))
    assert len(found) < 200


def test_of_very_many_each_value_is_in_one() -> None:
    many = Space(tuple(Parameter(f"s{step}", Choice(tuple(range(40)))) for step in range(12)))
    found = variants(many, many.names())
    assert 100 <= len(found) <= 140
    for name in many.names():
        assert {each.chosen[name] for each in found} == set(range(40))
