"""How much an answer says what was expected, by its words: exact match, token F1, token recall.

English is normalised and compared as the evaluation of SQuAD does (Rajpurkar et al., 2016, "SQuAD:
100,000+ questions for machine comprehension of text"): lower case, without punctuation and articles, by
words. Chinese, which has no spaces, is compared by characters, without punctuation of either width.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence

from studio.writing_systems import CJK

_CJK = re.compile(f"[{CJK}]")
_ARTICLE = re.compile(r"\b(a|an|the)\b")
_TOKEN = re.compile(rf"[{CJK}]|[^\s{CJK}]+")
_ASCII_PUNCTUATION = frozenset(string.punctuation)


def normalised_answer(text: str) -> str:
    """The text as it is compared; empty where nothing but punctuation and articles is in it."""
    if _CJK.search(text):
        text = unicodedata.normalize("NFKC", text)
        text = "".join(c for c in text if unicodedata.category(c)[0] not in "PS")
    text = "".join(c for c in text.lower() if c not in _ASCII_PUNCTUATION)
    return " ".join(_ARTICLE.sub(" ", text).split())


def answer_tokens(text: str) -> list[str]:
    """Words of the normalised text; each Chinese character is one."""
    return _TOKEN.findall(normalised_answer(text))


def exact_match(answer: str, expected: Sequence[str]) -> float:
    """1 where the answer is one of the expected ones, else 0; 0 where none is expected."""
    said = normalised_answer(answer).replace(" ", "") if _CJK.search(answer) else None
    for one in expected:
        wanted = normalised_answer(one)
        if said is not None and said == wanted.replace(" ", ""):
            return 1.0
        if normalised_answer(answer) == wanted:
            return 1.0
    return 0.0


def token_f1(answer: str, expected: Sequence[str]) -> float:
    """The harmonic mean of token precision and recall, with the best of the expected answers.

    In [0, 1]. Two texts without a token are equal and give 1, as SQuAD has it for no answer.
    """
    return max((_f1(answer, one) for one in expected), default=0.0)


def token_recall(answer: str, expected: Sequence[str]) -> float:
    """The share of an expected answer's tokens that the answer has, with the best of them: [0, 1].

    Says whether what was expected stands in a longer answer, which F1 holds its length against.
    """
    return max((_recall(answer, one) for one in expected), default=0.0)


def _shared(said: list[str], wanted: list[str]) -> int:
    return sum((Counter(said) & Counter(wanted)).values())


def _f1(answer: str, expected: str) -> float:
    said, wanted = answer_tokens(answer), answer_tokens(expected)
    if not said or not wanted:
        return float(said == wanted)
    shared = _shared(said, wanted)
    if not shared:
        return 0.0
    precision, recall = shared / len(said), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)


def _recall(answer: str, expected: str) -> float:
    said, wanted = answer_tokens(answer), answer_tokens(expected)
    return _shared(said, wanted) / len(wanted) if wanted else float(not said)
