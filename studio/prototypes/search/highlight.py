"""Why a passage was found: the words it shares with the query, and the stretch where they stand.

Matches as keyword search does, by stem and by Chinese pairs, so that what is marked is what counted.
Knows no index.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from studio.retrieval.terms import CJK_CLASS, terms_of

EXCERPT_CHARACTERS = 240
_LONG_WORD = 20
_WORD = re.compile(rf"[^\W_{CJK_CLASS}]+(?:[-_'’./][^\W_{CJK_CLASS}]+)*|[{CJK_CLASS}]+")
_BREAK = re.compile(r"(?<=[.!?。！？\n])\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A stretch of a passage with the places to mark.

    `marks` are `(start, end)` in `text`, in order, without overlap; none where the passage was found
    by meaning alone. `words` are the marked words, each once, in order of appearance.
    `is_start` and `is_end` say whether it begins and ends with the passage.
    """

    text: str
    marks: tuple[tuple[int, int], ...]
    words: tuple[str, ...]
    is_start: bool
    is_end: bool


def excerpt_of(text: str, query: str, *, n_characters: int = EXCERPT_CHARACTERS) -> Excerpt:
    """The stretch of about `n_characters` with the most different words of the query.

    It begins at a sentence where one begins nearby. A passage without any of the words gives its
    beginning; an empty passage an empty excerpt.
    """
    spans = marks_in(text, query)
    start = _best_start(text, spans, n_characters)
    end = min(len(text), start + n_characters)
    if end < len(text):
        space = text.rfind(" ", start, end)
        if space > start + n_characters // 2:
            end = space
    shown = tuple((a - start, b - start) for a, b in spans if a >= start and b <= end)
    excerpt = text[start:end]
    words = tuple(dict.fromkeys(excerpt[a:b].lower() for a, b in shown))
    return Excerpt(
        text=excerpt, marks=shown, words=words, is_start=start == 0, is_end=end == len(text)
    )


def marks_in(text: str, query: str) -> tuple[tuple[int, int], ...]:
    """Where a text has the words of the query, `(start, end)` in order, without overlap."""
    wanted = frozenset(terms_of(query))
    if not wanted:
        return ()
    spans: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        word = match.group()
        if re.match(f"[{CJK_CLASS}]", word):
            spans.extend(_pair_spans(word, match.start(), wanted))
        elif wanted.intersection(terms_of(word)):
            spans.append(match.span())
    return _joined(spans)


def _pair_spans(run: str, offset: int, wanted: frozenset[str]) -> list[tuple[int, int]]:
    if len(run) == 1:
        return [(offset, offset + 1)] if run in wanted else []
    starts = (at for at in range(len(run) - 1) if run[at : at + 2] in wanted)
    return [(offset + at, offset + at + 2) for at in starts]


def _joined(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def _best_start(text: str, spans: Sequence[tuple[int, int]], n_characters: int) -> int:
    if len(text) <= n_characters or not spans:
        return 0
    starts = {0, *(match.end() for match in _BREAK.finditer(text))}
    starts.update(max(0, a - n_characters // 4) for a, _ in spans if a > n_characters)

    def worth(start: int) -> tuple[int, int, int]:
        inside = [text[a:b].lower() for a, b in spans if start <= a and b <= start + n_characters]
        return len(set(inside)), len(inside), start

    start = min(max(starts, key=worth), max(0, len(text) - n_characters // 2))
    is_within_word = start > 0 and text[start - 1 : start + 1].isalnum()
    space = text.find(" ", start, start + _LONG_WORD) if is_within_word else -1
    return start if space < 0 else space + 1
