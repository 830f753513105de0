"""The nearest other rows of every row of vectors, exactly, by FAISS."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.retrieval.vectors import GONE, load_faiss, unit_rows

_AT_A_TIME = 512


def nearest_rows(
    vectors: NDArray[np.float32], n: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each row the `n` other rows of highest cosine, best first, and the cosines.

    Args:
        vectors: `(m, dim)` of any length; a row of zeros has cosine 0 with all.
        n: at most `m - 1`; fewer are given where there are fewer.

    Returns:
        `(m, n)` int64 rows (`GONE` where there is none) and `(m, n)` float32 cosines. The cost is one
        product of all with all.
    """
    rows = unit_rows(vectors)
    n = max(0, min(n, len(rows) - 1))
    if not n:
        return np.zeros((len(rows), 0), np.int64), np.zeros((len(rows), 0), np.float32)
    index = load_faiss().IndexFlatIP(rows.shape[1])
    index.add(rows)
    found = np.full((len(rows), n), GONE, dtype=np.int64)
    cosines = np.zeros((len(rows), n), dtype=np.float32)
    for start in range(0, len(rows), _AT_A_TIME):
        scores, near = index.search(rows[start : start + _AT_A_TIME], n + 1)
        for at, (row_scores, row_near) in enumerate(zip(scores, near, strict=True)):
            others = row_near != start + at
            others[np.flatnonzero(others)[n:]] = False  # a twin may push a row off its own list
            found[start + at] = row_near[others]
            cosines[start + at] = row_scores[others]
    return found, cosines
