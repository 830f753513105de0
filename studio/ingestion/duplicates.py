"""Documents that say the same: exactly, or but for a few words.

Two documents are alike as far as their runs of three words (or Chinese characters) are the same ones:
the Jaccard index of these sets. Pairs worth comparing are found by MinHash signatures cut into bands,
so that the time grows with the documents and not with their pairs (Broder 1997; Leskovec, Rajaraman
and Ullman, Mining of Massive Datasets, chapter 3). Knows no files.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEAR = 0.8
"""The least similarity of near duplicates."""

_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+"
)
_RUN = 3  # words
_N_BANDS, _N_PER_BAND = 21, 6  # finds 99.8% of the pairs at 0.8, and a quarter of those at 0.5
_MOST_COMPARED = 8  # groups of one bucket that a text is compared with
_AT_ONCE = 8192  # runs that are hashed in one step, to bound the memory of long documents


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateGroup:
    """Documents that are alike, in the order they were given.

    `similarity` is the least one of any of them with the first, from 0 to 1; 1.0 also where they
    differ in nothing but case, punctuation and white space, and then `is_exact`.
    """

    ids: tuple[str, ...]
    similarity: float
    is_exact: bool


@dataclass(slots=True)
class _Seen:
    """A text that was met, with the documents that have it."""

    ids: list[str]
    places: list[int]
    runs: NDArray[np.uint64]
    group: int


def find_duplicates(
    documents: Iterable[tuple[str, str]], *, near: float = NEAR, seed: int = 0
) -> tuple[DuplicateGroup, ...]:
    """Groups of two documents or more that are alike, in the order of their first documents.

    Args:
        documents: id and text of each; texts without a word are passed over.
        near: the least similarity, from 0.5 to 1; at 1 only exact duplicates are found.
        seed: of the hash functions; another one finds the same groups but for rare misses.
    """
    seen: dict[bytes, _Seen] = {}
    for place, (document_id, text) in enumerate(documents):
        words = _words(text)
        if not words:
            continue
        key = hashlib.sha256(" ".join(words).encode("utf-8", "replace")).digest()
        if key in seen:
            seen[key].ids.append(document_id)
            seen[key].places.append(place)
        else:
            runs = _runs(words)
            seen[key] = _Seen(ids=[document_id], places=[place], runs=runs, group=len(seen))
    texts = list(seen.values())
    if near < 1:
        _join_near(texts, near, np.random.default_rng(seed))
    return _groups(texts)


def similarity(a: str, b: str) -> float:
    """How alike two texts are, from 0 to 1; 1 also for two texts without words."""
    return _jaccard(_runs(_words(a)), _runs(_words(b)))


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _runs(words: list[str]) -> NDArray[np.uint64]:
    """(n,) sorted different hashes of the runs of three words; of the whole where it is shorter."""
    hashes = np.array(
        [zlib.crc32(word.encode("utf-8", "replace")) for word in words], dtype=np.uint64
    )
    if len(hashes) == 0:
        return hashes
    width = min(_RUN, len(hashes))
    mixed = np.zeros(len(hashes) - width + 1, dtype=np.uint64)
    for offset in range(width):  # a polynomial, modulo 2**64
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + hashes[offset : offset + len(mixed)]
    return np.unique(mixed)


def _jaccard(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> float:
    if len(a) == 0 and len(b) == 0:
        return 1.0
    n_shared = len(np.intersect1d(a, b, assume_unique=True))
    return n_shared / (len(a) + len(b) - n_shared)


def _join_near(texts: list[_Seen], near: float, rng: np.random.Generator) -> None:
    """Give texts that are alike the same group, that of the first of them."""
    n_hashes = _N_BANDS * _N_PER_BAND
    factors = rng.integers(1, 2**63, size=n_hashes, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    offsets = rng.integers(0, 2**63, size=n_hashes, dtype=np.uint64)
    buckets: dict[tuple[int, bytes], list[int]] = {}
    firsts = list(range(len(texts)))  # each points to an earlier text of its group, or to itself
    for at, text in enumerate(texts):
        bands = _signature(text.runs, factors, offsets).reshape(_N_BANDS, _N_PER_BAND)
        found = [buckets.setdefault((band, row.tobytes()), []) for band, row in enumerate(bands)]
        for other in sorted({member for members in found for member in members}):
            is_new = _first(firsts, other) != _first(firsts, at)
            if is_new and _jaccard(texts[other].runs, text.runs) >= near:
                one, two = sorted((_first(firsts, other), _first(firsts, at)))
                firsts[two] = one
        # Only the first of a group stands for it: copies would make buckets grow without end.
        if firsts[at] == at:
            for members in found:
                if len(members) < _MOST_COMPARED:
                    members.append(at)
    for at, text in enumerate(texts):
        text.group = _first(firsts, at)


def _first(firsts: list[int], at: int) -> int:
    while firsts[at] != at:
        firsts[at] = firsts[firsts[at]]
        at = firsts[at]
    return at


def _signature(
    runs: NDArray[np.uint64], factors: NDArray[np.uint64], offsets: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """(n_hashes,) the least value of each hash function over all runs."""
    least = np.full(len(factors), np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(runs), _AT_ONCE):
        part = runs[start : start + _AT_ONCE]
        hashed = (factors[:, None] * part[None, :] + offsets[:, None]) >> np.uint64(16)
        least = np.minimum(least, hashed.min(axis=1))
    return least


def _groups(texts: list[_Seen]) -> tuple[DuplicateGroup, ...]:
    by_group: dict[int, list[_Seen]] = {}
    for text in texts:
        by_group.setdefault(text.group, []).append(text)
    groups = []
    for members in by_group.values():
        found = sorted(
            (place, document_id)
            for text in members
            for place, document_id in zip(text.places, text.ids, strict=True)
        )
        if len(found) < 2:
            continue
        first = members[0]
        groups.append(
            (
                found[0][0],
                DuplicateGroup(
                    ids=tuple(document_id for _, document_id in found),
                    similarity=min(_jaccard(first.runs, text.runs) for text in members),
                    is_exact=len(members) == 1,
                ),
            )
        )
    return tuple(group for _, group in sorted(groups, key=lambda entry: entry[0]))
