"""Text to the terms that keyword search counts, for English, Chinese and what stands between them.

A term is a stemmed lower-case word, a number, a model number, or two neighbouring Chinese, Japanese
or Korean characters. The same function serves passages and queries, so the two always meet. The
module knows no index and no weights; simplified and traditional characters stay different terms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Literal

import Stemmer

Script = Literal["latin", "cjk"]

TERMS_VERSION = 2
"""Of the rules below; an index whose passages were read by others reads them again when opened."""

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
_CONTRACTION = re.compile(r"['\u2019](?:[stmd]|re|ve|ll)$")
_MIXED = re.compile(r"[^\W\d_]{2,}\d{2,}|\d+(?!(?:st|nd|rd|th)$)[^\W\d_]{2,}")
_LETTERS_OR_DIGITS = re.compile(r"\d+|[^\W\d_]+")
_SHORT = 2  # letters of a part that people write now with a hyphen and now without
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
STOP_WORDS = frozenset(_ENGLISH.split())
"""English words that are counted in no text."""
CHINESE_BREAKS = re.compile(
    "为什么|為什麼|什么|什麼|怎么样|怎么|怎麼|怎样|如何|哪些|哪个|哪個|哪里|哪裡|哪儿|哪|多少|几个|幾個"
    "|是否|请问|請問|的|了|吗|嗎|呢|吧|谁|誰"
)
"""Question words and particles: no term holds a part of one."""


class TermReader:
    """Reads texts into terms, as `terms_of` does, and remembers the words it has read.

    Many texts are read several times as fast through one. For one thread at a time.
    """

    def __init__(self) -> None:
        self._stem = Stemmer.Stemmer("english").stemWord  # not safe to share by threads
        self._known: dict[str, tuple[str, ...]] = {}

    def terms_of(self, text: str) -> list[str]:
        """The terms of a text; see the function of this name."""
        folded = unicodedata.normalize("NFKC", text).casefold()
        terms: list[str] = []
        for match in _PIECE.finditer(folded):
            kind, piece = match.lastgroup, match.group()
            if kind == "cjk":
                terms.extend(pairs_of(piece))
            elif kind == "number":
                terms.append(piece.replace(",", ""))
            else:
                found = self._known.get(piece)
                if found is None:
                    found = self._known[piece] = tuple(_word_terms(piece, self._stem))
                terms.extend(found)
        return terms


def terms_of(text: str) -> list[str]:
    """The terms of a text in reading order, repeated as often as they occur.

    Full-width forms are folded (NFKC), accents on Latin letters dropped, English words stemmed
    (Snowball) and stop words left out. A model number or a size gives its joined form and its parts,
    however it is written ("XR-200", "XR200": "xr200", "xr", "200"; "16GB": "16gb", "16", "gb"), a word
    with a short prefix, too ("e-mail": "email", "e", "mail"), an abbreviation only the joined form
    ("U.S.A.": "usa"). A run of Chinese characters gives its pairs, and the character
    itself where it stands alone. A text without words gives an empty list.
    """
    return TermReader().terms_of(text)


def pairs_of(run: str) -> Iterator[str]:
    """The terms of a run of Chinese, Japanese or Korean characters, in reading order.

    Neighbouring characters, none of them across a question word or a particle, and the character
    itself where it stands alone.
    """
    for part in CHINESE_BREAKS.split(run):
        if len(part) == 1:
            yield part
        for first, second in zip(part, part[1:], strict=False):
            yield first + second


def script_of(text: str) -> Script:
    """Whether a text is written in Chinese, Japanese or Korean: three letters in ten are enough."""
    n_cjk = len(_CJK_CHARACTER.findall(text))
    return "cjk" if n_cjk and n_cjk >= 0.3 * len(_LETTER.findall(text)) else "latin"


def _word_terms(word: str, stem: Callable[[str], str]) -> Iterator[str]:
    parts = _JOINER.split(_CONTRACTION.sub("", _without_accents(word)))
    joined = "".join(parts)
    if len(parts) > 1:
        if all(len(part) == 1 and not part.isdigit() for part in parts):
            yield joined  # "U.S.A.": the letters say nothing
            return
        if any(character.isdigit() for character in word):
            yield joined
        elif "-" in word and min(map(len, parts)) <= _SHORT:
            yield from _simple_term(joined, stem)  # "e-mail" is written "email", too
    for part in parts:
        yield from _simple_term(part, stem)
        if _MIXED.fullmatch(part):
            for piece in _LETTERS_OR_DIGITS.findall(part):
                yield from _simple_term(piece, stem)


def _simple_term(part: str, stem: Callable[[str], str]) -> Iterator[str]:
    if part not in STOP_WORDS:
        yield stem(part) if part.isascii() and part.isalpha() else part


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    spread = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(c for c in spread if not "\u0300" <= c <= "\u036f"))
