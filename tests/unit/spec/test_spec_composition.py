"""`extends` and `unset`: one spec upon another; and secrets, which stay as they are written."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from harness import told

from hpsearch.core.errors import InfrastructureError, SpecError
from hpsearch.core.values import Params
from hpsearch.spec import StudySpec, load_spec, parse_spec
from hpsearch.spec.variables import reveal

BASE = """\
name: base
trial: {estimator: xgboost.XGBClassifier, fixed: {tree_method: hist}}
data: {csv: churn.csv, target: churn}
evaluate: {cv: {folds: 3}}
metric: {name: roc_auc, mode: max}
space:
  max_depth: {int: [3, 9], step: 2}
  gamma: [0, 1]
  booster: {choice: {gbtree: {}, dart: {rate_drop: [0.1, 0.2]}}}
"""


def load(folder: Path, text: str, base: str = BASE, **more: str) -> StudySpec:
    for name, content in {"spec": text, "base": base, **more}.items():
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
    return load_spec(folder / "spec.yaml", environ={})


def said(folder: Path, text: str, base: str = BASE, **more: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        load(folder, text, base, **more)
    return [told(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def grid(spec: StudySpec) -> list[Params]:
    return [spec.space.grid_at(index) for index in range(spec.space.grid_size())]


def test_mappings_merge_and_all_else_is_replaced(tmp_path: Path) -> None:
    spec = load(
        tmp_path, "extends: base.yaml\nname: mine\nevaluate: {metrics: [roc_auc, f1]}\nspace: {max_depth: [4], eta: [0.1]}\n"
    )
    assert (spec.name, spec.trial.fixed) == ("mine", {"tree_method": "hist"})
    assert spec.evaluate is not None
    assert spec.evaluate.cv is not None
    assert (spec.evaluate.cv.folds, spec.evaluate.metrics) == (3, ("roc_auc", "f1"))
    assert spec.space.names() == ("max_depth", "gamma", "booster", "rate_drop", "eta")
    assert {params["max_depth"] for params in grid(spec)} == {4}


def test_a_domain_and_the_kind_of_trial_are_replaced_as_wholes(tmp_path: Path) -> None:
    spec = load(
        tmp_path,
        "extends: base.yaml\nunset: [trial.fixed]\ntrial: {estimator: sklearn.svm.SVC}\nspace: {booster: {choice: {a: {}}}}",
    )
    assert (spec.trial.path, spec.trial.fixed) == ("sklearn.svm.SVC", {})
    assert "rate_drop" not in spec.space.names()


def test_unset_takes_out_before_anything_is_put_in(tmp_path: Path) -> None:
    spec = load(
        tmp_path,
        "extends: base.yaml\nunset: [space.gamma, evaluate, trial.fixed.tree_method]\nevaluate: {holdout: {fraction: 0.5}}",
    )
    assert "gamma" not in spec.space.names()
    assert spec.evaluate is not None
    assert spec.evaluate.cv is None
    assert spec.trial.fixed == {}


def test_what_is_extended_may_extend(tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "first.yaml").write_text(BASE, encoding="utf-8")
    spec = load(tmp_path, "extends: base.yaml\nname: c", base="extends: deeper/first.yaml\nspace: {gamma: [5]}")
    assert (spec.name, {params["gamma"] for params in grid(spec)}) == ("c", {5})


def test_the_text_says_it_all_and_reads_back(tmp_path: Path) -> None:
    """The study's folder holds the text alone: a base that is edited or gone later must not change the study."""
    spec = load(tmp_path, "extends: base.yaml\nname: mine\nunset: [space.gamma]\n")
    (tmp_path / "base.yaml").unlink()
    again = parse_spec(spec.text, file=spec.file, folder=tmp_path, environ={})
    assert (again.space, again.trial, again.name, again.data) == (spec.space, spec.trial, "mine", spec.data)
    assert "extends" not in spec.text.partition("\n")[2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("extends: bse.yaml", ["spec.yaml:1  extends = bse.yaml: there is no such file; did you mean base.yaml?"]),
        ("extends: spec.yaml", ["spec.yaml:1  extends = spec.yaml: goes in a circle: spec.yaml extends spec.yaml"]),
        ("extends: 3", ['spec.yaml:1  extends = 3: must be a text; put it in quotes: "3"']),
        ("unset: [space.gamma]\n" + BASE,
         ["spec.yaml:1  unset: takes something out of the spec that extends names, and there is none"]),
        ("extends: base.yaml\nunset: [space.gama]",
         ["spec.yaml:2  unset[0] = space.gama: the spec that is extended has nothing there; did you mean gamma?"]),
        ("extends: base.yaml\nunset: [metric]", ["spec.yaml:1  metric: is missing; write {name: ..., mode: max}"]),
        ("extends: base.yaml\nspace: {eta: {int: [5, 1]}}",
         ["spec.yaml:2  space.eta.high = 1: a range ends above its low end, 5; write [1, 5]"]),
    ],
)  # fmt: skip
def test_mistakes_are_told_where_they_stand(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert said(tmp_path, text) == expected


def test_a_mistake_in_what_is_extended_is_told_with_that_files_line(tmp_path: Path) -> None:
    wrong = BASE.replace("gamma: [0, 1]", "gamma: [0, 0]")
    assert said(tmp_path, "extends: base.yaml\nmetric: {mode: best}", wrong) == [
        "base.yaml:8  space.gamma[1] = 0: stands at [0] already; a choice names each value once",
        "spec.yaml:2  metric.mode = best: must be min or max",
    ]
    assert said(tmp_path, "extends: base.yaml", "a: [")[0].startswith("base.yaml:1  is not YAML")


def test_circles_of_many_and_long_rows_end(tmp_path: Path) -> None:
    assert said(tmp_path, "extends: base.yaml", "extends: third.yaml", third="extends: base.yaml") == [
        "third.yaml:1  extends = base.yaml: goes in a circle: spec.yaml extends base.yaml extends third.yaml extends base.yaml"
    ]
    rows = {f"r{number}": f"extends: r{number + 1}.yaml" for number in range(20)}
    assert said(tmp_path, "extends: r0.yaml", **rows) == ["r8.yaml:1  extends = r9.yaml: more than 10 files in a row"]


@pytest.mark.parametrize("base", ["just some words", "- a\n- list"])
def test_what_is_extended_holds_a_spec(tmp_path: Path, base: str) -> None:
    assert said(tmp_path, "extends: base.yaml\n" + BASE, base) == [
        "spec.yaml:1  extends = base.yaml: that file holds no spec: a spec is a mapping, as {trial: ..., space: ...}"
    ]


def test_extends_is_not_for_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    with pytest.raises(SpecError, match="extends: is said in a file, and not by --set"):
        load_spec(tmp_path / "base.yaml", overrides=["extends=base.yaml"])


def test_a_secret_stays_as_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(BASE + "tracking: {uri: 'http://${USER_}:${secret:PW}@head:5000'}\n", encoding="utf-8")
    environ = {"PW": "s3cret", "USER_": "ada"}
    spec = load_spec(tmp_path / "spec.yaml", environ=environ)
    assert spec.tracking.uri == "http://${USER_}:${secret:PW}@head:5000"
    assert "s3cret" not in repr(spec)
    assert "s3cret" not in spec.text
    assert reveal(spec.tracking.uri, environ) == "http://ada:s3cret@head:5000"


def test_a_secret_that_is_gone_when_it_is_needed() -> None:
    with pytest.raises(InfrastructureError, match=r"^http://a:\$\{secret:PW\}@h: the environment has no PW; set it$"):
        reveal("http://a:${secret:PW}@h", {})


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        ("description: '${secret:PW}'",
         "description: a secret stands in tracking, ledger, notify, environment alone, "
         "where its content is used and goes nowhere else"),
        ("tracking: {uri: 'http://a:${secret:NO}@h'}",
         "tracking.uri = ${secret:NO}: the environment has no NO; set it"),
        ("tracking: {uri: 'http://${secret:PW}:5000'}",
         "tracking.uri = http://${secret:PW}:5000: "
         "a secret stands in an address's user, password or query; write the rest in the open"),
        ("tracking: {experiment: 'x ${secret:PW}'}",
         "tracking.experiment = x ${secret:PW}: a name is shown everywhere; write it in the open"),
    ],
)  # fmt: skip
def test_where_a_secret_may_not_stand(tmp_path: Path, block: str, sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_spec(f"{BASE}{block}\n", file="s.yaml", folder=tmp_path, environ={"PW": "s3cret"})
    assert [str(problem).partition("  ")[2] for problem in caught.value.problems] == [sentence]


def test_what_is_wrong_with_a_reference_is_told_once(tmp_path: Path) -> None:
    """Of a text that could not be put together nothing else is said: its rule would be an echo."""
    with pytest.raises(SpecError) as caught:
        parse_spec(BASE.replace("name: base", "name: '${NOPE}'"), file="s.yaml", folder=tmp_path, environ={})
    assert [told(problem) for problem in caught.value.problems] == [
        "s.yaml:1  name = ${NOPE}: the environment has no NOPE; set it, or write ${NOPE:-default}"
    ]


@pytest.mark.parametrize("password", ["p@ss", "a/b", "a#b", "a?b", "a[b", "a:b", "a b", "100%25"])
def test_a_secret_does_not_take_an_address_apart(password: str) -> None:
    parts = urlsplit(reveal("http://ada:${secret:PW}@head:5000/x", {"PW": password}))
    assert (parts.hostname, parts.port, parts.path) == ("head", 5000, "/x")
    assert unquote(parts.password or "") == unquote(password)


def test_a_study_is_read_again_where_its_secrets_are_not(tmp_path: Path) -> None:
    text = f"{BASE}tracking: {{uri: 'http://u:${{secret:PW}}@h'}}\n"
    again = parse_spec(text, file="s.yaml", folder=tmp_path, environ={}, with_secrets=False)
    assert again.tracking.uri == "http://u:${secret:PW}@h"


def test_extends_reads_the_environment(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "spec.yaml").write_text("extends: '${WHERE}/base.yaml'\nname: mine\n", encoding="utf-8")
    assert load_spec(tmp_path / "spec.yaml", environ={"WHERE": str(tmp_path)}).name == "mine"
    with pytest.raises(SpecError, match=r"spec\.yaml:1:10  extends = \$\{WHERE\}: the environment has no WHERE"):
        load_spec(tmp_path / "spec.yaml", environ={})


def test_an_assignment_is_told_of_where_it_was_made(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(BASE, encoding="utf-8")
    spec = load_spec(tmp_path / "spec.yaml", overrides=["space.kernal=[rbf]"], environ={})
    assert str(spec.problem("space.kernal", ": no such parameter")) == "--set space.kernal=[rbf]  space.kernal: no such parameter"


def test_a_null_takes_out_what_the_base_says(tmp_path: Path) -> None:
    """It replaces it, as all that is no mapping does, and is as good as a key left out; of a parameter it is the value."""
    spec = load(tmp_path, "extends: base.yaml\nevaluate: null\ntrial: {fixed: ~}\nspace: {gamma: null}\n")
    assert spec.evaluate is not None
    assert spec.evaluate.cv is not None
    assert (spec.evaluate.cv.folds, spec.trial.path, spec.trial.fixed) == (5, "xgboost.XGBClassifier", {})
    assert {params["gamma"] for params in grid(spec)} == {None}
    said_of_none = said(tmp_path, "extends: base.yaml\nspace: null\n")
    assert said_of_none == ["spec.yaml:1  space: is missing; write the parameters and their values"]
