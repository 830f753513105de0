"""From scores to places: ties go to the lower item code, in every list and every measure."""

from __future__ import annotations

import math

import numpy as np

from studio.prototypes.recommendation.interactions import Codes, Floats
from studio.prototypes.recommendation.methods.contract import Scores

DEPTH = 10
"""Places that are measured and counted."""


def top_items(scores: Scores, n: int) -> Codes:
    """The `n` items of the highest scores, best first, ties by code; -inf is never given."""
    known = np.flatnonzero(scores > -np.inf)
    if len(known) > n > 0:
        floor = np.partition(scores[known], len(known) - n)[len(known) - n]
        known = known[scores[known] >= floor]
    order = np.lexsort((known, -scores[known]))[: max(n, 0)]
    return known[order].astype(np.int64)


def rank_of(scores: Scores | Floats, item: int) -> int:
    """The place of an item, from 0."""
    score = scores[item]
    return int((scores > score).sum() + (scores[:item] == score).sum())


def gain_of_rank(rank: int) -> float:
    """nDCG@10 where one item is wanted and stands at that place, from 0."""
    return 1 / math.log2(rank + 2) if rank < DEPTH else 0.0


def filled(scores: Scores, fallback: Scores) -> Scores:
    """Scores with what a method cannot tell put behind, in the order of another's scores.

    The gap keeps both parts apart; what neither can tell comes last, all equal.
    """
    known = np.isfinite(scores)
    if known.all():
        return scores
    floor = float(scores[known].min()) if known.any() else 0.0
    finite = np.isfinite(fallback)
    best = float(fallback[finite].max()) if finite.any() else 0.0
    behind = np.where(finite, fallback / best if best > 0 else 0.0, -1.0)
    step = max(1.0, abs(floor)) * 1e-3
    return np.where(known, scores, floor - step * (2 - behind)).astype(np.float32)
