"""Search by meaning: the passages whose vectors point most nearly the way of the query's.

What every kind of vector index must do; `vectors.Vectors` does it exactly, `approximate` nearly so
and in less time.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class DenseSearch(Protocol):
    """A vector index. Never changes once made; any thread may search. A passage is its row."""

    @property
    def dim(self) -> int:
        """Length of a vector; 0 where there are none."""
        ...

    @property
    def n_passages(self) -> int:
        """How many rows there are."""
        ...

    def top(
        self,
        query: NDArray[np.float32],
        n: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Rows of the `n` nearest passages and their cosines, best first, ties by row.

        `allowed`, `(n_passages,)`, says which rows may be given; all by default.
        """
        ...

    def cosines(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of the query with the passages of these rows, in their order."""
        ...
