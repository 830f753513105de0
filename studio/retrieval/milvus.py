"""Nearest neighbours out of a Milvus server, with every find compared exactly afterwards.

For collections that one machine's memory does not hold: the graph over the vectors lives in Milvus,
the vectors themselves stay in the index's folder, from which Milvus is filled and the cosines of what it
proposes are computed. So scores never depend on it, and where it does not answer the vectors are read
one by one. It is given vectors and row numbers, never text.

A collection is named after the index it belongs to; `sweep` drops those that no version uses any more.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput
from studio.retrieval.vectors import Vectors, best, unit_rows

COLLECTION_FILE = "milvus.json"

TIMEOUT_S = 10.0
_PREFIX = "studio_"
_LINKS, _BUILD_EFFORT, _LEAST_EFFORT = 32, 200, 128  # of the graph: HNSW's M, efConstruction, ef
_ROWS_AT_ONCE = 1_000  # a message has at most 64 MB
_MOST_FOUND = 16_384  # what Milvus gives at most
_FEW = 2_000  # rows that are read one by one sooner than Milvus is asked
_WORTH_ASKING = 0.1  # share of the rows that may come over the network for one question
_N_LOOKED_ABOUT = 64  # nearest rows that tell how rare the allowed ones are about the query

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MilvusPlace:
    """Which server: `uri` as its client takes it (`http://host:19530`, or a file for Milvus Lite)."""

    uri: str
    token: str = field(default="", repr=False)

    @classmethod
    def of(cls, uri: str, token: str = "") -> MilvusPlace | None:
        """The server at this address; None where that is empty."""
        return cls(uri=uri, token=token) if uri else None

    def check(self) -> None:
        """Look whether its client is installed. Raises InvalidInput."""
        try:
            import pymilvus  # noqa: F401
        except ImportError as error:
            raise InvalidInput(
                "STUDIO_MILVUS_URI is set, and Milvus' client is not installed. Install it with"
                " {command}, or leave the variable out.",
                command="pip install 'prototype-studio[milvus]'",
            ) from error


class MilvusIndex:
    """Nearly all of the nearest passages, as a server proposes them.

    Args:
        vectors: of all rows.
        place: which server.
        collection: what it calls them there.
    """

    def __init__(self, vectors: Vectors, place: MilvusPlace, collection: str) -> None:
        self.vectors = vectors
        self.n_passages, self.dim = vectors.n_passages, vectors.dim
        self.collection = collection
        self._place = place

    def top(
        self,
        query: NDArray[np.float32],
        n: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Rows of the `n` nearest passages and their cosines, best first, ties by row.

        `allowed`, `(n_passages,)`, says which rows may be given. Fewer than `n` are given only where
        fewer are allowed.
        """
        n_allowed = self.n_passages if allowed is None else int(np.count_nonzero(allowed))
        n = min(n, n_allowed)
        if n_allowed <= _FEW:
            return self.vectors.top(query, n, allowed)
        try:
            rows = self._candidates(query, 2 * n + 10, allowed)
        except Exception as error:  # noqa: BLE001 - its client raises many kinds; the rows are here, too
            logger.warning("Milvus does not answer: %s", type(error).__name__)
            return self.vectors.top(query, n, allowed)
        if len(rows) < n:
            return self.vectors.top(query, n, allowed)
        return best(rows, self.vectors.cosines(query, rows), n)

    def cosines(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of the query with the passages of these rows, in their order."""
        return self.vectors.cosines(query, rows)

    def save(self, folder: Path) -> None:
        """Write down which collection it is. Raises OSError."""
        text = json.dumps({"collection": self.collection})
        (folder / COLLECTION_FILE).write_text(text, encoding="utf-8")

    def _candidates(
        self, query: NDArray[np.float32], n: int, allowed: NDArray[np.bool_] | None
    ) -> NDArray[np.int64]:
        """About `n` near rows that are allowed, in no order; none where those are too rare."""
        if allowed is None:
            return self._found(query, n)
        # Milvus is asked for more instead of being told which rows may be given: these are many.
        near = self._found(query, _N_LOOKED_ABOUT)
        share = min(
            np.count_nonzero(allowed) / self.n_passages,
            np.count_nonzero(allowed[near]) / _N_LOOKED_ABOUT,
        )
        wanted = int(4 * n / max(share, 1 / self.n_passages))
        if wanted > min(_MOST_FOUND, self.n_passages * _WORTH_ASKING):
            return np.empty(0, dtype=np.int64)  # sooner read one by one
        rows = self._found(query, wanted)
        return rows[allowed[rows]]

    def _found(self, query: NDArray[np.float32], n: int) -> NDArray[np.int64]:
        n = min(n, self.n_passages, _MOST_FOUND)
        hits = client_of(self._place).search(
            self.collection,
            data=[unit_rows(query[None, :])[0]],
            limit=n,
            search_params={"params": {"ef": max(_LEAST_EFFORT, 2 * n)}},
            timeout=TIMEOUT_S,
        )
        return np.array([hit["row"] for hit in hits[0]], dtype=np.int64)


def new_name(folder: Path) -> str:
    """A name that no collection has, for the index in this folder."""
    return f"{_prefix(folder)}{uuid.uuid4().hex[:12]}"


def filled(vectors: Vectors, place: MilvusPlace, name: str) -> MilvusIndex:
    """A collection of this name with these vectors and no others.

    Raises:
        Exception: whatever the client raises where the server does not answer; nothing is left there.
    """
    from pymilvus import DataType

    client = client_of(place)
    if client.has_collection(name, timeout=TIMEOUT_S):
        client.drop_collection(name)
    schema = client.create_schema(auto_id=False)
    schema.add_field("row", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=vectors.dim)
    wanted = client.prepare_index_params()
    wanted.add_index(
        "vector",
        index_type="HNSW",
        metric_type="IP",  # of unit vectors the cosine
        params={"M": _LINKS, "efConstruction": _BUILD_EFFORT},
    )
    client.create_collection(
        name, schema=schema, index_params=wanted, consistency_level="Strong", timeout=TIMEOUT_S
    )
    try:
        for start in range(0, vectors.n_passages, _ROWS_AT_ONCE):
            rows = vectors.rows[start : start + _ROWS_AT_ONCE]
            client.insert(name, [{"row": start + i, "vector": row} for i, row in enumerate(rows)])
        client.flush(name)
        client.load_collection(name)
    except BaseException:
        client.drop_collection(name)
        raise
    return MilvusIndex(vectors, place, name)


def opened(version: Path, vectors: Vectors, place: MilvusPlace) -> MilvusIndex:
    """The index of a version's folder; its collection is filled anew where the server lost it.

    Where the server does not answer the vectors are read one by one until it does.

    Raises:
        OSError: the note is not there.
        ValueError: it is none.
    """
    name = _noted(version)
    try:
        if not _is_whole(client_of(place), name, vectors.n_passages):
            return filled(vectors, place, name)
    except Exception as error:  # noqa: BLE001 - its client raises many kinds; the rows are here, too
        logger.warning("Milvus does not answer: %s", type(error).__name__)
    return MilvusIndex(vectors, place, name)


def sweep(place: MilvusPlace, folder: Path) -> None:
    """Drop the collections of the index in this folder that none of its versions names.

    With the folder gone all of them. What fails is tried again by the next one.
    """
    try:
        client = client_of(place)
        kept: Collection[str] = {
            _noted(note.parent) for note in folder.glob(f"*/{COLLECTION_FILE}")
        }
        for name in client.list_collections():
            if name.startswith(_prefix(folder)) and name not in kept:
                client.drop_collection(name)
    except Exception as error:  # noqa: BLE001 - its client raises many kinds; nothing depends on it
        logger.warning("Milvus was not swept: %s", type(error).__name__)


@functools.cache
def client_of(place: MilvusPlace) -> Any:  # Any: what it gives has no types
    """The process's connection to the server; every thread uses the same."""
    from pymilvus import MilvusClient

    return MilvusClient(uri=place.uri, token=place.token, timeout=TIMEOUT_S)


def _is_whole(client: Any, name: str, n: int) -> bool:
    """Whether the server has the collection with all its vectors, which it then loads."""
    if not client.has_collection(name, timeout=TIMEOUT_S):
        return False
    if int(client.get_collection_stats(name)["row_count"]) != n:
        return False
    client.load_collection(name)
    return True


def _noted(version: Path) -> str:
    found = json.loads((version / COLLECTION_FILE).read_text(encoding="utf-8"))
    name = found.get("collection") if isinstance(found, dict) else None
    if not isinstance(name, str) or not name.startswith(_prefix(version.parent)):
        raise ValueError(f"{COLLECTION_FILE} names no collection of this index")
    return name


def _prefix(folder: Path) -> str:
    """How the collections of the index in this folder begin; no other index's do."""
    return f"{_PREFIX}{hashlib.sha256(folder.name.encode()).hexdigest()[:16]}_"
