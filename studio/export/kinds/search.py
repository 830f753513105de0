"""The export of a search."""

from __future__ import annotations

from collections.abc import Mapping

from studio.export.kinds.contract import KindExport
from studio.export.kinds.findings import Exchange
from studio.export.kinds.judged_search import judged_search
from studio.prototypes.search.results import SearchOutcome
from studio.prototypes.search.search import Search
from studio.prototypes.search.settings import SearchSettings
from studio.records import Notice

N_RESULTS = 5
"""Of a search in a report."""


def _models(search: Search) -> Mapping[str, str]:
    return {
        "embedding_model": search.embedding_model,
        "rerank_model": search.settings.rerank_model,
        "index": search.index_state().model,
    }


def _example(search: Search) -> str:
    known = search.settings.suggestions or search.replay_inputs(1) or search.titles(1)
    return known[0] if known else ""


def _exchanges(search: Search, limit: int, is_recent: bool) -> tuple[Exchange, ...]:
    """What is found now: single searches are not kept."""
    del is_recent
    known = search.settings.suggestions or search.replay_inputs(limit) or search.titles(limit)
    queries = known[:limit]
    return tuple(_exchange(search.search(query, surface="job")) for query in queries)


def _exchange(found: SearchOutcome) -> Exchange:
    shown = found.results[:N_RESULTS]
    return Exchange(
        asked=found.query,
        lines=tuple(f"{result.hit.rank}. {result.title}" for result in shown),
        note=None if shown else Notice("Nothing was found."),
        total_ms=found.figures.total_ms,
        cost_usd=found.figures.cost,
    )


SEARCH = KindExport(
    kind=Search.kind,
    settings_type=SearchSettings,
    packages=("texts",),
    models=_models,
    example=_example,
    exchanges=_exchanges,
    findings=judged_search,
    how_to_find=Notice(
        "Nothing was judged yet. Judge results with the thumbs, or upload judged queries under Tune,"
        " then measure."
    ),
    guide=(
        (Notice("a search, step by step"), "prototypes/search/search.py"),
        (Notice("what a result shows"), "prototypes/search/presenting.py"),
        (Notice("cutting documents into passages"), "retrieval/chunking.py"),
        (Notice("searching by words (BM25)"), "retrieval/lexical.py"),
        (Notice("searching by meaning (FAISS)"), "retrieval/vectors.py"),
        (Notice("joining both (fusion)"), "retrieval/fusion.py"),
        (Notice("how relevant a result is"), "retrieval/relevance.py"),
        (Notice("the model that reads queries"), "inference/service.py"),
    ),
)
