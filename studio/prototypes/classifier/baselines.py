"""What a classifier must beat to be worth a model: the most frequent label, and words counted.

Both learn from the same examples and are measured on the same held-out texts. Uses no language model.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.classifier.words import CountedWords

Codes = NDArray[np.int64]


def most_frequent(codes: Codes, n: int) -> Codes:
    """The most frequent label of the examples for each of `n` texts; the lower code of a tie."""
    return np.full(n, int(np.bincount(codes).argmax()), dtype=np.int64)


def by_words(learn: Sequence[str], codes: Codes, test: Sequence[str], *, seed: int) -> Codes:
    """Labels by a linear support vector machine on weighted words (TF-IDF), `(n_test,)`.

    See `words` for what is counted. Examples of one label only give that label; texts without any word
    give the most frequent one.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    words = CountedWords.of(learn) if len(np.unique(codes)) > 1 else None
    if words is None:
        return most_frequent(codes, len(test))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LinearSVC(random_state=seed).fit(words.counts(learn), codes)
    return np.asarray(model.predict(words.counts(test)), dtype=np.int64)
