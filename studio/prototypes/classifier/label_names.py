"""Names of labels: which may be the same with a typing mistake, and how a model reads them.

Knows no text and no model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

MAX_EDITS = 2
MIN_CHARACTERS = 5
MIN_HAN = 4
HAN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]")
SELDOM = 2
"""Rows that a label has at most where one sign of it was mistaken for another."""
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

    Two edits apart at most (insert, delete, replace, swap), in names of five characters or more. A
    Chinese character says as much as a word, so that names in Chinese are one edit apart at most, in
    four characters or more; where one stands for another, as in 售前咨询 and 售后咨询, the rare one
    has two rows at most. A plural, another way to join words ("late delivery", "late_delivery"), and
    Chinese of the same sound (登录, 登陆), as it is typed by sound, count as alike in shorter ones, too.
    The rare one has a fifth of the frequent one's rows at most, or two.

    Args:
        counts: label -> rows. The rarest of more than 1,000 are not compared.
    """
    from rapidfuzz.distance import OSA

    names = sorted(counts, key=lambda name: (-counts[name], name))[:MAX_COMPARED]
    pairs = []
    for at, rare in enumerate(names):
        for frequent in names[:at]:
            if counts[rare] > max(SELDOM, RARE_SHARE * counts[frequent]):
                continue
            plain, other = _plain(rare), _plain(frequent)
            limit = _most_edits(plain, other, counts[rare])
            is_near = OSA.distance(plain, other, score_cutoff=limit) <= limit
            if is_near or _sounds_like(plain, other):
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


def _most_edits(rare: str, frequent: str, n_rare: int) -> int:
    """How many edits two names may be apart to be taken for one."""
    shorter = min(len(rare), len(frequent))
    if not (HAN.search(rare) and HAN.search(frequent)):
        return MAX_EDITS if shorter >= MIN_CHARACTERS else 0
    return int(shorter >= MIN_HAN and (len(rare) != len(frequent) or n_rare <= SELDOM))


def _sounds_like(one: str, other: str) -> bool:
    """Whether two Chinese names are typed by the same syllables; tones are not typed."""
    if len(one) != len(other) or not (HAN.search(one) and HAN.search(other)):
        return False
    return _syllables(one) == _syllables(other)


@lru_cache(MAX_COMPARED)
def _syllables(name: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(name))


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
