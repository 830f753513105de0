"""Ratings from votes between two: Elo points with intervals.

The points are those of the Bradley-Terry model, fitted to all votes at once, so that their order does
not matter, on Elo's scale: 400 points more win ten times of eleven (Elo, 1978; Hunter, 2004, "MM
algorithms for generalized Bradley-Terry models"). A tie is half a win for each. Knows neither texts
nor models.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MEAN_POINTS = 1000.0
N_RESAMPLES = 500
_N_STEPS = 200
_PRIOR_TIES = 1.0  # one tie between each pair keeps who always wins at a finite distance


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A vote between two: `score` is 1 where the first won, 0 where the second did, 0.5 for a tie."""

    first: str
    second: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """Elo points of one with their 95 % interval over votes, and the number of votes that it was in."""

    name: str
    points: float
    low: float
    high: float
    n_votes: int


def ratings(matches: Sequence[Match], *, seed: int) -> tuple[Rating, ...]:
    """The ratings, the highest first, ties by name; the mean of all is 1,000. () without votes.

    Args:
        matches: the votes; what never met is compared through others.
        seed: decides the draws of the interval.
    """
    names = sorted({name for one in matches for name in (one.first, one.second)})
    if not names:
        return ()
    at = {name: number for number, name in enumerate(names)}
    pairs = np.array([[at[one.first], at[one.second]] for one in matches])
    scores = np.array([one.score for one in matches], dtype=np.float64)
    points = _points(pairs, scores, len(names))
    rng = np.random.default_rng(seed)
    drawn = np.array(
        [
            _points(pairs[rows], scores[rows], len(names))
            for rows in rng.integers(0, len(matches), size=(N_RESAMPLES, len(matches)))
        ]
    )
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    made = [
        Rating(
            name=name,
            points=float(points[i]),
            low=float(low[i]),
            high=float(high[i]),
            n_votes=int((pairs == i).sum()),
        )
        for name, i in at.items()
    ]
    return tuple(sorted(made, key=lambda one: (-one.points, one.name)))


def _points(pairs: NDArray[np.int64], scores: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Points of `n` players, `(n,)`, by Hunter's MM algorithm."""
    wins = np.zeros((n, n))
    np.add.at(wins, (pairs[:, 0], pairs[:, 1]), scores)
    np.add.at(wins, (pairs[:, 1], pairs[:, 0]), 1 - scores)
    wins += 0.5 * _PRIOR_TIES * (1 - np.eye(n))
    games = wins + wins.T
    strength = np.ones(n)
    for _ in range(_N_STEPS):
        together = strength[:, None] + strength[None, :]
        new = wins.sum(axis=1) / (games / together).sum(axis=1)
        new /= math.exp(np.log(new).mean())
        if np.allclose(new, strength, rtol=1e-9):
            break
        strength = new
    return np.asarray(MEAN_POINTS + 400 * np.log10(strength))
