"""Several ways together: each one's scores scaled alike, weighed, added.

How much each way counts is chosen on pairs that were held out of the training: the last item of some
users. So the weights differ from data to data, and a way that adds nothing gets none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import starmap
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
    Told,
    TrainingData,
    Visitor,
    told_nobody,
)
from studio.prototypes.recommendation.methods.ranking import gain_of_rank, rank_of
from studio.prototypes.recommendation.methods.visitors import last_items, visitor_of

STEPS: tuple[float, ...] = (0.0, 0.25, 0.5, 1.0, 2.0)
"""Weights that are tried for each way."""
N_ROUNDS = 2
MAX_VALIDATION_USERS = 300
MAX_KEPT = 25_000_000
"""Scores (of people, parts and items) that are kept while weights are chosen: 100 MB."""
MIN_VALIDATION_USERS = 20
"""With fewer, all ways count the same: too few to choose by."""


_Scored = tuple[NDArray[np.float32], NDArray[np.int64], int]


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

    def fit(self, data: TrainingData, *, seed: int = 0, told: Told = told_nobody) -> None:
        """Choose the weights on held-out items, then fit every part on everything."""
        self.choose_weights(data, seed=seed, told=told)
        for part in self.parts:
            part.fit(data, seed=seed)

    def choose_weights(
        self, data: TrainingData, *, seed: int = 0, told: Told = told_nobody
    ) -> None:
        """Choose the weights; the parts are fitted on a part of the data and must be fitted again."""
        past, held = last_items(data, MAX_VALIDATION_USERS, seed)
        if len(held) < MIN_VALIDATION_USERS or len(self.parts) < 2:
            self.weights = np.ones(len(self.parts))
            return
        for part in self.parts:
            part.fit(past, seed=seed)
        people = [(visitor_of(past, user), item) for user, item in held]

        def scored(visitor: Visitor, wanted: int) -> _Scored:
            return self._scaled(visitor), visitor.items, wanted

        n_numbers = len(people) * len(self.parts) * past.n_items
        kept = [scored(*one) for one in people] if n_numbers <= MAX_KEPT else None
        # Of very many items the scores of all people would not fit: then they are made for each pass.
        self.weights = _climbed(
            lambda: kept if kept is not None else starmap(scored, people), len(self.parts), told
        )

    def scores(self, visitor: Visitor) -> Scores:
        """The weighted sum; a part that cannot say adds nothing, and a stranger has no such list."""
        if not len(visitor.items):  # all would come from parts that look at nobody's history
            return np.full(self._n_items(visitor), CANNOT_SAY, dtype=np.float32)
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

    def of_all(
        self, visitor: Visitor, scores: Scores, items: Codes
    ) -> tuple[MethodName | None, ...]:
        """The part that looks at nobody's history, where it adds more than all the others together."""
        found: list[MethodName | None] = [None] * len(items)
        for part, weight in zip(self.parts, self.weights, strict=True):
            if weight > 0 and not part.is_personal:
                added = weight * _scaled(part.scores(visitor))[items]
                for at in np.flatnonzero(2 * added > scores).tolist():
                    found[at] = part.name
        return tuple(found)

    def arrays(self) -> Arrays:
        """The weights; the parts are stored by themselves."""
        return {"weights": self.weights}

    def restore(self, arrays: Arrays) -> None:
        """Take the weights; the parts are given by the constructor, restored."""
        self.weights = np.asarray(arrays["weights"], dtype=np.float64)

    @property
    def memory_bytes(self) -> int:
        """Of the weights and of all parts."""
        return super().memory_bytes + sum(part.memory_bytes for part in self.parts)

    def _n_items(self, visitor: Visitor) -> int:
        return len(self.parts[0].scores(visitor)) if self.parts else 0

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


def _climbed(each: Callable[[], Iterable[_Scored]], n_parts: int, told: Told) -> Floats:
    """Weights by coordinate ascent on nDCG@10; of equal ones the smaller, so that parts drop out.

    Args:
        each: gives the people anew for each pass: scaled scores, what was seen, what is wanted.
        n_parts: how many weights.
        told: asked before each pass.
    """
    n_passes = 1 + N_ROUNDS * n_parts

    def qualities(trials: Sequence[Floats], at: int) -> list[float]:
        told(at, n_passes)
        gains = [[_gain(trial, *one) for trial in trials] for one in each()]
        return [float(mean) for mean in np.mean(gains, axis=0)]

    alone = qualities(list(np.eye(n_parts)), 0)
    weights, best = np.zeros(n_parts), max(alone)
    weights[int(np.argmax(alone))] = 1.0
    for round_ in range(N_ROUNDS):
        before = best
        for part in range(n_parts):
            trials = [np.where(np.arange(n_parts) == part, step, weights) for step in STEPS]
            reached = qualities(trials, 1 + round_ * n_parts + part)
            for trial, quality in zip(trials, reached, strict=True):
                if quality > best + 1e-12:
                    best, weights = quality, trial
        if best == before:
            break
    return weights


def _gain(
    weights: Floats, scaled: NDArray[np.float32], seen: NDArray[np.int64], wanted: int
) -> float:
    summed = weights @ scaled
    summed[seen] = -np.inf
    return gain_of_rank(rank_of(summed, wanted)) if summed[wanted] > 0 else 0.0
