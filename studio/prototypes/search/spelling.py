"""Did you mean: the words of the documents that a query's unknown words may stand for.

Only words that the documents have are offered, so a correction always finds something. Chinese is
left alone: it has no spelling. Knows no index.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from studio.retrieval.terms import CJK_CLASS, terms_of

_WORD = re.compile(rf"[^\W\d_{CJK_CLASS}]+(?:['’][^\W\d_{CJK_CLASS}]+)?")
_SHORTEST = 4  # letters; shorter words are near to too many others


class Vocabulary:
    """The words of a set of texts with how often they occur. Never changes; any thread may ask."""

    def __init__(self, texts: Iterable[str]) -> None:
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(word.lower() for word in _WORD.findall(text))
        self._counts = counts
        self._terms = frozenset(term for word in counts for term in terms_of(word))
        self._words = tuple(word for word in counts if len(word) >= _SHORTEST)

    def correction(self, query: str) -> str | None:
        """The query with its unknown words replaced by near ones; None when nothing is nearer.

        A word is unknown when the documents have no form of it. Words of fewer than four letters and
        words with digits stay as they are. One edit is allowed in up to seven letters, two in more;
        among words equally near the more frequent one is taken.
        """
        changed = _WORD.sub(lambda match: self._nearest(match.group()), query)
        return None if changed == query else changed

    def _nearest(self, word: str) -> str:
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        lower = word.lower()
        if len(lower) < _SHORTEST or self._terms.issuperset(terms_of(lower)):
            return word
        limit = 1 if len(lower) <= 7 else 2
        near = process.extract(
            lower, self._words, scorer=OSA.distance, score_cutoff=limit, limit=20
        )
        if not near:
            return word
        best, _, _ = min(near, key=lambda found: (found[1], -self._counts[found[0]], found[0]))
        return best.capitalize() if word[0].isupper() else best
