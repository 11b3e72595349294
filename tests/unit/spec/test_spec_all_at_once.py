"""Any mistakes of a spec that do not hang on one another are told in one go: nobody mends a file one round for each."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from spec_text import ESTIMATOR, problems

# Of each block, texts with what is said of each; of a block one is taken.
BLOCKS = {
    "name": [("a b", "name = a b: a name has"), ("${NOPE}", "name = ${NOPE}: the environment has no NOPE")],
    "description": [("3", "description = 3: must be a text"), ("'${secret:X}'", "description: a secret stands in")],
    "trial": [
        ("{estimator: 'xgboost:XGBClassifier'}", "trial.estimator = xgboost:XGBClassifier: must be"),
        ("{estimator: xgboost.XGBClassifier, fixed: {a.b: 1}}", "trial.fixed.a.b: is no parameter name"),
    ],
    "data": [
        ("{csv: churn.csv, taget: churn}", "data.taget: is no key"),
        ("{csv: 3, target: churn}", "data.csv = 3: must be"),
    ],
    "evaluate": [("{cv: {folds: 1}}", "evaluate.cv.folds = 1: must be"), ("{cvv: {folds: 3}}", "evaluate.cvv: is no key")],
    "metric": [
        ("{name: roc_auc, mode: maximum}", "metric.mode = maximum: must be"),
        ("{mode: max}", "metric.name: is missing"),
        ("{name: roc_auc, mode: min}", "metric.mode = min: a scorer is always maximised"),
    ],
    "repeat": [("{seeds: [1, 1]}", "repeat.seeds[1] = 1: stands twice"), ("{seed: 1}", "repeat.seed: is no key")],
    "resources": [("{cpu: 0}", "resources.cpu = 0: must be")],
    "limits": [("{failures: 10}", "limits.failures = 10: must be")],
    "retry": [("{crashes: 1}", "retry.crashes: is no key")],
    "reuse": [("{failed: drop}", "reuse.failed = drop: must be")],
    "tracking": [
        ("{uri: 5000}", "tracking.uri = 5000: must be"),
        ("{uri: 'http://${secret:A:-b}@${NOPE}'}", "tracking.uri = ${NOPE}: the environment has no NOPE"),
    ],
    "report": [("{top: 0}", "report.top = 0: must be"), ("{tie_break: [fits]}", "report.tie_break: fits is no metric")],
    "early_stop": [("asha", "early_stop: early stopping is not supported yet")],
    "notify": [("{webhook: a}", "notify: is not supported yet")],
    "zzz": [("1", "zzz: is no key of a spec")],
}
GOOD = "good: [1, 2], max_depth: {int: [1, 9]}"
SPACE = [
    ("low: {int: [5, 1]}", "space.low.high = 1: a range"),
    ("two: {int: [1, 2], float: [1, 2]}", "space.two: int and float exclude each other"),
    ("wait: {choice: [1, 2], when: {good: 9}}", "space.wait.when.good = 9: is not one of"),
    ("lost: {choice: [1, 2], when: {nowhere: 9}}", "space.lost.when.nowhere: there is no such parameter"),
    ("inner: {choice: {x: {deep: {int: [5, 1]}}}}", "space.inner.choice.x.deep.high = 1: a range"),
    ("one: {choice: [1, 2], when: {other: 1}}, other: {choice: [1, 2], when: {one: 1}}", "space.one.when: one waits for"),
    ("env: ['${GONE}']", "space.env[0] = ${GONE}: the environment has no GONE"),
    ("again: [1, 1]", "space.again[1] = 1: stands at [0] already"),
    ("far: {choice: [1, 2], default: 3}", "space.far.default = 3: is not one of"),
    ("open: {float: [0, 1]}", "space.open: a float without points or step"),
]
CONSTRAINTS = [
    ("'good +'", " = good +: cannot be read"),
    ("nobody > 1", " = nobody > 1: there is no parameter nobody"),
]
FIRST = [
    ("{good: 3}", ".good = 3: is not a value"),
    ("{goood: 1}", ".goood: there is no such parameter; did you mean good?"),
    ("3", " = 3: must be a mapping"),
    ("{max_depth: 10}", ".max_depth = 10: is not a value"),
]
SEARCH = [("seed: x", "search.seed = x: must be"), ("order: random", "search.order = random: must be")]


@st.composite
def mistakes(draw: st.DrawFn) -> tuple[dict[str, str], list[str]]:
    """Blocks, and what is said of each mistake in them."""
    blocks, said = dict[str, str](), list[str]()
    for block in draw(st.sets(st.sampled_from(sorted(BLOCKS)), max_size=5)):
        blocks[block], sentence = draw(st.sampled_from(BLOCKS[block]))
        said.append(sentence)
    space = draw(st.lists(st.sampled_from(SPACE), max_size=4, unique=True))
    blocks["space"] = f"{{{', '.join([GOOD, *(text for text, _ in space)])}}}"
    said += [sentence for _, sentence in space]
    constraints = draw(st.lists(st.sampled_from(CONSTRAINTS), max_size=2, unique=True))
    blocks["constraints"] = f"[{', '.join(text for text, _ in constraints)}]"
    said += [f"constraints[{index}]{sentence}" for index, (_, sentence) in enumerate(constraints)]
    # Of first, and of configurations where the list has another mistake.
    key = draw(st.sampled_from(["first", "configurations"]))
    first = draw(st.lists(st.sampled_from(FIRST), min_size=1, max_size=3, unique=True))
    search = [f"{key}: [{', '.join(text for text, _ in first)}]"]
    said += [f"search.{key}[{index}]{sentence}" for index, (_, sentence) in enumerate(first)]
    if key == "configurations":
        search += ["method: list", "first: [{good: 1}]"]
        said = [sentence for sentence in said if not sentence.startswith("space.open")]  # a list asks for no grid
        said.append("search.first: a list has an order of its own")
    else:
        for text, sentence in draw(st.lists(st.sampled_from(SEARCH), max_size=2, unique=True)):
            search.append(text)
            said.append(sentence)
    blocks["search"] = f"{{{', '.join(search)}}}"
    return blocks, said


@settings(deadline=None, max_examples=60)
@given(mistakes())
def test_no_mistake_hides_another(given_: tuple[dict[str, str], list[str]]) -> None:
    blocks, expected = given_
    told = [line.partition("  ")[2] for line in problems(ESTIMATOR, **blocks)]
    missing = [sentence for sentence in expected if not any(line.startswith(sentence) for line in told)]
    assert not missing, (blocks, told)


@settings(deadline=None, max_examples=60)
@given(mistakes())
def test_no_mistake_makes_another_of_what_is_right(given_: tuple[dict[str, str], list[str]]) -> None:
    blocks, expected = given_
    told = [line.partition("  ")[2] for line in problems(ESTIMATOR, **blocks)]
    expected = [*expected, "tracking.uri = ${secret:A:-...}: a secret has no default"]
    assert [line for line in told if not any(line.startswith(sentence) for sentence in expected)] == [], blocks
