"""Ratings from votes between two: Elo points with intervals.

The points are those of the Bradley-Terry model, fitted to all votes at once, so that their order does
not matter, on Elo's scale: 400 points more win ten times of eleven (Elo, 1978; Hunter, 2004, "MM
algorithms for generalized Bradley-Terry models"). A tie is half a win for each. Intervals are those of
the posterior, so that few votes that all agree leave much open. Knows neither texts nor models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MEAN_POINTS = 1000.0
N_DRAWS = 1000
_N_STEPS = 200
_PRIOR_TIES = 1.0  # one tie between each pair keeps who always wins at a finite distance
_LEAST = 1e-9  # of a drawn number of wins, which must not be nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A vote between two: `score` is 1 where the first won, 0 where the second did, 0.5 for a tie."""

    first: str
    second: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """Elo points of one with their 95 % credible interval, and the number of votes that it was in."""

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
    wins = _wins(pairs, scores, len(names))
    points = _points(wins)
    drawn = _points(_drawn_wins(wins, np.random.default_rng(seed)))
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


def _wins(pairs: NDArray[np.int64], scores: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Wins of each of `n` over each, `(n, n)`, with one tie more between every two of them."""
    wins = np.zeros((n, n))
    np.add.at(wins, (pairs[:, 0], pairs[:, 1]), scores)
    np.add.at(wins, (pairs[:, 1], pairs[:, 0]), 1 - scores)
    wins += 0.5 * _PRIOR_TIES * (1 - np.eye(n))
    return wins


def _drawn_wins(wins: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Wins that could as well have been, `(N_DRAWS, n, n)`.

    Each is drawn from a gamma distribution of its size: between two the share of wins is then that of a
    beta distribution, Jeffreys' posterior (Newton and Raftery, 1994, "Approximate Bayesian inference
    with the weighted likelihood bootstrap"). Drawing the votes anew instead leaves an interval without
    width where they agree.
    """
    drawn = rng.gamma(wins, size=(N_DRAWS, *wins.shape))
    return np.maximum(drawn, _LEAST * (1 - np.eye(len(wins))))


def _points(wins: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of `n` players from their wins over each other, by Hunter's MM algorithm.

    `(n, n)` gives `(n,)`; several tables of wins at once, `(..., n, n)`, give `(..., n)`.
    """
    games = wins + wins.swapaxes(-1, -2)
    strength = np.ones(wins.shape[:-1])
    for _ in range(_N_STEPS):
        together = strength[..., :, None] + strength[..., None, :]
        new = wins.sum(axis=-1) / (games / together).sum(axis=-1)
        new /= np.exp(np.log(new).mean(axis=-1, keepdims=True))
        if np.allclose(new, strength, rtol=1e-9):
            break
        strength = new
    return np.asarray(MEAN_POINTS + 400 * np.log10(strength))
