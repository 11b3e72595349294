"""What documents hold, counted once, and cut from that: what a vectorizer would count in some of them by itself, to the last bit.

A vectorizer numbers terms by their first appearance in the documents that it learns from, and what it counts lies in that order:
sums over a row are taken in it, so that another order gives other last bits. It is found again here for any rows: the counts of a
document are kept in the order in which its terms appear.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.trainables.table import Array

_LOOKED_AT = 1000  # documents between two looks at what the counts take
_TERM_BYTES = 150  # of a term and its place in a dict, about


@dataclass(frozen=True)
class WordCounts:
    """How often each document has each of its terms.

    Attributes:
        terms: by place, and the place of each.
        starts: (n_documents + 1,): where a document's counts begin.
        places, counts: (n,): each document's terms in the order in which they first appear in it, and how often they do.
    """

    terms: Mapping[str, int]
    starts: NDArray[np.int64]
    places: NDArray[np.int32]
    counts: NDArray[np.intc]

    @property
    def nbytes(self) -> int:
        return _nbytes(len(self.terms), len(self.places), len(self.starts))

    def learnt(self, rows: Array) -> tuple[dict[str, int], Any]:
        """The vocabulary of these documents, by first appearance, and their counts: (n_rows, n_terms), sparse, rows sorted.

        As a vectorizer counts that learns from them alone.
        """
        chosen, starts = self._of(rows)
        places = self.places[chosen]
        first = np.full(len(self.terms), -1, dtype=np.int64)
        first[places[::-1]] = np.arange(len(places) - 1, -1, -1)  # of a place that comes again the last one stays: the first
        there = np.flatnonzero(first >= 0)
        there = there[np.argsort(first[there])]
        number = np.empty(len(self.terms), dtype=np.int32)
        number[there] = np.arange(len(there), dtype=np.int32)
        terms = list(self.terms)
        vocabulary = {terms[place]: index for index, place in enumerate(there.tolist())}
        return vocabulary, self._matrix(self.counts[chosen], number[places], starts, len(vocabulary))

    def known(self, rows: Array, vocabulary: Mapping[str, int]) -> Any:
        """The counts of these documents' terms that a vocabulary has: (n_rows, n_terms), sparse, rows sorted."""
        chosen, starts = self._of(rows)
        number = np.full(len(self.terms), -1, dtype=np.int32)
        number[[self.terms[term] for term in vocabulary]] = list(vocabulary.values())
        numbers = number[self.places[chosen]]
        has = numbers >= 0
        upto = np.concatenate([[0], np.cumsum(has)])
        return self._matrix(self.counts[chosen][has], numbers[has], upto[starts], len(vocabulary))

    def _of(self, rows: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the counts of these documents lie, one after the other, and where each one's begin among them."""
        lengths = np.diff(self.starts)[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        return np.repeat(self.starts[rows] - starts[:-1], lengths) + np.arange(starts[-1]), starts

    def _matrix(self, counts: Array, columns: Array, starts: Array, width: int) -> Any:
        from scipy.sparse import csr_array

        matrix = csr_array((counts, columns, starts.astype(np.int32)), shape=(len(starts) - 1, width))
        matrix.sort_indices()
        return matrix


def count_words(documents: Iterable[str], analyze: Callable[[str], Iterable[str]], most_bytes: int) -> WordCounts | None:
    """The counts of all documents; None where they take more than `most_bytes`. Whatever `analyze` raises goes through."""
    terms: defaultdict[str, int] = defaultdict(count().__next__)
    places, counts, starts = array("i"), array("i"), array("q", [0])
    for index, document in enumerate(documents):
        found = Counter(analyze(document))  # in the order of their first appearance
        places.extend(map(terms.__getitem__, found))
        counts.extend(found.values())
        starts.append(len(places))
        if index % _LOOKED_AT == 0 and _nbytes(len(terms), len(places), len(starts)) > most_bytes:
            return None
    if _nbytes(len(terms), len(places), len(starts)) > most_bytes:
        return None
    return WordCounts(
        dict(terms),
        np.frombuffer(starts, dtype=np.int64),
        np.frombuffer(places, dtype=np.int32) if places else np.empty(0, np.int32),
        np.frombuffer(counts, dtype=np.intc) if counts else np.empty(0, np.intc),
    )


def _nbytes(terms: int, counts: int, documents: int) -> int:
    return terms * _TERM_BYTES + counts * 8 + documents * 8
