"""Ways that link items to items: what was liked leads to what goes with it.

A score is the sum of the links from the history, the latest counting most, so that every item of it
can be told how much it added, and a new like counts at once. Where links come from is the subclass's.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from studio.prototypes.recommendation.interactions import Codes, Floats
from studio.prototypes.recommendation.methods.contract import (
    CANNOT_SAY,
    N_COUNTED,
    Arrays,
    Parameter,
    Recommender,
    Scores,
    Told,
    TrainingData,
    Visitor,
    recency_weights,
    told_nobody,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

DECAY = Parameter(default=0.8, tried=(0.6, 0.7, 0.8, 0.9, 1.0))
"""See `recency_weights`. The default is the best of five on the validation items of MovieLens, each
user's last but one (cosine neighbours, nDCG@10: 0.048; 0.039 with 0.9, 0.021 with 1)."""


class ItemToItem(Recommender):
    """A recommender of links; subclasses make them."""

    parameters: ClassVar[Mapping[str, Parameter]] = {"decay": DECAY}

    def __init__(self, values: Mapping[str, float] | None = None) -> None:
        super().__init__(values)
        self._links: csr_matrix | None = None

    @abstractmethod
    def _made_links(self, data: TrainingData) -> csr_matrix:
        """`(n_items, n_items)`: row = what was liked, column = what it leads to, no diagonal."""

    def fit(self, data: TrainingData, *, seed: int = 0, told: Told = told_nobody) -> None:
        """Make the links."""
        del seed, told  # nothing is random, and it takes a moment
        self._links = self._made_links(data)

    def scores(self, visitor: Visitor) -> Scores:
        """Sum of the links from the history; `CANNOT_SAY` where none leads."""
        links, visitor = self._fitted, visitor.latest(N_COUNTED)
        if not len(visitor.items):
            return np.full(links.shape[1], CANNOT_SAY)
        weights = recency_weights(visitor, self.values["decay"])
        summed = links[visitor.items].T @ weights
        return np.where(summed != 0, summed, CANNOT_SAY).astype(np.float32)

    def evidence(self, visitor: Visitor, items: Codes) -> Floats | None:
        """What each item of the history adds."""
        weights = recency_weights(visitor, self.values["decay"])
        weights[:-N_COUNTED] = 0
        columns = self._fitted[visitor.items][:, items].toarray()  # (h, k)
        return np.asarray(weights[:, None] * columns, dtype=np.float64).T

    def arrays(self) -> Arrays:
        """The links, as a sparse matrix by rows."""
        links = self._fitted
        return {
            "data": links.data,
            "indices": links.indices,
            "indptr": links.indptr,
            "shape": np.asarray(links.shape, dtype=np.int64),
        }

    def restore(self, arrays: Arrays) -> None:
        """Take the links."""
        from scipy.sparse import csr_matrix

        parts = (arrays["data"], arrays["indices"], arrays["indptr"])
        self._links = csr_matrix(parts, shape=tuple(int(n) for n in arrays["shape"]))

    @property
    def _fitted(self) -> csr_matrix:
        if self._links is None:
            raise RuntimeError("asked before it was fitted")  # an error of the caller
        return self._links


def no_links(n_items: int) -> csr_matrix:
    """What is made where nothing is known."""
    from scipy.sparse import csr_matrix

    return csr_matrix((n_items, n_items), dtype=np.float32)


def without_diagonal(links: csr_matrix) -> csr_matrix:
    """The links without those from an item to itself, float32, columns in order."""
    from scipy.sparse import coo_matrix, csr_matrix

    parts = coo_matrix(links)
    kept = (parts.row != parts.col) & (parts.data != 0)
    made = csr_matrix(
        (parts.data[kept].astype(np.float32), (parts.row[kept], parts.col[kept])),
        shape=parts.shape,
    )
    made.sort_indices()
    return made
