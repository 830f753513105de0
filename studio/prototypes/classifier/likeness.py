"""How like a text is to the examples: the nearest ones, and whether it is unlike all of them.

Likeness is the cosine of unit vectors. Knows neither labels nor texts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.classifier.head import Vectors

MIN_EXAMPLES = 50
"""With fewer, nothing can be said of what is unlike all of them."""
UNLIKE_SHARE = 0.01
"""One in a hundred examples is as far from the others as what is taken to be unlike all."""
MOST_DEMANDED = 0.5
"""Likeness above which nothing is unlike the examples, however alike these are among themselves: mails
made of one template would make every other mail a stranger."""
MAX_PROBED = 1_000
_BLOCK = 512


def nearest(vectors: Vectors, examples: Vectors, k: int) -> tuple[NDArray[np.int64], Vectors]:
    """The `k` likest examples of each vector, `(n, k)` rows of `examples` and likenesses, best first."""
    likeness = vectors @ examples.T
    k = min(k, len(examples))
    rows = np.argsort(-likeness, axis=1, kind="stable")[:, :k]
    return rows.astype(np.int64), np.take_along_axis(likeness, rows, axis=1)


def least_likeness(examples: Vectors, *, seed: int) -> float:
    """The likeness to the nearest other example that all but one in a hundred examples have.

    0.5 at most; -1, which nothing is below, for fewer than 50 examples.
    """
    n = len(examples)
    if n < MIN_EXAMPLES:
        return -1.0
    probed = np.random.default_rng(seed).permutation(n)[:MAX_PROBED]
    best = np.empty(len(probed), dtype=np.float32)
    for start in range(0, len(probed), _BLOCK):
        rows = probed[start : start + _BLOCK]
        likeness = examples[rows] @ examples.T
        likeness[np.arange(len(rows)), rows] = -1.0
        best[start : start + _BLOCK] = likeness.max(axis=1)
    return min(MOST_DEMANDED, float(np.quantile(best, UNLIKE_SHARE)))


def is_unlike(vectors: Vectors, examples: Vectors, *, seed: int) -> NDArray[np.bool_]:
    """Which vectors are less like any example than `least_likeness`, `(n,)`."""
    least = least_likeness(examples, seed=seed)
    found = np.zeros(len(vectors), dtype=np.bool_)
    if least <= -1.0:
        return found
    for start in range(0, len(vectors), _BLOCK):
        block = vectors[start : start + _BLOCK]
        found[start : start + _BLOCK] = (block @ examples.T).max(axis=1) < least
    return found
