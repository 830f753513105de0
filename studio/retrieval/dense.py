"""Search by meaning: the passages whose vectors point most nearly the way of the query's.

Exact inner products through FAISS; with rows of unit length that is the cosine. The module knows
neither chunks nor texts: a passage is its row. An approximate index can take the place of the exact
one by keeping these four methods.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

VECTORS_FILE = "vectors.npy"


class DenseSearch(Protocol):
    """What a vector index must do. Never changes once made; any thread may search."""

    dim: int
    n_passages: int

    def top(
        self, query: NDArray[np.float32], n: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Rows of the `n` nearest passages and their cosines, best first, ties by row."""
        ...

    def cosines(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of the query with the passages of these rows, in their order."""
        ...


class FlatIndex:
    """Exact search over all vectors.

    Args:
        vectors: `(n, dim)` float32; rows are scaled to unit length, rows of zeros stay so.
    """

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        import faiss

        self.n_passages, self.dim = vectors.shape
        # FAISS refuses a dimension of 0; an index of nothing never asks it anything.
        self._faiss: Any = faiss.IndexFlatIP(max(1, self.dim))  # Any: faiss has no types
        if self.n_passages:
            self._faiss.add(unit_rows(vectors))

    def top(
        self, query: NDArray[np.float32], n: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Rows of the `n` nearest passages and their cosines, best first, ties by row."""
        n = min(n, self.n_passages)
        if n <= 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        cosines, rows = self._faiss.search(unit_rows(query[None, :]), n)
        order = np.lexsort((rows[0], -cosines[0]))
        return rows[0][order].astype(np.int64), cosines[0][order].astype(np.float32)

    def cosines(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of the query with the passages of these rows, in their order."""
        if not len(rows):
            return np.empty(0, dtype=np.float32)
        vectors = self._faiss.reconstruct_batch(np.ascontiguousarray(rows, dtype=np.int64))
        return np.asarray(vectors @ unit_rows(query[None, :])[0], dtype=np.float32)

    def vectors(self) -> NDArray[np.float32]:
        """A copy of all vectors, `(n, dim)` float32, rows of unit length or zero."""
        rows = np.arange(self.n_passages, dtype=np.int64)
        if not len(rows):
            return np.empty((0, self.dim), dtype=np.float32)
        return np.asarray(self._faiss.reconstruct_batch(rows), dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write the vectors into the folder, which must exist. Raises OSError."""
        np.save(folder / VECTORS_FILE, self.vectors(), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> FlatIndex:
        """Read what `save` wrote. Raises OSError or ValueError where the file is damaged."""
        return cls(load_vectors(folder))


def load_vectors(folder: Path) -> NDArray[np.float32]:
    """The stored vectors, `(n, dim)` float32. Raises OSError or ValueError."""
    vectors = np.load(folder / VECTORS_FILE, allow_pickle=False)
    if vectors.ndim != 2 or vectors.dtype != np.float32:
        raise ValueError(f"{VECTORS_FILE} holds {vectors.dtype} of shape {vectors.shape}")
    return np.asarray(vectors, dtype=np.float32)


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows scaled to unit length, `(n, dim)` float32, contiguous; rows of zeros stay zeros."""
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    # Rows that are unit length already are left bit for bit as they are, so that what was saved
    # and loaded scores the very same.
    scale = np.where((norms == 0) | (np.abs(norms - 1) < 1e-5), 1, norms)
    return np.asarray(rows / scale, dtype=np.float32) if np.any(scale != 1) else rows
