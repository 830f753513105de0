"""How well one fitted way of recommending does a task: right, varied, novel, quick."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from studio.evaluation.beyond_accuracy import (
    coverage,
    intra_list_diversity,
    novelty_bits,
    popularity_bias,
)
from studio.evaluation.comparison import compare_scores, mean_interval
from studio.evaluation.judgements import Judgement
from studio.evaluation.ranking import RankingScores, score_rankings
from studio.prototypes.recommendation.evaluation import (
    MeasuredMethod,
    MeasureName,
    SegmentMeasure,
)
from studio.prototypes.recommendation.foretelling import Foretelling
from studio.prototypes.recommendation.goals import CANDIDATES, Goal
from studio.prototypes.recommendation.interactions import Codes
from studio.prototypes.recommendation.methods.contract import (
    CANNOT_SAY,
    Recommender,
    Scores,
    Visitor,
)
from studio.prototypes.recommendation.methods.ranking import DEPTH, filled, top_items
from studio.prototypes.recommendation.methods.visitors import visitor_of

MEASURES: tuple[MeasureName, ...] = get_args(MeasureName)
NDCG = "nDCG@10"
N_DRAWS_OF_PART = 1000
"""Draws for the interval of a part: there are many parts, and their ends need no third digit."""
HEAD_SHARE = 0.2
"""The most frequent fifth of the items that anybody took are the head, the others the tail."""
_SHORT: tuple[tuple[str, Goal, int], ...] = (("one_item", "liked", 1), ("basket", "basket", 3))
"""Parts of the test that stand for a goal: how many of the latest items the method is told."""
MAX_SHORT = 500
"""Users of such a part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A way of recommending that was fitted on a task's past, and what that took."""

    method: Recommender
    fit_s: float
    is_tuned: bool = False


def lists_of(
    method: Recommender,
    visitors: Sequence[Visitor],
    fallback: Scores,
    check: Callable[[], object] = lambda: None,
) -> tuple[Codes, list[float]]:
    """Ten items for each visitor, `(n, 10)`, -1 where there are fewer; and what each took, in ms.

    What is in the history is left out; what the method cannot tell is filled up by the fallback, as
    it is when somebody is served.
    """
    lists = np.full((len(visitors), DEPTH), -1, dtype=np.int64)
    times_ms = []
    for at, visitor in enumerate(visitors):
        check()
        began_s = time.perf_counter()
        scores = filled(method.scores(visitor), fallback).copy()
        scores[visitor.items] = CANNOT_SAY
        found = top_items(scores, DEPTH)
        times_ms.append((time.perf_counter() - began_s) * 1000)
        lists[at, : len(found)] = found
    return lists, times_ms


def measured(
    fitted: Fitted,
    task: Foretelling,
    user_ids: Sequence[str],
    fallback: Scores,
    *,
    seed: int,
    check: Callable[[], object] = lambda: None,
) -> MeasuredMethod:
    """All figures of one method but the comparison with "popular", which `compared` adds."""
    visitors = [visitor_of(task.past, int(user)) for user in task.users]
    lists, times_ms = lists_of(fitted.method, visitors, fallback, check)
    scores = scored(task.users, task.wanted, lists, MEASURES)
    counts = np.bincount(task.past.items, minlength=task.past.n_items)
    vectors = task.past.vectors
    return MeasuredMethod(
        method=fitted.method.name,
        is_tuned=fitted.is_tuned,
        measures={name: mean_interval(scores.values[name], seed=seed) for name in MEASURES},
        ndcg_of={user_ids[int(q)]: value for q, value in scores.by_query(NDCG).items()},
        against_popular=None,
        outcome="same",
        coverage=coverage(lists, task.past.n_items),
        novelty=novelty_bits(lists, counts, int((np.bincount(task.past.users) > 0).sum())),
        diversity=None if vectors is None else intra_list_diversity(lists, vectors),
        popularity_bias=popularity_bias(lists, _joined(task.wanted), counts),
        segments=tuple(_segments(fitted.method, task, visitors, lists, fallback, seed)),
        fit_s=fitted.fit_s,
        memory_bytes=fitted.method.memory_bytes,
        p95_ms=float(np.quantile(times_ms, 0.95)) if times_ms else 0.0,
    )


def compared(one: MeasuredMethod, popular: MeasuredMethod, *, n: int, seed: int) -> MeasuredMethod:
    """The same with how it stands to "popular", user by user.

    `n` methods are compared, so that each is judged at 1 - 0.05 / n (Bonferroni): with ten chances
    one would else be "better" by luck in two of five cases.
    """
    if one.method == popular.method:
        return one
    comparison = compare_scores(
        one.ndcg_of,
        popular.ndcg_of,
        name=one.method,
        baseline=popular.method,
        measure=NDCG,
        seed=seed,
        level=min(0.999, 1 - 0.05 / max(1, n)),
    )
    return replace(one, against_popular=comparison.difference, outcome=comparison.outcome)


def scored(
    users: Codes, wanted: Sequence[Codes], lists: Codes, measures: Sequence[str] = (NDCG,)
) -> RankingScores:
    """Scores of the lists by user code; users who want nothing are left out."""
    judgements = [
        Judgement(query_id=str(user), query=str(user), document_id=str(item), grade=1)
        for user, items in zip(users.tolist(), wanted, strict=True)
        for item in items.tolist()
    ]
    rankings = {
        str(user): [str(item) for item in row if item >= 0]
        for user, row in zip(users.tolist(), lists.tolist(), strict=True)
    }
    return score_rankings(judgements, rankings, measures)


def mean_ndcg(method: Recommender, task: Foretelling, fallback: Scores) -> float:
    """nDCG@10 over the task's users, for tuning."""
    visitors = [visitor_of(task.past, int(user)) for user in task.users]
    lists, _ = lists_of(method, visitors, fallback)
    return scored(task.users, task.wanted, lists).mean(NDCG)


def _segments(
    method: Recommender,
    task: Foretelling,
    visitors: Sequence[Visitor],
    lists: Codes,
    fallback: Scores,
    seed: int,
) -> list[SegmentMeasure]:
    by_user = scored(task.users, task.wanted, lists).by_query(NDCG)
    parts: dict[str, Mapping[str, float]] = {}
    lengths = np.asarray([len(visitor.items) for visitor in visitors])
    is_active = lengths > np.median(lengths) if len(lengths) else lengths.astype(np.bool_)
    for name, rows in (("new", ~is_active), ("active", is_active)):
        parts[name] = _of_users(by_user, task.users[rows])
    head = _head(np.bincount(task.past.items, minlength=task.past.n_items))
    for name, is_in in (("head", head), ("tail", ~head)):
        wanted = [items[is_in[items]] for items in task.wanted]
        parts[name] = scored(task.users, wanted, lists).by_query(NDCG)
    for segment in sorted({visitor.segment for visitor in visitors if visitor.segment}):
        rows = np.asarray([visitor.segment == segment for visitor in visitors])
        parts[f"segment:{segment}"] = _of_users(by_user, task.users[rows])
    for name, goal, n_latest in _SHORT:
        if method.name in CANDIDATES[goal]:
            parts[name] = _by_short(method, task, visitors[:MAX_SHORT], n_latest, fallback)
    parts["cold"] = _cold(method, task, fallback)
    return [
        SegmentMeasure(
            name=name,
            ndcg=mean_interval(list(found.values()), seed=seed, n_resamples=N_DRAWS_OF_PART),
        )
        for name, found in parts.items()
        if found
    ]


def _by_short(
    method: Recommender,
    task: Foretelling,
    visitors: Sequence[Visitor],
    n_latest: int,
    fallback: Scores,
) -> dict[str, float]:
    """Scores where the method knows the latest items only; what was seen before stays left out."""
    lists = np.full((len(visitors), DEPTH), -1, dtype=np.int64)
    for at, visitor in enumerate(visitors):
        known = visitor.latest(n_latest)
        stranger = Visitor(items=known.items, weights=known.weights, segment=visitor.segment)
        scores = filled(method.scores(stranger), fallback).copy()
        scores[visitor.items] = CANNOT_SAY
        found = top_items(scores, DEPTH)
        lists[at, : len(found)] = found
    n = len(visitors)
    return scored(task.users[:n], task.wanted[:n], lists).by_query(NDCG)


def _cold(method: Recommender, task: Foretelling, fallback: Scores) -> dict[str, float]:
    segments = task.past.segments
    visitors = [Visitor(segment=segments[user] if segments else "") for user in task.cold_users]
    lists, _ = lists_of(method, visitors, fallback)
    return scored(task.cold_users, task.cold_wanted, lists).by_query(NDCG)


def _of_users(by_user: Mapping[str, float], users: Codes) -> dict[str, float]:
    return {str(user): by_user[str(user)] for user in users if str(user) in by_user}


def _head(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The most frequent fifth of the items that anybody took."""
    n_head = int(np.ceil(HEAD_SHARE * (counts > 0).sum()))
    head = np.zeros(len(counts), dtype=np.bool_)
    head[np.argsort(-counts, kind="stable")[:n_head]] = True
    return head


def _joined(parts: Sequence[Codes]) -> Codes:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)
