"""Names of labels: which may be the same with a typing mistake, and how a model reads them.

Knows no text and no model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MAX_EDITS = 2
MIN_CHARACTERS = 5
RARE_SHARE = 0.2
"""A typing mistake is rare beside the label that was meant."""
MAX_COMPARED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPair:
    """A rare label that reads like a frequent one, with how many rows each has."""

    rare: str
    frequent: str
    n_rare: int
    n_frequent: int


def alike_labels(counts: Mapping[str, int]) -> tuple[LabelPair, ...]:
    """Pairs that may be one label with a typing mistake, the rarest first.

    Two edits apart at most (insert, delete, replace, swap), in names of five characters or more; a
    plural or another way to join words ("late delivery", "late_delivery") counts as alike in shorter
    ones, too. The rare one has a fifth of the frequent one's rows at most, or two.

    Args:
        counts: label -> rows. The rarest of more than 1,000 are not compared.
    """
    from rapidfuzz.distance import OSA

    names = sorted(counts, key=lambda name: (-counts[name], name))[:MAX_COMPARED]
    pairs = []
    for at, rare in enumerate(names):
        for frequent in names[:at]:
            if counts[rare] > max(2, RARE_SHARE * counts[frequent]):
                continue
            plain, other = _plain(rare), _plain(frequent)
            is_long = min(len(plain), len(other)) >= MIN_CHARACTERS
            limit = MAX_EDITS if is_long else 0
            if plain == other or OSA.distance(plain, other, score_cutoff=limit) <= limit:
                pairs.append(
                    LabelPair(
                        rare=rare,
                        frequent=frequent,
                        n_rare=counts[rare],
                        n_frequent=counts[frequent],
                    )
                )
                break  # the most frequent one that it is like
    return tuple(sorted(pairs, key=lambda pair: (pair.n_rare, pair.rare)))


def readable(label: str) -> str:
    """A label as words: "card_payment-fee" and "cardPaymentFee" become "card payment fee"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label)
    return " ".join(re.sub(r"[_\-./]+", " ", words).split()) or label


def read_as(label: str, meaning: str) -> str:
    """What a model reads of a label: its words, and what it means where that is told."""
    name = readable(label)
    return f"{name}: {meaning.strip()}" if meaning.strip() else name


def _plain(label: str) -> str:
    return re.sub(r"[\W_]+", "", label.casefold())
