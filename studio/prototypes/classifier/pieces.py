"""The words of a text that can be left out one by one, to see which matter. Knows no model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from studio.writing_systems import HAN

MAX_PIECES = 48
_WORD = re.compile(rf"[{HAN}]+|[^\W{HAN}]+(?:['’][^\W{HAN}]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a text: its words, and where it begins and ends."""

    words: str
    start: int
    end: int


def pieces_of(text: str) -> tuple[Piece, ...]:
    """The words of a text in order.

    Chinese is parted at the words that pypinyin's list has, and into pairs of characters between them.
    Neighbouring words are taken together in a text of more than 48, so that a long one is not read
    hundreds of times.
    """
    spans = [span for match in _WORD.finditer(text) for span in _spans(match)]
    if not spans:
        return ()
    step = -(-len(spans) // MAX_PIECES)
    groups = [spans[at : at + step] for at in range(0, len(spans), step)]
    return tuple(
        Piece(words=text[group[0][0] : group[-1][1]], start=group[0][0], end=group[-1][1])
        for group in groups
    )


def _spans(found: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Where the words of a stretch begin and end that has nothing between its words."""
    start, run = found.start(), found[0]
    if not re.match(f"[{HAN}]", run):
        yield found.span()
        return
    from pypinyin.contrib.mmseg import seg

    waits = start  # where a character begins that stands in no word of the list
    end = start
    for word in seg.cut(run):
        end, begin = end + len(word), end
        if len(word) == 1 and end - waits < 2:
            continue
        if len(word) == 1:
            yield waits, end
        else:
            if waits < begin:
                yield waits, begin
            yield begin, end
        waits = end
    if waits < end:
        yield waits, end


def without(text: str, piece: Piece) -> str:
    """The text with a piece left out; "…" where nothing is left."""
    return " ".join(f"{text[: piece.start]} {text[piece.end :]}".split()) or "…"
