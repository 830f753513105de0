"""Which texts are most worth labelling next: those it is unsure of, and unlike each other.

Knows neither texts nor stores.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.classifier.head import Vectors

WIDER = 10
"""So many times more texts than wanted are looked at, the most doubtful ones."""


def doubt(confidences: NDArray[np.float64]) -> NDArray[np.float64]:
    """How unsure a text is, `(n,)` from 0 to 1: one less the gap between its two likeliest labels."""
    if confidences.shape[1] < 2:
        return np.zeros(len(confidences))
    two = np.partition(confidences, -2, axis=1)[:, -2:]
    return np.asarray(1 - (two[:, 1] - two[:, 0]))


def most_useful(confidences: NDArray[np.float64], vectors: Vectors, n: int) -> list[int]:
    """Rows of up to `n` texts, the most useful first.

    The most doubtful come first; each further one is the doubtful text that is least like those
    taken, doubt times distance (as in "Deep Batch Active Learning by Diverse, Uncertain Gradient Lower
    Bounds", Ash et al., 2020, in its plainest form). Ties go to the first row.

    Args:
        confidences: `(n_texts, n_labels)`.
        vectors: `(n_texts, dim)` unit vectors.
        n: 1 or more.
    """
    doubts = doubt(confidences)
    candidates = np.argsort(-doubts, kind="stable")[: n * WIDER]
    if not len(candidates):
        return []
    taken = [0]
    distance = 1 - vectors[candidates] @ vectors[candidates[0]]
    while len(taken) < min(n, len(candidates)):
        worth = (doubts[candidates] + 1e-6) * np.maximum(distance, 0)
        worth[taken] = -1
        best = int(worth.argmax())
        taken.append(best)
        distance = np.minimum(distance, 1 - vectors[candidates] @ vectors[candidates[best]])
    return [int(candidates[at]) for at in taken]
