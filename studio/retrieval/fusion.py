"""Several rankings into one: by ranks or by scores.

Cormack, Clarke and Buettcher (2009), "Reciprocal Rank Fusion outperforms Condorcet and individual
Rank Learning Methods", SIGIR: `score(d) = sum over rankings of 1 / (k + rank(d))` with k = 60. It
needs no scores, so rankings on different scales can be joined. Scores are joined after each ranking's
were brought between 0 and 1. The module knows only ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    factors = _factors(len(rankings), weights)
    if k < 0:
        raise InvalidInput("The constant of a fusion is {value}; it must be 0 or more.", value=k)
    scores: dict[int, float] = {}
    for ranking, factor in zip(rankings, factors, strict=True):
        for rank, item in enumerate(dict.fromkeys(ranking), start=1):
            scores[item] = scores.get(item, 0.0) + factor / (k + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


def score_fusion(
    scores: Sequence[Mapping[int, float]], *, weights: Sequence[float] | None = None
) -> list[tuple[int, float]]:
    """Ids with the weighted sum of their scores, best first, ties by id.

    Each ranking's scores are first stretched so that its lowest is 0 and its highest 1 (all 1 where
    they are equal); an id that it lacks gets nothing from it. No rankings, or only empty ones, give
    an empty list.

    Args:
        scores: one mapping of ids to scores per ranking.
        weights: one factor of 0 or more per ranking; 1 for each by default.

    Raises:
        InvalidInput: weights that do not fit the rankings, or a negative number.
    """
    fused: dict[int, float] = {}
    for ranking, factor in zip(scores, _factors(len(scores), weights), strict=True):
        low, high = min(ranking.values(), default=0.0), max(ranking.values(), default=0.0)
        for item, score in ranking.items():
            stretched = (score - low) / (high - low) if high > low else 1.0
            fused[item] = fused.get(item, 0.0) + factor * stretched
    return sorted(fused.items(), key=lambda pair: (-pair[1], pair[0]))


def _factors(n_rankings: int, weights: Sequence[float] | None) -> list[float]:
    factors = [1.0] * n_rankings if weights is None else list(weights)
    if len(factors) != n_rankings:
        raise InvalidInput(
            "{n_weights} weights were given for {n_rankings} rankings; give one for each.",
            n_weights=len(factors),
            n_rankings=n_rankings,
        )
    if any(not factor >= 0 for factor in factors):
        raise InvalidInput("A weight of a fusion is negative; weights must be 0 or more.")
    return factors
