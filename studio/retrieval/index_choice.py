"""Which kind of vector index a collection gets, and why: by its size and the memory there is.

The module only reckons; it knows no vectors and no FAISS.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from studio.errors import InvalidInput
from studio.records import Notice

IndexKind = Literal["exact", "hnsw", "ivf", "ivf_compact", "milvus"]
IndexWish = Literal["auto", "exact", "hnsw", "ivf", "ivf_compact"]

EXACT_UP_TO = 20_000
"""Vectors that are read one by one in about a millisecond: nothing is gained by approximation."""

HNSW_UP_TO = 50_000
"""Vectors from which lists are built sooner than a graph, find as much and suffer filters better."""

_LINKS = 32  # neighbours of a vector in the graph; twice as many on its lowest level
_MOST_LISTS = 16_384
_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexChoice:
    """A kind of index, the reason for it in a sentence, and its parameters.

    "exact" and "milvus" have none. "hnsw": `links` of a vector in the graph, `effort` of building.
    "ivf" and "ivf_compact": `lists` that the vectors are divided into. `memory_bytes` is about what it
    holds in memory here, beside the vectors on disk.
    """

    kind: IndexKind
    reason: Notice
    parameters: Mapping[str, int]
    memory_bytes: int


def choose_index(
    n: int,
    dim: int,
    memory_bytes: int | None = None,
    wish: IndexWish = "auto",
    *,
    has_milvus: bool = False,
) -> IndexChoice:
    """The index for `n` vectors of `dim` dimensions.

    Args:
        n: vectors; 0 or more.
        dim: their length.
        memory_bytes: what the index may take in memory; None sets no limit. The smallest kind is
            chosen where none fits.
        wish: a kind that the user insists on, whatever fits.
        has_milvus: whether there is a server to search in, which holds any number of vectors.

    Raises:
        InvalidInput: an unknown kind.
    """
    if wish not in get_args(IndexWish):
        raise InvalidInput(
            "{value} is not a kind of index; choose one of {allowed}.",
            value=wish,
            allowed=", ".join(get_args(IndexWish)),
        )
    if wish != "auto" and n:
        return choice_of(wish, n, dim, Notice("Chosen by you."))
    if n <= EXACT_UP_TO:
        reason = Notice(
            "{n} passages are few enough to compare the question with every one of them.", n=n
        )
        return choice_of("exact", n, dim, reason)
    if has_milvus:
        reason = Notice(
            "{n} passages: searched in Milvus. The best finds are compared exactly.", n=n
        )
        return choice_of("milvus", n, dim, reason)
    kinds: tuple[IndexKind, ...] = ("hnsw", "ivf") if n <= HNSW_UP_TO else ("ivf",)
    for kind in kinds:
        choice = choice_of(kind, n, dim, Notice(""))
        if memory_bytes is None or choice.memory_bytes <= memory_bytes:
            return choice_of(kind, n, dim, _reason(kind, n, choice.memory_bytes))
    smallest = choice_of("ivf_compact", n, dim, Notice(""))
    reason = Notice(
        "{n} passages: lists of neighbours with one bit to a number, because the memory allows "
        "{memory_mb} MB and this kind needs {needed_mb} MB. The best finds are compared exactly.",
        n=n,
        memory_mb=(memory_bytes or 0) // _MIB,
        needed_mb=_mib(smallest.memory_bytes),
    )
    return choice_of("ivf_compact", n, dim, reason)


def _reason(kind: IndexKind, n: int, needed_bytes: int) -> Notice:
    if kind == "hnsw":
        return Notice(
            "{n} passages: a graph of neighbours, the fastest to search, in {needed_mb} MB of memory. "
            "The best finds are compared exactly.",
            n=n,
            needed_mb=_mib(needed_bytes),
        )
    return Notice(
        "{n} passages: lists of neighbours, quick to build and small, in {needed_mb} MB of memory. "
        "The best finds are compared exactly.",
        n=n,
        needed_mb=_mib(needed_bytes),
    )


def choice_of(kind: IndexKind, n: int, dim: int, reason: Notice) -> IndexChoice:
    """A kind with its parameters for `n` vectors of `dim` dimensions."""
    parameters: dict[str, int] = {}
    needed = 0
    if kind == "hnsw":
        parameters = {"links": _LINKS, "effort": 100}
        needed = n * (dim + 2 * _LINKS * 4 + 16)
    elif kind in ("ivf", "ivf_compact"):
        parameters = {"lists": _n_lists(n)}
        code_bytes = dim if kind == "ivf" else math.ceil(dim / 8) + 8
        needed = n * (code_bytes + 8) + parameters["lists"] * dim * 4
    return IndexChoice(kind=kind, reason=reason, parameters=parameters, memory_bytes=needed)


def _n_lists(n: int) -> int:
    """About four times the root of `n`, a power of two, with about 39 to 128 vectors to a list.

    Among a million vectors twice as many lists (8,192) found as much in 2.2 ms as 4,096 did in 3.1.
    """
    wanted = min(max(4 * math.sqrt(n), n / 128), n / 39, _MOST_LISTS)
    return int(2 ** math.floor(math.log2(wanted) + 0.5)) if wanted > 1 else 1


def _mib(n_bytes: int) -> int:
    return max(1, round(n_bytes / _MIB))
