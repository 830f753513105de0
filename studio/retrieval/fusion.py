"""Several rankings into one: reciprocal rank fusion.

Cormack, Clarke and Buettcher (2009), "Reciprocal Rank Fusion outperforms Condorcet and individual
Rank Learning Methods", SIGIR: `score(d) = sum over rankings of 1 / (k + rank(d))` with k = 60. It
needs no scores, so rankings on different scales can be joined. The module knows only ids.
"""

from __future__ import annotations

from collections.abc import Sequence

from studio.errors import InvalidInput

RRF_K = 60


def reciprocal_rank_fusion(
    rankings: Sequence[Sequence[int]],
    *,
    weights: Sequence[float] | None = None,
    k: int = RRF_K,
) -> list[tuple[int, float]]:
    """Ids with their fused scores, best first, ties by id.

    Args:
        rankings: ids, best first; an id that a ranking lacks gets nothing from it. A repeated id
            counts where it first stands.
        weights: one factor of 0 or more per ranking; 1 for each by default.
        k: how little the very first ranks matter; 0 or more.

    No rankings, or only empty ones, give an empty list.

    Raises:
        InvalidInput: weights that do not fit the rankings, or a negative number.
    """
    factors = [1.0] * len(rankings) if weights is None else list(weights)
    if len(factors) != len(rankings):
        raise InvalidInput(
            "{n_weights} weights were given for {n_rankings} rankings; give one for each.",
            n_weights=len(factors),
            n_rankings=len(rankings),
        )
    if k < 0 or any(factor < 0 for factor in factors):
        raise InvalidInput("The weights of a fusion and its constant must be 0 or more.")
    scores: dict[int, float] = {}
    for ranking, factor in zip(rankings, factors, strict=True):
        for rank, item in enumerate(dict.fromkeys(ranking), start=1):
            scores[item] = scores.get(item, 0.0) + factor / (k + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
