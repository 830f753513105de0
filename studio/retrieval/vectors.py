"""The vectors of all passages as they are kept: exact, on disk, mapped into memory.

They are the truth that approximate indexes are made of, checked against and rescored by. The module
knows neither chunks nor texts: a passage is its row.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

VECTORS_FILE = "vectors.npy"

GONE = -1
"""Stands for a row where there is none."""

_MAPPED_FROM_BYTES = 1 << 20  # below, reading at once is cheaper and leaves no file open
_ROWS_AT_A_TIME = 1024  # of a scattered read; a buffer of this size stays in the processor's cache
_WORTH_READING_ALL = 0.3  # share of rows from which reading straight through beats picking


class Vectors:
    """Unit vectors by row. Never changes once made; any thread may ask.

    Args:
        rows: `(n, dim)` float32 of unit length or zero, as `unit_rows` gives them.
    """

    def __init__(self, rows: NDArray[np.float32]) -> None:
        self.rows = np.ascontiguousarray(rows, dtype=np.float32)  # as FAISS reads it
        self.n_passages, self.dim = rows.shape

    def cosines(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of the query, `(dim,)` of any length but 0, with these rows, in their order."""
        unit = unit_rows(query[None, :])[0]
        result = np.empty(len(rows), dtype=np.float32)
        buffer = np.empty((min(len(rows), _ROWS_AT_A_TIME), self.dim), dtype=np.float32)
        for start in range(0, len(rows), _ROWS_AT_A_TIME):
            part = rows[start : start + _ROWS_AT_A_TIME]
            picked = np.take(self.rows, part, axis=0, out=buffer[: len(part)], mode="clip")
            result[start : start + len(part)] = inner_products(picked, unit)
        return result

    def top(
        self,
        query: NDArray[np.float32],
        n: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The `n` rows nearest to the query and their cosines, exactly; best first, ties by row.

        `allowed`, `(n_passages,)`, says which rows may be given; all by default.
        """
        n_allowed = self.n_passages if allowed is None else int(np.count_nonzero(allowed))
        if not n_allowed or n < 1:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        if allowed is not None and n_allowed < _WORTH_READING_ALL * self.n_passages:
            rows = np.flatnonzero(allowed)
            return best(rows, self.cosines(query, rows), n)
        cosines = inner_products(self.rows, unit_rows(query[None, :])[0])
        if allowed is None:
            return best(np.arange(self.n_passages), cosines, n)
        rows = np.flatnonzero(allowed)
        return best(rows, cosines[rows], n)

    def save(self, folder: Path) -> None:
        """Write the vectors into the folder, which must exist. Raises OSError."""
        np.save(folder / VECTORS_FILE, self.rows, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> Vectors:
        """What `save` wrote. Raises OSError or ValueError where the file is damaged."""
        path = folder / VECTORS_FILE
        is_small = path.stat().st_size < _MAPPED_FROM_BYTES
        rows = np.load(path, mmap_mode=None if is_small else "r", allow_pickle=False)
        if rows.ndim != 2 or rows.dtype != np.float32:
            raise ValueError(f"{VECTORS_FILE} holds {rows.dtype} of shape {rows.shape}")
        return cls(np.asarray(rows))


def inner_products(rows: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float32]:
    """`rows @ query`, `(n,)` float32, for contiguous `(n, dim)` and `(dim,)` float32.

    On one core: two that have to wait for each other are slower on a busy machine.
    """
    faiss = load_faiss()
    result = np.empty(len(rows), dtype=np.float32)
    pointers = [faiss.swig_ptr(array) for array in (result, query, rows)]
    faiss.fvec_inner_products_ny(*pointers, rows.shape[1], len(rows))
    return result


def load_faiss() -> Any:  # Any: its types know only half of it
    """The library, imported when it is first needed."""
    import faiss

    return faiss


def best(
    rows: NDArray[np.int64], scores: NDArray[np.float32], n: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The `n` rows of the highest scores, best first, ties by row; fewer where there are fewer."""
    if len(rows) > n:  # keep everything as good as the n-th, so that ties are cut by row
        floor = np.partition(scores, len(rows) - n)[len(rows) - n]
        kept = scores >= floor
        rows, scores = rows[kept], scores[kept]
    order = np.lexsort((rows, -scores))[:n]
    return rows[order].astype(np.int64), scores[order].astype(np.float32)


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows scaled to unit length, `(n, dim)` float32, contiguous; rows of zeros stay zeros."""
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    # Rows that are unit length already are left bit for bit as they are, so that what was saved
    # and loaded scores the very same.
    scale = np.where((norms == 0) | (np.abs(norms - 1) < 1e-5), 1, norms)
    return np.asarray(rows / scale, dtype=np.float32) if np.any(scale != 1) else rows
