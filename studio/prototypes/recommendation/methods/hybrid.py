"""Several ways together: each one's scores scaled alike, weighed, added.

How much each way counts is chosen on pairs that were held out of the training: the last item of some
users. So the weights differ from data to data, and a way that adds nothing gets none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.recommendation.goals import MethodName
from studio.prototypes.recommendation.interactions import Codes, Floats
from studio.prototypes.recommendation.methods.contract import (
    CANNOT_SAY,
    Arrays,
    Recommender,
    Scores,
    TrainingData,
    Visitor,
)
from studio.prototypes.recommendation.methods.ranking import gain_of_rank, rank_of
from studio.prototypes.recommendation.methods.visitors import last_items, visitor_of

STEPS: tuple[float, ...] = (0.0, 0.25, 0.5, 1.0, 2.0)
"""Weights that are tried for each way."""
N_ROUNDS = 2
MAX_VALIDATION_USERS = 300
MIN_VALIDATION_USERS = 20
"""With fewer, all ways count the same: too few to choose by."""


class Hybrid(Recommender):
    """A weighted sum of fitted ways, the first of which alone is the starting point.

    Args:
        parts: the ways, not fitted yet or fitted on the same data.
        values: it has no parameters of its own; its parts have.
    """

    name: ClassVar[MethodName] = "hybrid"

    def __init__(
        self, parts: Sequence[Recommender] = (), values: Mapping[str, float] | None = None
    ) -> None:
        super().__init__(values)
        self.parts: tuple[Recommender, ...] = tuple(parts)
        self.weights: Floats = np.ones(len(self.parts))

    def fit(self, data: TrainingData, *, seed: int = 0) -> None:
        """Choose the weights on held-out items, then fit every part on everything."""
        self.choose_weights(data, seed=seed)
        for part in self.parts:
            part.fit(data, seed=seed)

    def choose_weights(self, data: TrainingData, *, seed: int = 0) -> None:
        """Choose the weights; the parts are fitted on a part of the data and must be fitted again."""
        past, held = last_items(data, MAX_VALIDATION_USERS, seed)
        if len(held) < MIN_VALIDATION_USERS or len(self.parts) < 2:
            self.weights = np.ones(len(self.parts))
            return
        for part in self.parts:
            part.fit(past, seed=seed)
        known = [
            (self._scaled(visitor), visitor.items, wanted)
            for visitor, wanted in ((visitor_of(past, user), item) for user, item in held)
        ]
        self.weights = _climbed(known, len(self.parts))

    def scores(self, visitor: Visitor) -> Scores:
        """The weighted sum; a part that cannot say adds nothing."""
        scaled = self._scaled(visitor)
        summed = np.asarray(self.weights @ scaled, dtype=np.float32)
        return np.where(scaled[self.weights > 0].any(axis=0), summed, CANNOT_SAY)

    def evidence(self, visitor: Visitor, items: Codes) -> Floats | None:
        """What each item of the history adds through the parts that can tell."""
        added = np.zeros((len(items), len(visitor.items)))
        is_told = False
        for part, weight in zip(self.parts, self.weights, strict=True):
            evidence = part.evidence(visitor, items) if weight else None
            best = 0.0 if evidence is None else _finite_max(part.scores(visitor))
            if evidence is not None and best > 0:
                added += weight * evidence / best
                is_told = True
        return added if is_told else None

    def arrays(self) -> Arrays:
        """The weights; the parts are stored by themselves."""
        return {"weights": self.weights}

    def restore(self, arrays: Arrays) -> None:
        """Take the weights; the parts are given by the constructor, restored."""
        self.weights = np.asarray(arrays["weights"], dtype=np.float64)

    def _scaled(self, visitor: Visitor) -> NDArray[np.float32]:
        """`(n_parts, n_items)`: each part's scores with 1 for its best and 0 for what it cannot say."""
        return np.stack([_scaled(part.scores(visitor)) for part in self.parts])


def _scaled(scores: Scores) -> Scores:
    """Scores above 0 over the highest; what is below counts as nothing."""
    best = _finite_max(scores)
    if best <= 0:
        return np.zeros_like(scores)
    return np.where(scores > 0, scores / best, 0).astype(np.float32)


def _finite_max(scores: Scores) -> float:
    known = scores[np.isfinite(scores)]
    return float(known.max()) if len(known) else 0.0


def _climbed(
    known: Sequence[tuple[NDArray[np.float32], NDArray[np.int64], int]], n_parts: int
) -> Floats:
    """Weights by coordinate ascent on nDCG@10; of equal ones the smaller, so that parts drop out."""

    def quality(weights: Floats) -> float:
        gains = []
        for scaled, seen, wanted in known:
            summed = weights @ scaled
            summed[seen] = -np.inf
            gains.append(gain_of_rank(rank_of(summed, wanted)) if summed[wanted] > 0 else 0.0)
        return float(np.mean(gains))

    weights = np.zeros(n_parts)
    alone = [quality(np.eye(n_parts)[part]) for part in range(n_parts)]
    weights[int(np.argmax(alone))] = 1.0
    best = max(alone)
    for _ in range(N_ROUNDS):
        before = best
        for part in range(n_parts):
            for step in STEPS:
                trial = weights.copy()
                trial[part] = step
                reached = quality(trial)
                if reached > best + 1e-12:
                    best, weights = reached, trial
        if best == before:
            break
    return weights
