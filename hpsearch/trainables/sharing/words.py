"""The words of a study's documents, counted once in a worker: for all folds, and for all vectorizers that count alike."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpsearch.core.clock import Clock
from hpsearch.core.values import canonical
from hpsearch.trainables.sharing.cache import CACHE_BYTES, Cache
from hpsearch.trainables.sharing.rules import rules_of
from hpsearch.trainables.sharing.word_counts import WordCounts, count_words
from hpsearch.trainables.sharing.word_rule import WordRule
from hpsearch.trainables.table import Array, Features, Table

_log = logging.getLogger(__name__)

_COMPARED = 50  # documents that the class counts too, to see that it counts alike
_MOST_BYTES = CACHE_BYTES // 3  # of counts: one fold that is made of them takes half as much again, and is kept beside them


@dataclass
class Counting:
    """Seconds of counting: `spent_s` now; `part_s`, of what was ever spent, the part of one fit to one split."""

    spent_s: float = 0.0
    part_s: float = 0.0


@dataclass(frozen=True)
class _Counted:
    """`kind`: of the matrices that the class makes."""

    words: WordCounts
    kind: type[Any]
    seconds: float


class Words:
    """Counts what neither `cache` has, nor a vectorizer has to count for itself."""

    def __init__(self, clock: Clock, cache: Cache, table: Table) -> None:
        self._clock = clock
        self._cache = cache
        self._table = table
        self._counted_once: set[str] = set()
        self._own_affair: set[str] = set()  # what is not counted ahead: too much to be kept, or otherwise than here

    @contextmanager
    def counted(self, step: Any, split: int) -> Iterator[Counting]:
        """Within, fitting `step` to the documents of a split, and transforming those to score, asks for no counting of its own.

        Of a step that counts no words, or not the study's documents themselves, nothing changes.
        """
        rule = rules_of(step).words
        counting = Counting()
        start = self._clock.monotonic()
        counted = None
        if rule is not None and self._table.is_text and rule.refusal(step) is None:
            counted = self._counted(step, rule)
        if counted is None:
            yield counting
            return
        counting.spent_s = self._clock.monotonic() - start
        counting.part_s = counted.seconds / len(self._table.splits)
        rows = self._table.splits[split]
        step._count_vocab = _Ours(step, counted, rows.train, rows.test)
        try:
            yield counting
        finally:
            del step._count_vocab

    def _counted(self, step: Any, rule: WordRule) -> _Counted | None:
        key = canonical({name: value for name, value in step.get_params(deep=False).items() if name not in rule.free})
        found: _Counted | None = self._cache.get(("words", key))
        if found is not None or key in self._own_affair:
            return found
        if key in self._counted_once:  # and gone since: it would be counted again and again
            self._own_affair.add(key)
            return None
        self._counted_once.add(key)
        start = self._clock.monotonic()
        try:
            words = count_words(self._table.X, step.build_analyzer(), _MOST_BYTES)
            kind = None if words is None else _kind_of(step, words, self._table.X)
        except Exception as error:  # as the class's own counting will say, of the rows that it is of
            _log.info("%s counts for itself: %s", type(step).__name__, error)
            words, kind = None, None
        if words is None or kind is None:
            self._own_affair.add(key)
            return None
        found = _Counted(words, kind, self._clock.monotonic() - start)
        self._cache.keep(("words", key), found, words.nbytes)
        return found


@dataclass(frozen=True)
class _Ours:
    """In the place of the class's own way to count: `_count_vocab(documents, fixed)`, once to learn and once to transform."""

    step: Any
    counted: _Counted
    train: Array
    test: Array

    def __call__(self, documents: Sequence[str], *fixed: bool, **named: bool) -> tuple[Any, Any]:
        is_fixed = bool((*fixed, *named.values())[0])
        rows = self.test if is_fixed else self.train
        if len(documents) != len(rows):
            return self._theirs(documents, is_fixed)
        if is_fixed:
            vocabulary, found = self.step.vocabulary_, self.counted.words.known(rows, self.step.vocabulary_)
        else:
            vocabulary, found = self.counted.words.learnt(rows)
            if not vocabulary:
                return self._theirs(documents, is_fixed)  # which says what that is
        return vocabulary, self.counted.kind(found, dtype=self.step.dtype)

    def _theirs(self, documents: Sequence[str], is_fixed: bool) -> tuple[Any, Any]:
        found: tuple[Any, Any] = type(self.step)._count_vocab(self.step, documents, is_fixed)
        return found


def _kind_of(step: Any, words: WordCounts, texts: Features) -> type[Any] | None:
    """Of the matrices that the class makes of the first documents that hold words; None where it counts otherwise than here."""
    from sklearn.base import clone

    rows = np.flatnonzero(np.diff(words.starts))[:_COMPARED]
    documents, own = texts.iloc[rows], clone(step).set_params(dtype=np.float64)
    vocabulary, matrix = own._count_vocab(documents, False)
    kind = type(matrix)
    ours, found = words.learnt(rows)
    alike = list(ours.items()) == list(vocabulary.items()) and _same(kind(found, dtype=np.float64), matrix)
    own.vocabulary_ = {term: index for index, term in enumerate(sorted(vocabulary)[::2])}
    _, known = own._count_vocab(documents, True)
    if alike and _same(kind(words.known(rows, own.vocabulary_), dtype=np.float64), known):
        return kind
    _log.info("%s of this scikit-learn counts otherwise than was compared: each counts for itself", type(step).__name__)
    return None


def _same(ours: Any, theirs: Any) -> bool:
    pairs = [(getattr(ours, name), getattr(theirs, name)) for name in ("data", "indices", "indptr")]
    alike = all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in pairs)
    return type(ours) is type(theirs) and ours.shape == theirs.shape and alike
