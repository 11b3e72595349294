"""Documents of made-up words whose frequencies fall as a language's do: tf-idf, then a linear model; three folds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.cases.work import Fits, Work, shrunk, thinned

DOCUMENTS, WORDS, LENGTH, CLASSES, FOLDS = 20_000, 60_000, 500, 2, 3
TOPIC_SHARE = 0.04  # of a document's words, those that speak of its class
GRID = {
    "tfidf__min_df": [2, 5, 10],
    "clf__alpha": [1e-6, 2e-6, 5e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3],
}


def load() -> tuple[Any, Any]:
    """X: (n, 1), a column `text` of documents of 166 to 834 words; y: 0 or 1."""
    rng = np.random.default_rng(12)
    n = shrunk(DOCUMENTS, 300)
    words = np.array([_word(rank) for rank in range(WORDS)], dtype=object)
    # Zipf and Mandelbrot: the word of rank r comes in proportion to 1 / (r + 2.7) ** 1.1.
    upto = np.cumsum(1 / (np.arange(WORDS) + 2.7) ** 1.1)
    y = rng.integers(0, CLASSES, size=n)
    lengths = rng.integers(LENGTH // 3, 2 * LENGTH - LENGTH // 3, size=n)
    ranks = np.searchsorted(upto, rng.random(int(lengths.sum())) * upto[-1])
    # A class's own words are the ranks with its remainder by CLASSES: moved there, a word stays about as frequent.
    own = np.repeat(y, lengths)
    tilted = rng.random(len(ranks)) < TOPIC_SHARE
    ranks = np.where(tilted, np.minimum(ranks // CLASSES * CLASSES + own, WORDS - 1), ranks)
    texts = [" ".join(part) for part in np.split(words[ranks], np.cumsum(lengths)[:-1])]
    return pd.DataFrame({"text": pd.Series(texts, dtype=object)}), y


def _word(rank: int) -> str:
    """A word of its own for each rank: syllables that count."""
    syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
    text = ""
    while True:
        rank, last = divmod(rank, len(syllables))
        text += syllables[last]
        if not rank:
            return f"{text}s"


def fits() -> Fits:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier
    from sklearn.model_selection import StratifiedKFold
    from sklearn.pipeline import Pipeline

    X, y = load()
    texts = X["text"].to_numpy(dtype=object)
    model = Pipeline([("tfidf", TfidfVectorizer()), ("clf", SGDClassifier(loss="log_loss", random_state=0))])
    splits = list(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(texts, y))
    return Fits(texts, y, model, splits, "accuracy")


def work() -> Work:
    made = fits()
    return Work(thinned(GRID), made, lambda: made, holds_gil=True)
