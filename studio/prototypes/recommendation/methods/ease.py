"""EASE: the linear model that foretells each item from all others, in closed form.

Steck, 2019, "Embarrassingly shallow autoencoders for sparse data": B = I - P / diag(P) with
P = (X'X + lambda I)^-1. Its time grows with the cube of the number of items and its memory with the
square, so it is fitted on the most frequent items only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.recommendation.goals import MethodName
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

MAX_ITEMS = 3000
"""Items that are modelled, the most frequent: 36 MB, and about 3 s of one core."""


class Ease(Recommender):
    """All items against all."""

    name: ClassVar[MethodName] = "ease"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "decay": Parameter(default=0.9, tried=(0.7, 0.8, 0.9, 0.95, 1.0)),
        "regularisation": Parameter(default=200.0, tried=(50.0, 200.0, 800.0)),
    }

    def __init__(self, values: Mapping[str, float] | None = None) -> None:
        super().__init__(values)
        self._weights: NDArray[np.float32] = np.zeros((0, 0), np.float32)  # (m, m)
        self._modelled: Codes = np.zeros(0, np.int64)  # (m,) codes of items
        self._place: Codes = np.zeros(0, np.int64)  # (n_items,) row of an item, -1 for none

    def fit(self, data: TrainingData, *, seed: int = 0, told: Told = told_nobody) -> None:
        """Invert the matrix of items that were taken together."""
        del seed, told  # nothing is random, and it takes a moment
        frequency = np.bincount(data.items, minlength=data.n_items)
        frequent = np.argsort(-frequency, kind="stable")[:MAX_ITEMS]
        modelled = np.sort(frequent[frequency[frequent] > 0])
        taken = data.matrix[:, modelled]
        taken.data = np.ones_like(taken.data)
        together = (taken.T @ taken).toarray().astype(np.float64)
        together[np.diag_indices_from(together)] += self.values["regularisation"]
        inverse = _inverse(together)
        weights = -inverse / np.diag(inverse)
        np.fill_diagonal(weights, 0.0)
        self._modelled, self._weights = modelled, weights.astype(np.float32)
        self._place = _places(modelled, data.n_items)

    def scores(self, visitor: Visitor) -> Scores:
        """Sum of the weights from the history, of the modelled items."""
        scores = np.full(len(self._place), CANNOT_SAY)
        rows, weights = self._rows(visitor.latest(N_COUNTED))
        if len(rows):
            scores[self._modelled] = weights @ self._weights[rows]
        return scores

    def evidence(self, visitor: Visitor, items: Codes) -> Floats | None:
        """What each item of the history adds; 0 for those that are not modelled."""
        added = np.zeros((len(items), len(visitor.items)))
        columns, places = self._place[items], self._place[visitor.items]
        is_asked, is_known = columns >= 0, places >= 0
        weights = recency_weights(visitor, self.values["decay"])
        weights[:-N_COUNTED] = 0
        parts = self._weights[np.ix_(places[is_known], columns[is_asked])]  # (h, k)
        added[np.ix_(is_asked, is_known)] = (weights[is_known][:, None] * parts).T
        return added

    def arrays(self) -> Arrays:
        """The weights, and which items they belong to."""
        return {
            "weights": self._weights,
            "modelled": self._modelled,
            "n_items": np.asarray([len(self._place)]),
        }

    def restore(self, arrays: Arrays) -> None:
        """Take the weights."""
        self._weights = np.asarray(arrays["weights"], dtype=np.float32)
        self._modelled = np.asarray(arrays["modelled"], dtype=np.int64)
        self._place = _places(self._modelled, int(arrays["n_items"][0]))

    def _rows(self, visitor: Visitor) -> tuple[Codes, Scores]:
        places = self._place[visitor.items]
        is_known = places >= 0
        return places[is_known], recency_weights(visitor, self.values["decay"])[is_known]


def _places(modelled: Codes, n_items: int) -> Codes:
    places = np.full(n_items, -1, dtype=np.int64)
    places[modelled] = np.arange(len(modelled))
    return places


def _inverse(matrix: Floats) -> Floats:
    """Of a symmetric positive definite matrix; half the work of a general one."""
    from scipy.linalg import cho_factor, cho_solve

    if not len(matrix):
        return matrix
    return np.asarray(cho_solve(cho_factor(matrix, overwrite_a=True), np.eye(len(matrix))))
