"""Did you mean: the words of the documents that a query's unknown words may stand for.

Only words that the documents have are offered, so a correction always finds something. Words in
letters are compared by their letters, Chinese by its sound. Knows no index.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from studio.prototypes.search.homophones import RUN, Homophones
from studio.retrieval.terms import CJK_CLASS, terms_of

_WORD = re.compile(rf"[^\W\d_{CJK_CLASS}]+(?:['’][^\W\d_{CJK_CLASS}]+)?")
_SHORTEST = 4  # letters; shorter words are near to too many others


class Vocabulary:
    """The words of a set of texts with how often they occur. Never changes; any thread may ask.

    Args:
        texts: what the words are taken from.
        terms: the terms of the same texts with the number of texts that have each.
    """

    def __init__(self, texts: Iterable[str], terms: Mapping[str, int]) -> None:
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(word.lower() for word in _WORD.findall(text))
        self._counts = counts
        self._terms = terms
        self._words = tuple(word for word in counts if len(word) >= _SHORTEST)
        self._chinese = Homophones(terms)

    def correction(self, query: str) -> str | None:
        """The query with its unknown words replaced by near ones; None when nothing is nearer.

        A word is unknown when the documents have no form of it. Words of fewer than four letters and
        words with digits stay as they are. One edit is allowed in up to seven letters, two in more;
        among words equally near the more frequent one is taken. Chinese characters that the documents
        do not have side by side become ones of the same sound, and so does an unknown word that spells
        such characters in pinyin.
        """
        changed = _WORD.sub(lambda match: self._nearest(match.group()), query)
        changed = RUN.sub(lambda match: self._chinese.correction(match.group()), changed)
        return None if changed == query else changed

    def _nearest(self, word: str) -> str:
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        lower = word.lower()
        if len(lower) < _SHORTEST or all(term in self._terms for term in terms_of(lower)):
            return word
        limit = 1 if len(lower) <= 7 else 2
        near = process.extract(
            lower, self._words, scorer=OSA.distance, score_cutoff=limit, limit=20
        )
        if not near:
            return self._chinese.typed(lower) or word
        best, _, _ = min(near, key=lambda found: (found[1], -self._counts[found[0]], found[0]))
        return best.capitalize() if word[0].isupper() else best
