"""Whether a question leans on the one before it ("And on Sunday?"), so that it is searched with it.

A question that stands by itself is searched by itself: together with the one before, whatever that was
answered from would seem to answer it, too. Knows words only: a question that has many words and only
means what was spoken of ("How many days do customers have abroad?") is taken to stand alone.
"""

from __future__ import annotations

import re

from studio.retrieval.terms import STOP_WORDS, script_of, terms_of

FEW_TERMS = 1
"""Words that tell something (English), at most, in a question that can hardly stand alone."""
FEW_CHARACTERS = 6
"""The same in Chinese, where a term is a pair of characters."""

FEW_WORDS = 4
"""Words of any kind, at most, in a question that can hardly stand alone."""

_POINTS_BACK = re.compile(
    r"^\W*(?:and|but|or|so|also|then|for|with|without|what about|how about|what if|why|same)\b"
    r"|\b(?:it|its|they|them|theirs?|that|those|these|this|one|ones|he|she|him|her|instead|too)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_POINTS_BACK_CJK = re.compile(
    r"^\W*(?:那|还有|而且|如果|要是|为什么|另外)|[它他她]|这[个些种样]|那[个些种样么]|呢\W*$"
)


def leans_on_before(question: str) -> bool:
    """Whether a question points back to what was said, or says too little to stand alone.

    In doubt it does: then it is searched both ways, alone first. In doubt is every question in
    languages other than English and Chinese: known by having no English word that holds a sentence
    together.
    """
    if script_of(question) == "cjk":
        n_characters = sum(character.isalnum() for character in question)
        return n_characters <= FEW_CHARACTERS or _POINTS_BACK_CJK.search(question) is not None
    words = _WORD.findall(question.casefold())
    return (
        len(words) <= FEW_WORDS
        or STOP_WORDS.isdisjoint(words)
        or len(set(terms_of(question))) <= FEW_TERMS
        or _POINTS_BACK.search(question) is not None
    )
