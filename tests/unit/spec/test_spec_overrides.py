"""`--set`: what it merges, what it replaces, and that a study started with it can be read again."""

from __future__ import annotations

from pathlib import Path

import pytest
from spec_text import CHOSEN, ESTIMATOR, FUNCTION, PIPELINE, problems, read

from hpsearch.core.errors import SpecError
from hpsearch.space import Choice, FloatRange, IntRange
from hpsearch.spec import parse_spec, parse_value


def test_values_are_yaml() -> None:
    spec = read(
        overrides=["space.max_depth=[3, 5, 7]", "trial.fixed.tree_method=hist", "trial.fixed.eta=1e-2", "repeat.seeds=[0, 1]"]
    )
    assert spec.space.domains("max_depth") == (Choice((3, 5, 7)),)
    assert spec.trial.fixed == {"tree_method": "hist", "eta": 0.01}
    assert spec.repeat.seeds == (0, 1)
    assert spec.overrides[0] == "space.max_depth=[3, 5, 7]"


def test_mappings_merge_and_domains_replace() -> None:
    base = {**ESTIMATOR, "space": "{a: {int: [1, 9], step: 2}, b: 1}"}
    spec = read(base, overrides=["space={a: {int: [1, 3]}, c: 2}", "data.drop=[id]"])
    assert spec.space.domains("a") == (IntRange(1, 3),)
    assert spec.space.names() == ("a", "b", "c")
    assert spec.data is not None
    assert (spec.data.source, spec.data.drop) == ("churn.csv", ("id",))


@pytest.mark.parametrize(
    ("override", "idents"),
    [
        ("space.b.choice.d.r=[0.3]", ["b", "b.d.r", "b.d.s", "b.d.s.p.q"]),
        ("space.b.choice.d.s.choice.p.q={int: [1, 4]}", ["b", "b.d.r", "b.d.s", "b.d.s.p.q"]),
        ("space.b.choice.d.s=[x, y]", ["b", "b.d.r", "b.d.s"]),
        ("space.b.choice.z={t: [1, 2]}", ["b", "b.d.r", "b.d.s", "b.d.s.p.q", "b.z.t"]),
        ("space.b.choice={g: {}}", ["b"]),
        ("space.b=[g]", ["b"]),
    ],
)
def test_a_path_into_a_sub_space_leaves_the_other_branches(override: str, idents: list[str]) -> None:
    branches = "{g: {}, d: {r: [0.1, 0.2], s: {choice: {p: {q: [1, 2]}, o: {}}}}}"
    spec = read({**ESTIMATOR, "space": f"{{b: {{choice: {branches}}}}}"}, overrides=[override])
    assert [parameter.ident for parameter in spec.space.parameters] == idents


@pytest.mark.parametrize(
    ("override", "domain"),
    [
        ("space.a.points=5", FloatRange(0.1, 10.0, points=5, log=True)),
        ("space.a.float=[1, 2]", FloatRange(1.0, 2.0, points=3, log=True)),
        ("space.a.log=", FloatRange(0.1, 10.0, points=3)),
        ("space.a.int=[1, 2]", IntRange(1, 2)),
        ("space.a=[1, 2]", Choice((1, 2))),
        ("space.a={int: [1, 2]}", IntRange(1, 2)),
    ],
)
def test_a_path_into_a_domain_changes_one_key_of_it(override: str, domain: object) -> None:
    """As a file that extends another cannot: there a domain is replaced as a whole."""
    base = {**ESTIMATOR, "space": "{a: {float: [0.1, 10], log: true, points: 3}, b: [1, 2]}"}
    assert read(base, overrides=[override]).space.domains("a") == (domain,)


def test_a_path_into_a_domain_may_be_misspelt() -> None:
    base = {**ESTIMATOR, "space": "{a: {float: [0.1, 10], log: true, points: 3}, b: [1, 2]}"}
    (said,) = problems(base, overrides=["space.a.flaot=[1, 2]"])
    assert said.endswith("did you mean float?")


def test_another_kind_of_trial_replaces_the_first() -> None:
    spec = read(PIPELINE, overrides=["trial.estimator=sklearn.svm.SVC", "space={C: 1}", "space.clf__max_depth=3"])
    assert (spec.trial.kind, spec.trial.path, spec.trial.steps) == ("estimator", "sklearn.svm.SVC", ())


def test_null_takes_a_block_out_and_the_last_one_wins() -> None:
    spec = read(
        evaluate="{cv: {folds: 3}}", overrides=["evaluate.cv=", "evaluate.holdout.fraction=0.5", "evaluate.holdout.fraction=0.4"]
    )
    assert spec.evaluate is not None
    assert spec.evaluate.cv is None
    assert spec.evaluate.holdout is not None
    assert spec.evaluate.holdout.fraction == 0.4


def test_what_is_stored_reads_back_as_the_study_that_ran() -> None:
    """Continuing a study from its stored spec without the overrides would run another one."""
    spec = read(overrides=["space.max_depth={int: [1, 5]}", "description='a: b # ${HOME}'", "data.positive='no'", "tags={1: 2}"])
    again = parse_spec(spec.text, file=spec.file, folder=spec.folder, environ={"HOME": "/home/me"})
    assert (again.space, again.description, again.data, again.tags) == (spec.space, spec.description, spec.data, spec.tags)
    assert "/home/me" not in spec.text
    assert read().text.startswith("name: churn\ntrial: {estimator: ")


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("space.max_depth", "--set space.max_depth  must be PATH=VALUE, as space.max_depth=[3,5]"),
        ("=3", "--set =3  must be PATH=VALUE, as space.max_depth=[3,5]"),
        ("space..a=3", "--set space..a=3  must be PATH=VALUE, as space.max_depth=[3,5]"),
        ("space.a=[3",
         "--set space.a=[3  space.a: is not YAML: this [ is not closed; "
         "write ] where it ends; a text that holds one stands in quotes"),
        ("space.a=!x 3", "--set space.a=!x 3  space.a: the tag !x is not allowed; a spec is made of plain values"),
        ("space.a={int: [9, 3]}",
         "--set space.a={int: [9, 3]}  space.a.high = 3: a range ends above its low end, 9; write [3, 9]"),
        ("serch.seed=3", "--set serch.seed=3  serch: is no key of a spec; did you mean search?"),
        ("name=[1]", "--set name=[1]  name: must be a text"),
        ("trial.fixed.max_depth=4", "5  space.max_depth: stands in trial.fixed too; drop one of the two"),
    ],
)  # fmt: skip
def test_an_override_is_checked_like_the_file(override: str, said: str) -> None:
    assert problems(ESTIMATOR, [override]) == [said]


def test_a_lone_value() -> None:
    assert [parse_value(text) for text in ("3", "1e-4", "no", "[1, [2]]", "", "{a: [1]}")] == [
        3,
        1e-4,
        "no",
        (1, (2,)),
        None,
        {"a": (1,)},
    ]
    for text, said in [
        (
            "[1",
            "[1: is not YAML: this [ is not closed; write ] where it ends; a text that holds one stands in quotes",
        ),
        ("{1: 1, true: 2}", "{1: 1, true: 2}: the keys 1 and true are the same one in Python; keep one"),
    ]:
        with pytest.raises(SpecError) as caught:
            parse_value(text)
        assert str(caught.value) == said


def test_an_override_cannot_save_a_file_that_is_no_mapping() -> None:
    with pytest.raises(SpecError, match="a spec is a mapping"):
        parse_spec("[1]", file="s.yaml", folder=Path(), overrides=["name=a"])


def test_a_class_that_is_new_is_one_key_beside_others() -> None:
    written = "{estimator: {choice: {sklearn.svm.SVC: {C: [1]}}}}"
    path = "space.estimator.choice.sklearn.neighbors.KNeighborsClassifier"
    for assigned in (f"{path}.n_neighbors=[1, 3]", f"{path}={{n_neighbors: [1, 3]}}"):
        spec = read(CHOSEN, overrides=[f"space={written}", assigned])
        assert spec.space.names() == ("estimator", "C", "n_neighbors")
        assert spec.space.grid_size() == 3


def test_the_values_of_a_choice_are_replaced_and_what_else_it_has_stays() -> None:
    written = "{booster: [gbtree, dart], leaves: {choice: [0, 31], when: {booster: gbtree}, default: 0}}"
    spec = read(ESTIMATOR, overrides=[f"space={written}", "space.leaves.choice=[0, 63]"])
    leaves = spec.space.parameters[-1]
    assert isinstance(leaves.domain, Choice)
    assert (leaves.domain.values, leaves.domain.default) == ((0, 63), 0)
    assert leaves.when, "its condition is not lost with the old values"


def test_the_branches_of_a_choice_are_replaced_whole() -> None:
    written = "{kind: {choice: {a: {x: [1, 2]}, b: {}}}}"
    spec = read(FUNCTION, overrides=[f"space={written}", "space.kind.choice={c: {y: [1, 2]}}"])
    assert spec.space.names()[1:] == ("kind", "y")


def test_a_name_with_a_capital_is_no_class_where_none_is_chosen() -> None:
    written = "{model.lr: [1, 2], kernel: {choice: {RBF: {gamma: [1, 2]}}}}"
    spec = read(FUNCTION, overrides=[f"space={written}", "space.kernel.choice.RBF.gamma=[7]"])
    assert spec.space.names()[1:] == ("model.lr", "kernel", "gamma")
