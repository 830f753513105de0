"""The export of a search."""

from __future__ import annotations

from collections.abc import Mapping

from studio.export.kinds.contract import KindExport
from studio.prototypes.search.search import Search
from studio.prototypes.search.settings import SearchSettings
from studio.records import Notice


def _models(search: Search) -> Mapping[str, str]:
    return {
        "embedding_model": search.embedding_model,
        "rerank_model": search.settings.rerank_model,
        "index": search.index_state().model,
    }


def _example(search: Search) -> str:
    known = search.settings.suggestions or search.replay_inputs(1) or search.titles(1)
    return known[0] if known else ""


SEARCH = KindExport(
    kind=Search.kind,
    settings_type=SearchSettings,
    packages=("texts",),
    models=_models,
    example=_example,
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
