"""What is in both of two sets of texts: the same ones, and nearly the same.

A figure on texts that settings were chosen by, or a model was trained on, is too good. Looks at words
only, so that it needs no model; a question in wholly other words is not noticed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.evaluation.judgements import normalised

ALIKE = 90.0
"""From this likeness on (0 to 100) two texts count as nearly the same."""
_MOST_PAIRS = 4_000_000  # compared for near likeness: some seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Two texts, one of each set, that are the same or nearly; `likeness` is 0 to 1, 1 for the same."""

    first: str
    second: str
    likeness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Leakage:
    """What two sets have in common, the likest first.

    `is_complete` is False where the sets were too large to be compared for near likeness, so that only
    the same texts were looked for.
    """

    overlaps: tuple[Overlap, ...]
    is_complete: bool

    @property
    def n_same(self) -> int:
        """How many texts of the second set are in the first one, but for case, width and space."""
        return sum(one.likeness >= 1 for one in self.overlaps)


def leakage(first: Sequence[str], second: Sequence[str]) -> Leakage:
    """For each text of the second set the likest one of the first, where it is the same or nearly.

    Likeness is that of the letters in their order, whatever the order of the words (rapidfuzz,
    `token_sort_ratio`); texts whose numbers differ are not alike ("size 42", "size 43").

    Args:
        first: what was learnt from, or tuned by.
        second: what is reported on.
    """
    known = {normalised(text): text for text in first}
    wanted = {normalised(text): text for text in second}
    same = [
        Overlap(first=known[words], second=text, likeness=1.0)
        for words, text in wanted.items()
        if words in known
    ]
    is_complete = len(known) * len(wanted) <= _MOST_PAIRS
    near: list[Overlap] = []
    if is_complete:
        left = {words: text for words, text in wanted.items() if words not in known}
        near = _near(known, left)
    return Leakage(overlaps=(*same, *near), is_complete=is_complete)


def _near(known: Mapping[str, str], wanted: Mapping[str, str]) -> list[Overlap]:
    from rapidfuzz import fuzz, process

    found = []
    for words, text in wanted.items():
        matches = process.extract(
            words, list(known), scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE, limit=5
        )
        for other, score, _ in matches:
            if _numbers(other) == _numbers(words):
                found.append(Overlap(first=known[other], second=text, likeness=score / 100))
                break
    return sorted(found, key=lambda one: -one.likeness)


def _numbers(text: str) -> set[str]:
    return {word for word in text.split() if any(c.isdigit() for c in word)}
