"""From settings to a search: which of them the bench tries, and what they ask of the index."""

from __future__ import annotations

from studio.prototypes.document_settings import DocumentSettings
from studio.prototypes.search.comparing import Vector, Way
from studio.prototypes.searcher import Searcher
from studio.records import CallContext, Filter, Hit

TUNED = ("mode", "semantic_weight", "fusion", "min_relevance", "diversity", "rerank_model")
"""Settings that the bench tries, beside the number of results, which each kind calls its own way."""


def tuned_fields(settings: DocumentSettings) -> tuple[str, ...]:
    """The settings that the bench tries, the number of results among them."""
    return (*TUNED, settings.k_field) if settings.k_field else TUNED


def way_of(settings: DocumentSettings, filters: tuple[Filter, ...] = ()) -> Way:
    """How a prototype with these settings searches."""
    k = int(getattr(settings, settings.k_field)) if settings.k_field else 10
    return Way(options=settings.search_options(k, filters), rerank_model=settings.rerank_model)


def hits_of(
    searcher: Searcher, query: str, vector: Vector, way: Way, context: CallContext
) -> tuple[Hit, ...]:
    """The passages that a way finds, best first; None for the vector where words must do."""
    return searcher.search(
        query, vector, way.options, rerank_model=way.rerank_model, context=context
    )
