"""Words counted: what a text is made of beside what it means, for a head and for the list it must beat.

Words and pairs of neighbouring words; for Chinese characters and pairs of them, as no spaces tell its
words. Each weighs the more the fewer texts have it (TF-IDF with the logarithm of counts, as scikit-learn
computes it). No word is left out: "not" decides whether a review is good. Knows no label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.retrieval.terms import CJK_CLASS

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MAX_TERMS = 50_000
"""The most frequent ones of all texts."""
_TOKEN = rf"[{CJK_CLASS}]|[^\W_{CJK_CLASS}]+"


@dataclass(frozen=True, kw_only=True)  # no slots: the counter is made once and kept
class CountedWords:
    """Terms by column with the weight of each, `(n_terms,)` float32. Any thread may ask."""

    terms: tuple[str, ...]
    rarities: NDArray[np.float32]

    @classmethod
    def of(cls, texts: Sequence[str]) -> CountedWords | None:
        """The terms of some texts; None where none of them has a word."""
        counter = _counter()
        try:
            counter.fit(texts)
        except ValueError:  # no word in any of the texts
            return None
        terms = tuple(map(str, counter.get_feature_names_out()))
        return cls(terms=terms, rarities=np.asarray(counter.idf_, dtype=np.float32))

    def counts(self, texts: Sequence[str]) -> csr_matrix:
        """`(n, n_terms)` float32, sparse; rows of unit length, empty for a text of unknown words."""
        return self._fitted.transform(texts)

    @cached_property
    def _fitted(self) -> Any:  # Any: scikit-learn has no types
        counter = _counter({term: at for at, term in enumerate(self.terms)})
        counter.idf_ = self.rarities
        return counter


def _counter(vocabulary: dict[str, int] | None = None) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        token_pattern=_TOKEN,
        ngram_range=(1, 2),
        sublinear_tf=True,
        max_features=None if vocabulary else MAX_TERMS,
        vocabulary=vocabulary,
        dtype=np.float32,
    )
