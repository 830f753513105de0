"""Ways of searching held against each other on judged queries: how good, how sure, how fast.

Every way gets the same queries and the same vectors; each query is embedded once. Knows no index and
no model: both are given as functions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput
from studio.evaluation.comparison import Interval, mean_interval
from studio.evaluation.judgements import Judgement, grades_of, queries_of
from studio.evaluation.ranking import score_rankings
from studio.records import Hit
from studio.retrieval.query import SearchOptions

DEPTH = 10
MEASURES = (f"nDCG@{DEPTH}", f"R@{DEPTH}", f"RR@{DEPTH}")
N_DEEP = 100
"""Passages that are looked at where the first ones lead to fewer than `DEPTH` items."""

Vector = NDArray[np.float32] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way of searching: the options, and the reranking model's catalogue id or none."""

    options: SearchOptions
    rerank_model: str = ""


Embed = Callable[[Sequence[str]], Sequence[Vector]]
Rank = Callable[[str, Vector, Way], Sequence[Hit]]
Name = Callable[[Hit], str]
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One way of searching on all judged queries.

    `ndcg`, `recall` and `reciprocal_rank` are means at depth 10 in [0, 1] with 95 % intervals.
    `search_ms` and `search_p95_ms` are the median and the 95th percentile of the time of a query in
    the index and the reranking model; the reading of the query is not in it, being the same for all.
    `ndcg_of` has the nDCG of each query by its id, `first_right` the rank of its first right item,
    None where none of the first ten is.
    """

    ndcg: Interval
    recall: Interval
    reciprocal_rank: Interval
    search_ms: float
    search_p95_ms: float
    ndcg_of: Mapping[str, float]
    first_right: Mapping[str, int | None]


def compare_ways(
    judgements: Sequence[Judgement],
    ways: Mapping[str, Way],
    *,
    embed: Embed,
    rank: Rank,
    name: Name,
    seed: int = 0,
    report: Report = lambda done, total: None,  # noqa: ARG005  named for the reader
) -> dict[str, Measured]:
    """Measure each way on the judged queries, in the order given.

    Queries without a right item are left out: no ranking of them is better than another.

    Args:
        judgements: of items as `name` calls them.
        ways: name -> way. Their thresholds and numbers of results are not used: a ranking is
            measured to its depth.
        embed: unit vectors `(dim,)` float32 of queries, None where words must do.
        rank: the hits for a query and its vector, best first.
        name: the item that a hit leads to.
        seed: of the intervals.
        report: told (done, total) queries; may raise to stop.

    Raises:
        InvalidInput: nothing was judged as right, so that nothing can be measured.
    """
    right = {
        query: {item for item, grade in items.items() if grade > 0}
        for query, items in grades_of(judgements).items()
    }
    queries = {key: text for key, text in queries_of(judgements).items() if right[key]}
    if not queries:
        raise InvalidInput(
            "No result is judged as right yet, so nothing can be compared. Click a thumb up beside "
            "right results, or upload judgements."
        )
    vectors = dict(zip(queries, embed(list(queries.values())), strict=True))
    rankings: dict[str, dict[str, list[str]]] = {way: {} for way in ways}
    times: dict[str, list[float]] = {way: [] for way in ways}
    for done, (key, query) in enumerate(queries.items()):
        report(done, len(queries))
        for way_name, way in ways.items():  # side by side, so that a busy moment is nobody's alone
            if not done:  # what is read only once is nobody's time
                rank(query, vectors[key], _deep(way, DEPTH))
            items, spent_ms = ranked(query, vectors[key], way, rank, name)
            rankings[way_name][key] = items
            times[way_name].append(spent_ms)
    report(len(queries), len(queries))
    return {way: _measured(judgements, rankings[way], right, times[way], seed) for way in ways}


def first_right(ranking: Sequence[str], right: set[str]) -> int | None:
    """The rank, from 1, of the first right item among the first ten; None where there is none."""
    return next((n for n, item in enumerate(ranking[:DEPTH], start=1) if item in right), None)


def ranked(query: str, vector: Vector, way: Way, rank: Rank, name: Name) -> tuple[list[str], float]:
    """The items found, best first, and the time of a search of usual depth in milliseconds."""
    k = max(way.options.k, DEPTH)
    began_s = time.perf_counter()
    hits = rank(query, vector, _deep(way, k))
    spent_ms = (time.perf_counter() - began_s) * 1000
    items = list(dict.fromkeys(name(hit) for hit in hits))
    if len(items) < DEPTH and len(hits) >= k:  # several passages of the same documents
        hits = rank(query, vector, _deep(way, N_DEEP))
        items = list(dict.fromkeys(name(hit) for hit in hits))
    return items, spent_ms


def _deep(way: Way, k: int) -> Way:
    return replace(way, options=replace(way.options, k=k, min_relevance=0.0))


def _measured(
    judgements: Sequence[Judgement],
    rankings: Mapping[str, list[str]],
    right: Mapping[str, set[str]],
    times_ms: Sequence[float],
    seed: int,
) -> Measured:
    scores = score_rankings(judgements, rankings, MEASURES)
    ndcg, recall, reciprocal = (
        mean_interval(scores.values[measure], seed=seed) for measure in MEASURES
    )
    return Measured(
        ndcg=ndcg,
        recall=recall,
        reciprocal_rank=reciprocal,
        search_ms=float(np.median(times_ms)),
        search_p95_ms=float(np.percentile(times_ms, 95)),
        ndcg_of=scores.by_query(MEASURES[0]),
        first_right={key: first_right(items, right[key]) for key, items in rankings.items()},
    )
