"""Words counted once for all folds and settings: a vectorizer that is given them is, to the last bit, one that counts."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.model_selection import KFold, ShuffleSplit
from step_cases import assert_alike, evaluated
from trainables_builders import spec_of, trial_of

from hpsearch.core.clock import ManualClock, SystemClock
from hpsearch.search import make_searcher
from hpsearch.trainables import prepare
from hpsearch.trainables.sharing import rules_of
from hpsearch.trainables.sharing import words as words_module
from hpsearch.trainables.sharing.cache import Cache
from hpsearch.trainables.sharing.word_counts import count_words
from hpsearch.trainables.sharing.words import Words
from hpsearch.trainables.table import Split, Table

SETTINGS: Sequence[Mapping[str, Any]] = (
    {},
    {"min_df": 2},
    {"min_df": 0.02, "max_df": 0.6},
    {"max_features": 40},
    {"max_features": 40, "min_df": 3, "max_df": 20},
    {"binary": True},
    {"dtype": np.float32},
    {"ngram_range": (1, 2), "min_df": 2},
    {"ngram_range": (2, 3)},
    {"analyzer": "char_wb", "ngram_range": (2, 4), "min_df": 3},
    {"analyzer": "char", "ngram_range": (1, 2)},
    {"stop_words": "english"},
    {"stop_words": ["the", "of", "a"], "lowercase": False},
    {"strip_accents": "unicode", "token_pattern": r"\w+"},
)
WEIGHTS: Sequence[Mapping[str, Any]] = (
    {"sublinear_tf": True},
    {"norm": "l1", "smooth_idf": False, "min_df": 2},
    {"norm": None, "use_idf": False},
)
CASES = [
    *((cls, settings) for cls in (CountVectorizer, TfidfVectorizer) for settings in SETTINGS),
    *((TfidfVectorizer, settings) for settings in WEIGHTS),
]


def made() -> list[str]:
    """Words whose frequencies fall as a language's do."""
    rng = np.random.default_rng(5)
    share = 1 / (np.arange(400) + 2.7) ** 1.1
    return [" ".join(f"w{rank}" for rank in rng.choice(400, rng.integers(20, 60), p=share / share.sum())) for _ in range(150)]


@cache
def docstrings() -> list[str]:
    """What people write: scikit-learn's own documentation."""
    modules = [import_module(f"sklearn.{name}") for name in ("cluster", "linear_model", "svm", "metrics", "decomposition")]
    members = itertools.chain.from_iterable(vars(module).values() for module in modules)
    return [text[:600] for member in members if inspect.isclass(member) and (text := inspect.getdoc(member))][:120]


def odd() -> list[str]:
    """Documents of one word, of none, equal ones, capitals and accents; words that only some folds have."""
    words = ["Élan", "elan", "the", "über", "UBER", "a", "naïve", "x1", "the the the", "", "  ", "rare"]
    rng = np.random.default_rng(1)
    texts = [" ".join(rng.choice(words[:-1], rng.integers(0, 6))) for _ in range(90)]
    return [*texts, "rare only here", "", texts[0]]


DOCUMENTS: Mapping[str, Callable[[], list[str]]] = {"made": made, "docstrings": docstrings, "odd": odd}


def table_of(texts: Sequence[str], *, sampled: bool = False) -> Table:
    """With three folds; or with samples of the rows, in no order."""
    X = pd.Series(texts, dtype="str")
    cut = ShuffleSplit(3, train_size=0.5, test_size=0.3, random_state=0) if sampled else KFold(3, shuffle=True, random_state=0)
    splits = tuple(Split(0, index, train, test) for index, (train, test) in enumerate(cut.split(X)))
    return Table(X, np.arange(len(X)) % 2, (), ("text",), "texts", "0" * 32, splits)


def assert_same(ours: Any, theirs: Any) -> None:
    assert type(ours) is type(theirs)
    assert ours.shape == theirs.shape
    for name in ("data", "indices", "indptr"):
        a, b = getattr(ours, name), getattr(theirs, name)
        assert a.dtype == b.dtype
        assert a.tobytes() == b.tobytes(), name
    assert ours.has_sorted_indices == theirs.has_sorted_indices


@pytest.mark.parametrize("sampled", [False, True], ids=["folds", "samples"])
@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize(("cls", "settings"), CASES, ids=str)
def test_what_it_gives_and_what_it_has_learnt_are_the_classs_own(
    cls: Any, settings: Mapping[str, Any], name: str, sampled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = table_of(DOCUMENTS[name](), sampled=sampled)
    words = Words(SystemClock(), Cache(), table)
    counts: list[object] = []
    monkeypatch.setattr(words_module, "_Ours", _remembering(counts))
    for index, split in enumerate(table.splits):
        train, test = table.X.iloc[split.train], table.X.iloc[split.test]
        alone, given = cls(**settings), cls(**settings)
        theirs = alone.fit_transform(train), alone.transform(test)
        with words.counted(given, index):
            ours = given.fit_transform(train), given.transform(test)
        for a, b in zip(ours, theirs, strict=True):
            assert_same(a, b)
        assert list(given.vocabulary_.items()) == list(alone.vocabulary_.items())
        # Nothing of ours is left in it; and who has not cut a document has not looked at stop words.
        assert vars(given).keys() - {"_stop_words_id"} == vars(alone).keys() - {"_stop_words_id"}
        if cls is TfidfVectorizer and given.use_idf:
            assert given.idf_.tobytes() == alone.idf_.tobytes()
        assert_same(given.transform(train), alone.transform(train))
    assert len(counts) == 2 * len(table.splits), "each was asked for what was counted"


def _remembering(counts: list[object]) -> Any:
    real = words_module._Ours

    class Remembered(real):  # type: ignore[misc, valid-type]
        def __call__(self, documents: Any, *fixed: Any, **named: Any) -> Any:
            counts.append(documents)
            return super().__call__(documents, *fixed, **named)

        def _theirs(self, documents: Any, is_fixed: bool) -> Any:
            raise AssertionError("what was counted is not used")

    return Remembered


STUDY = """
trial:
  pipeline:
    words: sklearn.feature_extraction.text.TfidfVectorizer
    clf: sklearn.linear_model.SGDClassifier
data: {csv: texts.csv, target: y, text: text}
evaluate: {cv: {folds: 3, repeats: 2}, metrics: [accuracy, f1]}
metric: {name: accuracy, mode: max}
space:
  words__min_df: [1, 2, 4]
  words__sublinear_tf: [true, false]
  words__ngram_range: [[1, 1], [1, 2]]
  clf__alpha: [0.001, 0.01]
"""


def study(folder: Path, text: str = STUDY) -> Any:
    texts = made()
    y = [int(text.count("w1 ") > 2) for text in texts]
    pd.DataFrame({"text": texts, "y": y}).to_csv(folder / "texts.csv", index=False)
    return prepare(spec_of(text, folder))


def test_a_study_counts_its_documents_once_for_each_way_of_counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = study(tmp_path)
    alone = evaluated(prepared, STUDY, tmp_path, together=False)
    counted: list[int] = []

    def counting(documents: Any, *rest: Any) -> Any:
        counted.append(len(documents))
        return count_words(documents, *rest)

    monkeypatch.setattr(words_module, "count_words", counting)
    shared = evaluated(prepared, STUDY, tmp_path, together=True)
    assert_alike(shared, alone)
    assert counted == [150, 150], "one word and two, for 6 splits and 6 settings of either"
    assert len({evaluation.metrics["accuracy"] for evaluation in alone.values()}) > 3


def test_counting_is_a_fair_part_of_each_split_whoever_did_it() -> None:
    clock, table = ManualClock(), table_of(made())

    class Slow(CountVectorizer):  # type: ignore[misc]
        def build_analyzer(self) -> Any:
            analyze = super().build_analyzer()
            return lambda text: clock.advance(1.0) or analyze(text)

    Slow.__module__, Slow.__qualname__ = CountVectorizer.__module__, CountVectorizer.__qualname__
    words = Words(clock, Cache(), table)
    with words.counted(Slow(), 0) as first:
        pass
    with words.counted(Slow(min_df=2), 2) as later:
        pass
    counted_s = len(table.X) + 3 * 50  # and those that the class counts, to see that it counts alike
    assert (first.spent_s, later.spent_s) == (pytest.approx(counted_s, abs=60), 0.0)
    assert first.part_s == later.part_s == pytest.approx(first.spent_s / 3)


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (CountVectorizer(tokenizer=str.split), "tokenizer = "),
        (CountVectorizer(preprocessor=str.strip), "preprocessor = "),
        (TfidfVectorizer(analyzer=str.split), "analyzer = "),
        (TfidfVectorizer(strip_accents=str.strip), "strip_accents = "),
        (TfidfVectorizer(vocabulary=["w1", "w2"]), "vocabulary = "),
        (TfidfVectorizer(stop_words=frozenset({"w1"})), "stop_words = "),
        (CountVectorizer(input="file"), "input = "),
    ],
    ids=str,
)
def test_what_may_count_otherwise_counts_for_itself(step: Any, why: str) -> None:
    rule = rules_of(step).words
    assert rule is not None
    assert str(rule.refusal(step)).startswith(why)
    table = table_of(made())
    with Words(SystemClock(), Cache(), table).counted(step, 0) as counting:
        assert "_count_vocab" not in vars(step)
    assert counting.part_s == 0.0


def test_a_derived_class_and_one_that_counts_nothing_are_left_alone() -> None:
    class Own(TfidfVectorizer):  # type: ignore[misc]
        pass

    for step in (Own(), HashingVectorizer()):
        assert rules_of(step).words is None


def test_a_scikit_learn_that_counts_otherwise_counts_for_itself(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Terms by the alphabet, say, from the first: another order of sums."""
    real = CountVectorizer._count_vocab

    def other(self: Any, documents: Any, fixed_vocab: bool) -> Any:
        vocabulary, matrix = real(self, documents, fixed_vocab)
        if not fixed_vocab:
            order = sorted(vocabulary)
            matrix = matrix[:, [vocabulary[term] for term in order]]
            vocabulary = {term: index for index, term in enumerate(order)}
        return vocabulary, matrix

    monkeypatch.setattr(CountVectorizer, "_count_vocab", other)
    table = table_of(made())
    words = Words(SystemClock(), Cache(), table)
    with caplog.at_level("INFO"):
        for step in (CountVectorizer(), TfidfVectorizer(min_df=2)):
            with words.counted(step, 0):
                assert "_count_vocab" not in vars(step)
    assert caplog.text.count("counts otherwise than was compared") == 1, "looked at once"


def test_counts_that_are_too_large_are_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_of(made())
    words = count_words(table.X, CountVectorizer().build_analyzer(), 10**9)
    assert words is not None
    assert count_words(table.X, CountVectorizer().build_analyzer(), words.nbytes) is not None
    assert count_words(table.X, CountVectorizer().build_analyzer(), words.nbytes - 1) is None
    monkeypatch.setattr(words_module, "_MOST_BYTES", 1000)
    step, kept = CountVectorizer(), Words(SystemClock(), Cache(), table)
    with kept.counted(step, 0):
        assert "_count_vocab" not in vars(step)


def test_counts_that_were_let_go_of_are_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they and a fold do not fit together, every fit would count all documents."""
    counted: list[int] = []

    def counting(documents: Any, *rest: Any) -> Any:
        counted.append(len(documents))
        return count_words(documents, *rest)

    monkeypatch.setattr(words_module, "count_words", counting)
    cache = Cache(200_000)
    words = Words(SystemClock(), cache, table_of(made()))
    for fit in range(4):
        step = CountVectorizer()
        with words.counted(step, 0):
            assert ("_count_vocab" in vars(step)) is (fit == 0)
        cache.keep("a fold", object(), 200_000)
    assert counted == [150]


def test_it_is_compared_where_there_is_something_to_compare() -> None:
    """The first documents may be empty, and the first trial may ask for a dtype that nothing can be cast to."""
    table = table_of([*[""] * 80, *made()])
    words = Words(SystemClock(), Cache(), table)
    with words.counted(CountVectorizer(dtype="no such thing"), 0):
        pass
    step = CountVectorizer()
    with words.counted(step, 1):
        assert "_count_vocab" in vars(step)


def test_documents_without_a_word_fail_as_they_do_alone() -> None:
    table = table_of(["a", "b", "c d"] * 20)  # one letter is no word
    words, step = Words(SystemClock(), Cache(), table), TfidfVectorizer()
    for fit in (lambda: clone(step).fit_transform(table.X), lambda: given_to(words, step, table)):
        with pytest.raises(ValueError, match="empty vocabulary; perhaps the documents only contain stop words"):
            fit()


CHOSEN = """
trial:
  pipeline: {words: , clf: sklearn.linear_model.SGDClassifier}
data: {csv: texts.csv, target: y, text: text}
evaluate: {cv: {folds: 3}, metrics: [accuracy]}
metric: {name: accuracy, mode: max}
space:
  words:
    choice:
      sklearn.feature_extraction.text.HashingVectorizer: {norm: [l1, l2]}
      sklearn.feature_extraction.text.CountVectorizer: {min_df: [1, 2], vocabulary: [null, [w1, w2]]}
      sklearn.feature_extraction.text.TfidfVectorizer: {min_df: [1, 3], ngram_range: [[1, 1], [1, 2]]}
  clf__alpha: [0.001, 0.01]
"""


def test_of_chosen_vectorizers_those_are_counted_for_that_count_alike(tmp_path: Path) -> None:
    """A worker does not ask which class it is, and the plan counts as the worker does."""
    prepared = study(tmp_path, CHOSEN)
    sharing = prepared.program.sharing
    assert {name.rpartition(".")[2] for name in sharing.words} == {"CountVectorizer", "TfidfVectorizer"}
    space = spec_of(CHOSEN, tmp_path)
    ways: dict[str, int] = {}
    for params in make_searcher(space.space, space.search).ask(100):
        way = sharing.words_of(trial_of(prepared, params))
        ways[way] = ways.get(way, 0) + 1
    alone = 2 * 2 + 2 * 2  # hashed, and those with a vocabulary
    assert ways.pop("") == alone
    assert sorted(ways.values()) == [4, 4, 4], "of one word by either class, and of two"


def given_to(words: Words, step: Any, table: Table) -> Any:
    with words.counted(step, 0):
        return step.fit_transform(table.X.iloc[table.splits[0].train])


def test_the_plan_says_what_is_counted_and_what_is_not(tmp_path: Path) -> None:
    sharing = study(tmp_path).program.sharing
    assert sharing.words == {"": frozenset({"words__min_df", "words__sublinear_tf"})}
    (used,) = [reason for reason in sharing.reasons if reason.rule == "words"]
    assert used.sentence == (
        "TfidfVectorizer: words are counted document by document, so once for all folds, and for all settings that only choose "
        "among them"
    )
    given = STUDY.replace("data:", "  fixed: {words__vocabulary: [w1, w2, w3]}\ndata:")
    sharing = study(tmp_path, given).program.sharing
    assert sharing.words == {}
    (unused,) = [reason for reason in sharing.reasons if reason.rule == "words"]
    assert (unused.used, unused.about) == (False, "words__vocabulary")
