"""Ways of searching held against each other on judged queries: how good, how sure, how fast.

Every way gets the same queries and the same vectors; each query is embedded once. Knows no index and
no model: both are given as functions.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput
from studio.evaluation.comparison import Comparison, Interval, compare_scores, mean_interval
from studio.evaluation.items import item_id
from studio.evaluation.judgements import Judgement, queries_of
from studio.evaluation.ranking import score_rankings
from studio.records import Hit
from studio.retrieval.query import SearchOptions

DEPTH = 10
MEASURES = (f"nDCG@{DEPTH}", f"R@{DEPTH}", f"RR@{DEPTH}")
BASELINE = "keyword"

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
Rank = Callable[[str, NDArray[np.float32], SearchOptions], Sequence[Hit]]
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One way of searching on all judged queries.

    `ndcg`, `recall` and `reciprocal_rank` are means at depth 10 in [0, 1] with 95 % intervals.
    `search_ms` is the median time of a query in the index, the model's time not included.
    `against_baseline` compares nDCG with keyword search, query by query; None for that itself.
    """

    name: str
    options: SearchOptions
    ndcg: Interval
    recall: Interval
    reciprocal_rank: Interval
    search_ms: float
    against_baseline: Comparison | None


def usual_ways(options: SearchOptions) -> dict[str, SearchOptions]:
    """The three ways of searching, everything else as set; keyword search comes first."""
    return {
        "keyword": replace(options, mode="keyword"),
        "semantic": replace(options, mode="semantic"),
        "hybrid": replace(options, mode="hybrid"),
    }


def compare_ways(
    judgements: Sequence[Judgement],
    ways: Mapping[str, SearchOptions],
    *,
    embed: Embed,
    rank: Rank,
    seed: int = 0,
    report: Report = lambda done, total: None,  # noqa: ARG005  named for the reader
) -> tuple[Measured, ...]:
    """Measure each way on the judged queries, in the order given.

    Args:
        judgements: items as `studio.evaluation.items` names them.
        ways: name -> options; "keyword" among them is the baseline. Their thresholds and numbers of
            results are not used: a ranking is measured to its depth.
        embed: unit vectors `(n, dim)` float32 of queries.
        rank: the hits for a query and its vector, best first.
        seed: of the intervals.
        report: told (done, total) searches.

    Raises:
        InvalidInput: nothing was judged as relevant, so that nothing can be measured.
    """
    queries = queries_of(judgements)
    if not any(judgement.grade > 0 for judgement in judgements):
        raise InvalidInput(
            "No result is judged as right yet, so nothing can be compared. Click a thumb up beside "
            "right results, or upload judgements."
        )
    vectors = dict(zip(queries, embed(list(queries.values())), strict=True))
    total, done = len(ways) * len(queries), 0
    scores, times = {}, {}
    for name, options in ways.items():
        deep = replace(options, k=5 * DEPTH, n_candidates=100, min_relevance=0.0)
        rankings, spent = {}, []
        for query_id, query in queries.items():
            began_s = time.perf_counter()
            hits = rank(query, vectors[query_id], deep)
            spent.append((time.perf_counter() - began_s) * 1000)
            rankings[query_id] = [item_of(hit) for hit in hits]
            done += 1
            report(done, total)
        scores[name] = score_rankings(judgements, rankings, MEASURES)
        times[name] = statistics.median(spent)
    base = scores.get(BASELINE)
    return tuple(
        Measured(
            name=name,
            options=options,
            ndcg=_mean(scores[name].values[MEASURES[0]], seed),
            recall=_mean(scores[name].values[MEASURES[1]], seed),
            reciprocal_rank=_mean(scores[name].values[MEASURES[2]], seed),
            search_ms=times[name],
            against_baseline=None
            if base is None or name == BASELINE
            else compare_scores(
                scores[name].by_query(MEASURES[0]),
                base.by_query(MEASURES[0]),
                name=name,
                baseline=BASELINE,
                measure=MEASURES[0],
                seed=seed,
            ),
        )
        for name, options in ways.items()
    )


def item_of(hit: Hit) -> str:
    """The item a hit leads to: the row of a table, else the document."""
    return item_id(hit.chunk.document_id, hit.chunk.cells)


def _mean(values: Sequence[float], seed: int) -> Interval:
    return mean_interval(values, seed=seed)
