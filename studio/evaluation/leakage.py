"""What is in both of two sets of texts: the same ones, and nearly the same.

A figure on texts that settings were chosen by, or a model was trained on, is too good. Looks at words
only, so that it needs no model; a question in wholly other words is not noticed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.evaluation.judgements import normalised
from studio.evaluation.kept_answers import KeptAnswers
from studio.evaluation.near_texts import NearTexts, likest_earlier


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A row whose text is the same as that of an earlier row, or nearly; `likeness` as in `Overlap`."""

    row: int
    earlier: int
    likeness: float


_leakages = KeptAnswers[Leakage]()
_repeats = KeptAnswers[tuple[Repeat, ...]]()


def leakage(first: Sequence[str], second: Sequence[str]) -> Leakage:
    """What two sets have in common; asked twice of the same texts, it is looked for once.

    For each text of the second set the likest one of the first, where it is the same or nearly.

    Likeness is that of the letters in their order, whatever the order of the words; texts whose
    numbers differ are not alike ("size 42", "size 43"). See `near_texts` for what may be missed.

    Args:
        first: what was learnt from, or tuned by.
        second: what is reported on.
    """
    return _leakages.of((first, second), lambda: _leakage(first, second))


def near_repeats(texts: Sequence[str], groups: Sequence[str] = ()) -> tuple[Repeat, ...]:
    """Rows that say the same as an earlier one, or nearly; the likest first, then in order.

    Where the texts are too many and too long to be compared, only the same ones are found. See
    `leakage` for what counts as nearly the same.

    Args:
        texts: one a row.
        groups: of each row, where rows of different groups are never repeats.
    """
    return _repeats.of((texts, groups), lambda: _near_repeats(texts, groups))


def _near_repeats(texts: Sequence[str], groups: Sequence[str]) -> tuple[Repeat, ...]:
    plain = [normalised(text) for text in texts]
    kinds = list(groups) if groups else [""] * len(plain)
    firsts: dict[tuple[str, str], int] = {}
    found, different = [], []
    for row, key in enumerate(zip(kinds, plain, strict=True)):
        earlier = firsts.setdefault(key, row)
        if earlier == row:
            different.append(row)
        else:
            found.append(Repeat(row=row, earlier=earlier, likeness=1.0))
    near = likest_earlier([plain[row] for row in different], [kinds[row] for row in different])
    found += [
        Repeat(row=different[at], earlier=different[other], likeness=min(score / 100, 0.999))
        for at, (other, score) in (near or {}).items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.likeness, one.row)))


def _leakage(first: Sequence[str], second: Sequence[str]) -> Leakage:
    known = {normalised(text): text for text in first}
    wanted = {normalised(text): text for text in second}
    same = [
        Overlap(first=known[words], second=text, likeness=1.0)
        for words, text in wanted.items()
        if words in known
    ]
    left = {words: text for words, text in wanted.items() if words not in known}
    near = _near(known, left)
    return Leakage(overlaps=(*same, *(near or ())), is_complete=near is not None)


def _near(known: Mapping[str, str], wanted: Mapping[str, str]) -> list[Overlap] | None:
    """Those nearly the same, the likest first; None where it is too much work."""
    texts, plain = NearTexts(), list(known)
    for row, words in enumerate(plain):
        texts.add(row, words)
    found = []
    for words, text in wanted.items():
        best = texts.likest(words)
        if texts.is_over:
            return None
        if best is not None:
            row, score = best
            likeness = min(score / 100, 0.999)
            found.append(Overlap(first=known[plain[row]], second=text, likeness=likeness))
    return sorted(found, key=lambda one: -one.likeness)
