"""Hidden tastes by `implicit`: every user and item a short vector, whose product is the score.

ALS (Hu, Koren and Volinsky, 2008, "Collaborative filtering for implicit feedback datasets") and BPR
(Rendle et al., 2009). ALS computes anybody's vector from a history at once; BPR cannot, so that
somebody new gets the mean of the liked items' vectors there, and a known user the vector of the
training.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.recommendation.goals import MethodName
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
from studio.prototypes.recommendation.methods.item_to_item import DECAY
from studio.prototypes.recommendation.methods.threads import n_threads, one_blas_thread

Matrix = NDArray[np.float32]


class _Factors(Recommender):
    """Vectors of items and users."""

    def __init__(self, values: Mapping[str, float] | None = None) -> None:
        super().__init__(values)
        self._items: Matrix = np.zeros((0, 1), np.float32)
        self._users: Matrix = np.zeros((0, 1), np.float32)
        self._is_known: NDArray[np.bool_] = np.zeros(0, np.bool_)  # items that anybody took

    @abstractmethod
    def _vector(self, visitor: Visitor) -> Matrix | None:
        """`(dim,)`; None where nothing is known."""

    def scores(self, visitor: Visitor) -> Scores:
        """Product of the visitor's vector with the items'; items that nobody took cannot be told."""
        vector = self._vector(visitor)
        if vector is None:
            return np.full(len(self._items), CANNOT_SAY)
        return np.where(self._is_known, self._items @ vector, CANNOT_SAY).astype(np.float32)

    def similar(self, item: int) -> Scores:
        """Cosine of the items' vectors."""
        lengths = np.linalg.norm(self._items, axis=1)
        product = self._items @ self._items[item] / np.maximum(lengths * lengths[item], 1e-12)
        scores = np.where(self._is_known & self._is_known[item], product, CANNOT_SAY)
        scores[item] = CANNOT_SAY
        return scores.astype(np.float32)

    def arrays(self) -> Arrays:
        """The vectors."""
        return {"items": self._items, "users": self._users, "is_known": self._is_known}

    def restore(self, arrays: Arrays) -> None:
        """Take the vectors."""
        self._items = np.asarray(arrays["items"], dtype=np.float32)
        self._users = np.asarray(arrays["users"], dtype=np.float32)
        self._is_known = np.asarray(arrays["is_known"], dtype=np.bool_)

    def _fit_with(self, make: Callable[[], Any], data: TrainingData, told: Told) -> None:
        """Fit a model of `implicit`, which has no types, and take its vectors."""
        self._is_known = np.bincount(data.items, minlength=data.n_items) > 0
        if data.matrix.nnz:
            with one_blas_thread():
                model = make()
                told(0, model.iterations)
                model.fit(
                    data.matrix,
                    show_progress=False,
                    callback=lambda done, *_: told(done + 1, model.iterations),
                )
            self._items = np.asarray(model.item_factors, dtype=np.float32)
            self._users = np.asarray(model.user_factors, dtype=np.float32)
        else:
            self._items = np.zeros((data.n_items, 1), np.float32)
            self._users = np.zeros((data.n_users, 1), np.float32)


class Als(_Factors):
    """Alternating least squares."""

    name: ClassVar[MethodName] = "als"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "decay": DECAY,
        "n_factors": Parameter(default=64, tried=(32, 64, 128)),
        "regularisation": Parameter(default=0.05, tried=(0.01, 0.05, 0.5)),
        "alpha": Parameter(default=10.0, tried=(1.0, 10.0, 40.0)),
    }

    def fit(self, data: TrainingData, *, seed: int = 0, told: Told = told_nobody) -> None:
        """Fifteen rounds."""
        from implicit.als import AlternatingLeastSquares

        make = partial(
            AlternatingLeastSquares,
            factors=int(self.values["n_factors"]),
            regularization=self.values["regularisation"],
            alpha=self.values["alpha"],
            iterations=15,
            use_gpu=False,
            num_threads=n_threads(),
            random_state=seed,
        )
        self._fit_with(make, data, told)
        self._gram: Matrix = self._items.T @ self._items

    def restore(self, arrays: Arrays) -> None:
        """Take the vectors."""
        super().restore(arrays)
        self._gram = self._items.T @ self._items

    def _vector(self, visitor: Visitor) -> Matrix | None:
        """The least squares of one user, as in the training, with the latest likes counting most."""
        visitor = visitor.latest(N_COUNTED)
        if not len(visitor.items):
            return None
        liked = self._items[visitor.items]  # (h, dim)
        confidence = self.values["alpha"] * recency_weights(visitor, self.values["decay"])
        regularisation = self.values["regularisation"] * np.eye(liked.shape[1])
        # Confidence is 1 + alpha r (equation 4 of the paper), the 1 being what the Gram matrix has of
        # every item: however old a like is, it never says less than an item not taken.
        left = self._gram + regularisation + liked.T @ (liked * confidence[:, None])
        right = liked.T @ (1 + confidence)
        return np.linalg.solve(left, right).astype(np.float32)


class Bpr(_Factors):
    """Bayesian personalised ranking."""

    name: ClassVar[MethodName] = "bpr"
    learns_at_once: ClassVar[bool] = False
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "n_factors": Parameter(default=64, tried=(32, 64, 128)),
        "learning_rate": Parameter(default=0.05, tried=(0.02, 0.05, 0.1)),
        "regularisation": Parameter(default=0.01, tried=(0.001, 0.01, 0.05)),
        "n_rounds": Parameter(default=100, tried=(50, 100, 200)),
    }

    def fit(self, data: TrainingData, *, seed: int = 0, told: Told = told_nobody) -> None:
        """Stochastic gradient on one thread: several would race, and differ from run to run."""
        from implicit.bpr import BayesianPersonalizedRanking

        make = partial(
            BayesianPersonalizedRanking,
            factors=int(self.values["n_factors"]),
            learning_rate=self.values["learning_rate"],
            regularization=self.values["regularisation"],
            iterations=int(self.values["n_rounds"]),
            use_gpu=False,
            num_threads=1,
            random_state=seed,
        )
        self._fit_with(make, data, told)

    def _vector(self, visitor: Visitor) -> Matrix | None:
        if 0 <= visitor.user < len(self._users):
            return np.asarray(self._users[visitor.user])
        if not len(visitor.items):
            return None
        weights = recency_weights(visitor, DECAY.default)
        mean = weights @ self._items[visitor.items] / weights.sum()
        mean[-1] = 1.0  # what a user's vector has at the place of the items' bias
        return np.asarray(mean, dtype=np.float32)
