"""Vectorizers that count words: which settings may differ where the same documents were counted once.

Exact, since these settings act on what was counted: they leave terms out (`min_df`, `max_df`, `max_features`) or weigh the counts
(`binary`, `dtype`, and tf-idf's own). Words are cut and counted before any of them is looked at, document by document, so that it
makes no difference in which fold a document is. The fit is the class's own; only the counting that it asks for is there already.
Functions of a user's (`tokenizer`, `preprocessor`, an `analyzer`) may give something else each time; a given `vocabulary` is
another way of counting: such vectorizers count for themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.sharing.white_list import Refusing, WhiteList, is_text_or_unset, one_of, words

_FREE = words("min_df max_df max_features binary dtype norm use_idf smooth_idf sublinear_tf")
_OWN_FUNCTION = "a function of one's own may cut a document into other words each time"


@dataclass(frozen=True)
class WordRule(Refusing):
    """Fits that differ in some settings alone may learn from documents that were counted once.

    Attributes:
        free: settings that may differ. allowed: what a vectorizer may be configured with at all.
    """

    free: frozenset[str]
    allowed: WhiteList

    def refusals(self, estimator: Estimator) -> Mapping[str, str]:
        """As `Refusing.refusals`: why a vectorizer counts for itself."""
        return dict(self.allowed.settings(estimator))


WORDS = WordRule(
    _FREE,
    WhiteList(
        any_value=_FREE | words("encoding decode_error lowercase token_pattern ngram_range"),
        some_values={
            "input": (one_of("content"), "only documents that are given themselves are counted ahead"),
            "analyzer": (one_of("word", "char", "char_wb"), _OWN_FUNCTION),
            "tokenizer": (one_of(None), _OWN_FUNCTION),
            "preprocessor": (one_of(None), _OWN_FUNCTION),
            "strip_accents": (one_of(None, "ascii", "unicode"), _OWN_FUNCTION),
            "stop_words": (is_text_or_unset, "only lists of words, and those that scikit-learn has, are known to be exact"),
            "vocabulary": (one_of(None), "terms that are given are counted alone"),
        },
    ),
)
