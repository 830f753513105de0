"""The words of a text that can be left out one by one, to see which matter. Knows no model."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_PIECES = 48
_WORD = re.compile(r"[\u3400-\u9fff]{1,2}|[^\W\u3400-\u9fff]+(?:['’][^\W\u3400-\u9fff]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a text: its words, and where it begins and ends."""

    words: str
    start: int
    end: int


def pieces_of(text: str) -> tuple[Piece, ...]:
    """The words of a text in order; pairs of characters where it is Chinese.

    Neighbouring words are taken together in a text of more than 48, so that a long one is not read
    hundreds of times.
    """
    spans = [match.span() for match in _WORD.finditer(text)]
    if not spans:
        return ()
    step = -(-len(spans) // MAX_PIECES)
    groups = [spans[at : at + step] for at in range(0, len(spans), step)]
    return tuple(
        Piece(words=text[group[0][0] : group[-1][1]], start=group[0][0], end=group[-1][1])
        for group in groups
    )


def without(text: str, piece: Piece) -> str:
    """The text with a piece left out; "…" where nothing is left."""
    return " ".join(f"{text[: piece.start]} {text[piece.end :]}".split()) or "…"
