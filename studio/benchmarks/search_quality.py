"""How well search finds: keyword, semantic and hybrid on a judged collection, through the real index.

Documents are cut, indexed and searched as a prototype's are, with default settings; nothing is tuned
to a collection. The module knows models only as functions.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studio.benchmarks.public_collections import Collection
from studio.errors import InvalidInput
from studio.evaluation.comparison import Comparison, Interval, compare_scores, mean_interval
from studio.evaluation.judgements import queries_of
from studio.evaluation.ranking import RankingScores, score_rankings
from studio.retrieval.index import RetrievalIndex
from studio.retrieval.query import SearchMode, SearchOptions

EmbedTexts = Callable[[Sequence[str], Literal["query", "passage"]], NDArray[np.float32]]
Bound = float | Literal["keyword"]

K = 10
SEED = 0
OPTIONS = SearchOptions(k=K, per_document=True)
"""What is asked of the index but for the mode; everything else is its default."""

_NDCG, _RECALL, _RR = _MEASURES = (f"nDCG@{K}", f"R@{K}", f"RR@{K}")

# What nDCG@10 must reach with the first model that reads the collection; "keyword" is what keyword
# search reached in the same run.
BOUNDS: Mapping[tuple[str, SearchMode], Bound] = {
    ("cranfield", "keyword"): 0.38,
    ("cranfield", "semantic"): 0.395,
    ("cranfield", "hybrid"): 0.43,
    ("xquad_zh", "keyword"): 0.95,
    ("xquad_zh", "semantic"): 0.87,
    ("xquad_zh", "hybrid"): "keyword",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedder:
    """A model that embeds: its catalogue id and revision, the languages it reads, the function."""

    name: str
    revision: str
    languages: frozenset[str]
    embed: EmbedTexts


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchMeasure:
    """One way of searching one collection.

    `model` is empty for keyword search. `p50_ms` is the median time from a query to ten documents, one
    query at a time, with its embedding where the search needs one. `bound` is what nDCG@10 must reach,
    None where nothing was promised. `against_keyword` compares nDCG@10 query by query; None for
    keyword search itself.
    """

    collection: str
    model: str
    mode: SearchMode
    n_documents: int
    n_passages: int
    ndcg: Interval
    recall: Interval
    reciprocal_rank: Interval
    p50_ms: float
    bound: float | None
    against_keyword: Comparison | None

    @property
    def is_passed(self) -> bool:
        """Whether the bound holds; true without one."""
        return self.bound is None or self.ndcg.mean >= self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    model: str
    mode: SearchMode
    n_passages: int
    scores: RankingScores
    p50_ms: float


def measure_search(
    collection: Collection,
    embedders: Sequence[Embedder],
    *,
    max_queries: int | None = None,
    bounds: Mapping[tuple[str, SearchMode], Bound] = BOUNDS,
) -> tuple[SearchMeasure, ...]:
    """Keyword search, then semantic and hybrid search with every model that reads the collection.

    Where no model reads it, keyword search alone is measured: meaning that a model cannot read is not
    searched by in a prototype either.

    Args:
        collection: what is searched.
        embedders: at least one, the preferred first.
        max_queries: only so many queries, taken evenly from all; None for all.
        bounds: what is promised, by collection and mode.

    Raises:
        InvalidInput: no embedders, or no queries.
        StudioError: what the embedders and the index raise.
    """
    queries = _evenly(queries_of(collection.judgements), max_queries)
    if not embedders or not queries:
        raise InvalidInput("A measurement needs at least one embedding model and one query.")
    readers = [e for e in embedders if collection.languages <= e.languages]
    runs: list[_Run] = []
    for embedder in readers or embedders[:1]:
        modes: list[SearchMode] = ["semantic", "hybrid"] if readers else []
        if not runs:
            modes.insert(0, "keyword")
        runs += _runs(collection, queries, embedder, modes)
    keyword = runs[0].scores
    promised_to = {"", readers[0].name if readers else ""}
    return tuple(
        _measure(
            collection,
            run,
            keyword,
            bounds.get((collection.name, run.mode)) if run.model in promised_to else None,
        )
        for run in runs
    )


def _evenly(queries: Mapping[str, str], n: int | None) -> dict[str, str]:
    """`n` of the queries from beginning to end: neighbours are often about the same document."""
    pairs = list(queries.items())
    if n is None or n >= len(pairs):
        return dict(pairs)
    return dict(pairs[at * len(pairs) // n] for at in range(n))


def _runs(
    collection: Collection,
    queries: Mapping[str, str],
    embedder: Embedder,
    modes: Sequence[SearchMode],
) -> list[_Run]:
    """One index, searched in each mode."""
    judgements = [j for j in collection.judgements if j.query_id in queries]
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        index = RetrievalIndex.build(
            Path(folder),
            collection.documents,
            embed=lambda texts: embedder.embed(texts, "passage"),
            model=embedder.name,
            revision=embedder.revision,
        )
        for mode in modes:
            rankings, times_ms = _searched(index, queries, embedder, mode)
            runs.append(
                _Run(
                    model="" if mode == "keyword" else embedder.name,
                    mode=mode,
                    n_passages=index.n_passages,
                    scores=score_rankings(judgements, rankings, _MEASURES),
                    p50_ms=statistics.median(times_ms),
                )
            )
    return runs


def _searched(
    index: RetrievalIndex, queries: Mapping[str, str], embedder: Embedder, mode: SearchMode
) -> tuple[dict[str, list[str]], list[float]]:
    """Ten documents per query, and how long each took."""
    options = replace(OPTIONS, mode=mode)
    no_meaning = np.ones(index.dim, dtype=np.float32)
    rankings: dict[str, list[str]] = {}
    times_ms = []
    for query_id, query in queries.items():
        began = time.perf_counter()
        vector = no_meaning if mode == "keyword" else embedder.embed([query], "query")[0]
        hits = index.search(query, vector, options)
        times_ms.append((time.perf_counter() - began) * 1000)
        rankings[query_id] = [hit.chunk.document_id for hit in hits]
    return rankings, times_ms


def _measure(
    collection: Collection, run: _Run, keyword: RankingScores, bound: Bound | None
) -> SearchMeasure:
    comparison = None
    if run.mode != "keyword":
        comparison = compare_scores(
            run.scores.by_query(_NDCG),
            keyword.by_query(_NDCG),
            name=run.mode,
            baseline="keyword",
            measure=_NDCG,
            seed=SEED,
        )
    return SearchMeasure(
        collection=collection.name,
        model=run.model,
        mode=run.mode,
        n_documents=len(collection.documents),
        n_passages=run.n_passages,
        ndcg=mean_interval(run.scores.values[_NDCG], seed=SEED),
        recall=mean_interval(run.scores.values[_RECALL], seed=SEED),
        reciprocal_rank=mean_interval(run.scores.values[_RR], seed=SEED),
        p50_ms=run.p50_ms,
        bound=keyword.mean(_NDCG) if bound == "keyword" else bound,
        against_keyword=comparison,
    )
