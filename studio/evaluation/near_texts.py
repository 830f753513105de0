"""Which texts are nearly the same as one of many, without comparing each with each.

Compared are only texts with the same numbers and about the same length; long ones only where they share
some of the few runs of letters that stand for each (the least hashes: Broder 1997), so that long texts
with small differences everywhere are missed. The work is counted and has a limit.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

ALIKE = 90.0
"""From this likeness on (0 to 100) two texts count as nearly the same."""
MOST_WORK = 2_000_000_000
"""Steps that comparing may take; one takes about a nanosecond."""

_LONGER = (200 - ALIKE) / ALIKE  # how much longer a text can be that is still alike
_BITS = 64  # letters of one text that are compared with a letter of the other in a step
_OVERHEAD = 100  # steps that a pair takes, however short its texts
_LONG = 200  # letters
_RUN, _N_RUNS = 12, 24  # letters of a run; runs that stand for a text
_N_SHARED = 2  # of these runs at least, by texts that are compared


@dataclass(slots=True)
class _Shelf:
    """Texts with the same numbers, the shortest first."""

    lengths: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    runs: list[frozenset[int]] = field(default_factory=list)


class NearTexts:
    """Texts that others are compared with.

    Likeness is that of the letters in their order, whatever the order of the words, from 0 to 100
    (rapidfuzz, `ratio` of the sorted words).
    """

    def __init__(self) -> None:
        self._shelves: dict[Hashable, _Shelf] = {}
        self._work = 0

    @property
    def is_over(self) -> bool:
        """Whether comparing took more work than it may; from then on nothing is found any more."""
        return self._work > MOST_WORK

    def add(self, row: int, text: str, group: str = "") -> None:
        """Take in a text, already normalised; texts of another group are never alike."""
        shelf = self._shelves.setdefault((group, _numbers(text)), _Shelf())
        at = bisect_right(shelf.lengths, len(text))
        shelf.lengths.insert(at, len(text))
        shelf.rows.insert(at, row)
        shelf.words.insert(at, _sorted(text))
        shelf.runs.insert(at, _runs(text))

    def likest(self, text: str, group: str = "") -> tuple[int, float] | None:
        """Row and likeness of the text taken in that is likest, of equal ones the least row; or None."""
        from rapidfuzz import fuzz, process

        shelf = self._shelves.get((group, _numbers(text)))
        if shelf is None or self.is_over:
            return None
        low = bisect_left(shelf.lengths, len(text) / _LONGER)
        high = bisect_right(shelf.lengths, len(text) * _LONGER)
        places: Sequence[int] = range(low, high)
        runs = _runs(text)
        if runs:
            places = [
                at for at in places if not (shelf.runs[at] and runs.isdisjoint(shelf.runs[at]))
            ]
        if not places:
            return None
        self._work += len(places) * (_OVERHEAD + len(text) * (1 + len(text) // _BITS))
        if self._work > MOST_WORK:
            return None
        scores = process.cdist(
            [_sorted(text)],
            [shelf.words[at] for at in places],
            scorer=fuzz.ratio,
            score_cutoff=ALIKE,
        )[0]
        found = [
            (-float(scores[i]), shelf.rows[at]) for i, at in enumerate(places) if scores[i] > 0
        ]
        if not found:
            return None
        score, row = min(found)
        return row, -score


def likest_earlier(
    texts: Sequence[str], groups: Sequence[str] = ()
) -> Mapping[int, tuple[int, float]] | None:
    """Row -> the row before it that is likest, and how like (0 to 100); None for too much work."""
    known = NearTexts()
    found: dict[int, tuple[int, float]] = {}
    for row, text in enumerate(texts):
        group = groups[row] if groups else ""
        best = known.likest(text, group)
        if known.is_over:
            return None
        if best is not None:
            found[row] = best
        known.add(row, text, group)
    return found


def _sorted(text: str) -> str:
    return " ".join(sorted(text.split()))


def _numbers(text: str) -> frozenset[str]:
    return frozenset(word for word in text.split() if any(c.isdigit() for c in word))


@lru_cache(maxsize=1)  # a text is looked for, then taken in
def _runs(text: str) -> frozenset[int]:
    """The least hashes of the runs of a long text; none of a short one."""
    if len(text) <= _LONG:
        return frozenset()
    plain = (
        text.encode("utf-8", "replace") if text.isascii() else text.encode("utf-32-le", "replace")
    )
    size = 1 if text.isascii() else 4
    width = _RUN * size
    hashes = {zlib.crc32(plain[at : at + width]) for at in range(0, len(plain) - width + 1, size)}
    return frozenset(sorted(hashes)[:_N_RUNS])
