"""How a text is taken apart for checking: its words, its sentences, its length, without its markup.

English counts words; Chinese, which has no spaces, counts characters without punctuation.
Knows no check.
"""

from __future__ import annotations

import re
import unicodedata

from studio.writing_systems import HAN

_HAN_CHARACTER = re.compile(f"[{HAN}]")
_TOKEN = re.compile(rf"[{HAN}]|[^\W_{HAN}]+(?:['’.,\-][^\W_{HAN}]+)*")
_SENTENCE_END = re.compile(r"(?<=[。！？；])|(?<=[.!?])[\"'”’)]*(?=\s|$)|\n+")
_MARKUP = (
    (re.compile(r"```.*?```", re.DOTALL), " "),
    (re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"^[ \t]{0,3}(?:#{1,6}|>|[-*+]|\d{1,2}[.)])\s+", re.MULTILINE), ""),
    (re.compile(r"[*_`~]{1,3}(?=\S)|(?<=\S)[*_`~]{1,3}"), ""),
)


def plain(text: str) -> str:
    """The text without Markdown's marks, composed (NFC)."""
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    return unicodedata.normalize("NFC", text).strip()


def tokens_of(text: str) -> list[str]:
    """Words in order, each Chinese character a word of its own; lower case, no punctuation.

    A number with its decimals, and a word with its hyphens, is one word.
    """
    return [token.casefold() for token in _TOKEN.findall(plain(text))]


def sentences_of(text: str) -> list[str]:
    """Sentences in order, without the empty ones; a line without an end mark is one, too."""
    return [part.strip() for part in _SENTENCE_END.split(plain(text)) if part.strip()]


def length_of(text: str) -> int:
    """Words of a text, each Chinese character counted as one."""
    return len(tokens_of(text))


def is_cjk(text: str) -> bool:
    """Whether most of the letters are Chinese characters."""
    letters = [character for character in text if character.isalpha()]
    return bool(letters) and 2 * len(_HAN_CHARACTER.findall(text)) > len(letters)
