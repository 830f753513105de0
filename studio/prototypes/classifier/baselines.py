"""What a classifier must beat to be worth a model: the most frequent label, and words counted.

Both learn from the same examples and are measured on the same held-out texts. Uses no language model.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]

MAX_WORDS = 50_000
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def most_frequent(codes: Codes, n: int) -> Codes:
    """The most frequent label of the examples for each of `n` texts; the lower code of a tie."""
    return np.full(n, int(np.bincount(codes).argmax()), dtype=np.int64)


def by_words(learn: Sequence[str], codes: Codes, test: Sequence[str], *, seed: int) -> Codes:
    """Labels by a linear support vector machine on weighted words (TF-IDF), `(n_test,)`.

    Words and pairs of words; pairs of characters where the texts are Chinese, which has no spaces.
    Examples of one label only give that label; texts without any word give the most frequent one.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    if len(np.unique(codes)) < 2:
        return most_frequent(codes, len(test))
    is_chinese = sum(bool(_CHINESE.search(text)) for text in learn) * 2 > len(learn)
    words = TfidfVectorizer(
        ngram_range=(1, 2),
        analyzer="char" if is_chinese else "word",
        token_pattern=r"(?u)\b\w+\b" if not is_chinese else None,
        sublinear_tf=True,
        max_features=MAX_WORDS,
    )
    try:
        features = words.fit_transform(learn)
    except ValueError:  # no word in any of the texts
        return most_frequent(codes, len(test))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LinearSVC(random_state=seed).fit(features, codes)
    return np.asarray(model.predict(words.transform(test)), dtype=np.int64)
