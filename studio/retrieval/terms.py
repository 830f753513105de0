"""Text to the terms that keyword search counts, for English, Chinese and what stands between them.

A term is a stemmed lower-case word, a number, a model number, or two neighbouring Chinese, Japanese
or Korean characters. The same function serves passages and queries, so the two always meet. The
module knows no index and no weights; simplified and traditional characters stay different terms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Literal

import Stemmer

Script = Literal["latin", "cjk"]

# Ranges written once: Han (with extensions and iteration marks), kana, Hangul syllables.
CJK_CLASS = (
    "\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
)

_PIECE = re.compile(
    rf"(?P<cjk>[{CJK_CLASS}]+)"
    r"|(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)+)(?![^\W_])"
    rf"|(?P<word>[^\W_{CJK_CLASS}]+(?:[-_'\u2019./][^\W_{CJK_CLASS}]+)*)"
)
_JOINER = re.compile(r"[-_'\u2019./]")
_CJK_CHARACTER = re.compile(rf"[{CJK_CLASS}]")
_LETTER = re.compile(r"[^\W\d_]")

# Words that say that something is asked or hold a sentence together, not what it is about.
_ENGLISH = """
    a about after all also am an and any are as at be because been before being between both but by
    can could did do does doing during each for from further had has have having he her here hers him
    his how i if in into is it its just many may me might more most much must my no nor not of off on
    once only or other our ours out over own please shall she should so some such tell than that
    the their theirs them then there these they this those through to too under until up us very
    was we were what when where which while who whom whose why will with would you your yours
"""
_ENGLISH_STOP_WORDS = frozenset(_ENGLISH.split())
_CHINESE_BREAKS = re.compile(
    "为什么|為什麼|什么|什麼|怎么样|怎么|怎麼|怎样|如何|哪些|哪个|哪個|哪里|哪裡|哪儿|哪|多少|几个|幾個"
    "|是否|请问|請問|的|了|吗|嗎|呢|吧|谁|誰"
)


def terms_of(text: str) -> list[str]:
    """The terms of a text in reading order, repeated as often as they occur.

    Full-width forms are folded (NFKC), accents on Latin letters dropped, English words stemmed
    (Snowball) and stop words left out. A model number gives its joined form and its parts
    ("XR-200": "xr200", "xr", "200"). A run of Chinese characters gives its pairs, and the character
    itself where it stands alone. A text without words gives an empty list.
    """
    stem = Stemmer.Stemmer("english").stemWord  # cheap to make, and not safe to share by threads
    folded = unicodedata.normalize("NFKC", text).lower()
    terms: list[str] = []
    for match in _PIECE.finditer(folded):
        kind, piece = match.lastgroup, match.group()
        if kind == "cjk":
            terms.extend(_pairs(piece))
        elif kind == "number":
            terms.append(piece.replace(",", ""))
        else:
            terms.extend(_word_terms(piece, stem))
    return terms


def script_of(text: str) -> Script:
    """Whether a text is written in Chinese, Japanese or Korean: three letters in ten are enough."""
    n_cjk = len(_CJK_CHARACTER.findall(text))
    return "cjk" if n_cjk and n_cjk >= 0.3 * len(_LETTER.findall(text)) else "latin"


def _pairs(run: str) -> Iterator[str]:
    for part in _CHINESE_BREAKS.split(run):
        if len(part) == 1:
            yield part
        for first, second in zip(part, part[1:], strict=False):
            yield first + second


def _word_terms(word: str, stem: object) -> Iterable[str]:
    parts = _JOINER.split(_without_accents(word))
    if len(parts) > 1 and parts[-1] == "s":
        parts.pop()  # the possessive of "client's"
    terms = [term for part in parts if (term := _simple_term(part, stem))]
    if len(parts) > 1 and any(character.isdigit() for character in word):
        terms.insert(0, "".join(parts))
    return terms


def _simple_term(part: str, stem: object) -> str:
    if part in _ENGLISH_STOP_WORDS or (len(part) == 1 and part in "stmd"):
        return ""
    if part.isascii() and part.isalpha():
        return str(stem(part))  # type: ignore[operator]
    return part


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    spread = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(c for c in spread if not "\u0300" <= c <= "\u036f"))
