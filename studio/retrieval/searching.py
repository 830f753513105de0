"""One search through the parts of an open index: from a query to hits.

Joins the steps of `ranking` in their order: candidates, relevance, reranking, repeats, diversity. The
module knows no folders and no versions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from studio.records import Filter, Hit
from studio.retrieval.columns import Columns
from studio.retrieval.opening import Parts
from studio.retrieval.passages import searchable_text
from studio.retrieval.query import Reranker, SearchOptions
from studio.retrieval.ranking import (
    Candidates,
    Query,
    Ranked,
    candidates,
    distinct,
    diversified,
    relevances,
    reranked,
)

_WIDENINGS = 3  # further looks, each four times as wide, when repeats crowd out the rest


class Searcher:
    """Searches the parts of an index. Any thread may ask."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._dense = parts.arranged.dense

    @cached_property
    def columns(self) -> Columns:
        """The cells of all passages; read when they are first asked for."""
        return Columns(chunk.cells for chunk in self._parts.chunks)

    def hits(
        self,
        query: Query,
        options: SearchOptions,
        *,
        rerank: Reranker | None = None,
        n_rerank: int = 0,
    ) -> tuple[Hit, ...]:
        """The best passages for a query; see `RetrievalIndex.search`."""
        allowed = self.columns.passing(options.filters) if options.filters else None
        return self._hits(query, options, allowed, rerank, n_rerank)

    def similar(self, row: int, options: SearchOptions) -> tuple[Hit, ...]:
        """The best passages for the text and vector of this one, without it."""
        allowed = self.columns.passing(options.filters) if options.filters else None
        if allowed is None:
            allowed = np.ones(len(self._parts.chunks), dtype=np.bool_)
        allowed[row] = False
        if options.per_document:
            allowed[self._documents == self._documents[row]] = False
        if options.per_row:
            allowed[list(self._pieces_of_row(row))] = False
        query = Query.of(searchable_text(self._parts.chunks[row]), self._parts.vectors.rows[row])
        return self._hits(query, options, allowed, None, 0)

    def _pieces_of_row(self, row: int) -> Iterator[int]:
        """The passages beside one that are of the same table row; none of what is no table."""
        chunks = self._parts.chunks
        for step in (-1, 1):
            at = row + step
            while 0 <= at < len(chunks) and chunks[row].cells == chunks[at].cells != ():
                yield at
                at += step

    def facets(
        self, column: str, filters: Sequence[Filter], *, per_document: bool
    ) -> tuple[tuple[str, int], ...]:
        """The values of a column and how often each is there; see `RetrievalIndex.facets`."""
        return self.columns.facets(column, filters, self._documents if per_document else None)

    def read_closely(
        self, query: Query, hits: Sequence[Hit], cosines: NDArray[np.float32]
    ) -> tuple[Hit, ...]:
        """The hits with another relevance; see `RetrievalIndex.read_closely`."""
        manifest = self._parts.manifest
        values = relevances(
            query,
            np.array([hit.chunk.chunk_id for hit in hits], dtype=np.int64),
            cosines,
            self._parts.lexical,
            manifest.backgrounds[query.script],
            manifest.model,
            are_closest_sentences=True,
        )
        return tuple(
            replace(hit, relevance=value) for hit, value in zip(hits, values.tolist(), strict=True)
        )

    @cached_property
    def _documents(self) -> NDArray[np.int32]:
        """The number of each passage's document, `(n_passages,)`."""
        numbers: dict[str, int] = {}
        return np.array(
            [numbers.setdefault(c.document_id, len(numbers)) for c in self._parts.chunks],
            dtype=np.int32,
        )

    def _hits(
        self,
        query: Query,
        options: SearchOptions,
        allowed: NDArray[np.bool_] | None,
        rerank: Reranker | None,
        n_rerank: int,
    ) -> tuple[Hit, ...]:
        """Search, and look wider while repeats leave fewer than were asked for."""
        n = max(options.k, options.n_candidates, n_rerank if rerank is not None else 0)
        n_rerank = max(options.k, n_rerank)
        for widening in range(_WIDENINGS + 1):
            found = candidates(
                query, self._dense, self._parts.lexical, options, n, allowed, self._documents
            )
            ranked, relevance = self._relevant(found.ranked, query, options.min_relevance)
            if rerank is not None:
                ranked = self._reranked(ranked[:n_rerank], query, rerank)
            most = len(ranked) if options.diversity else options.k
            kept, n_left_out = distinct(ranked, self._parts.chunks, options, most=most)
            # Documents that several passages found are one candidate already.
            n_left_out += len({*found.dense, *found.lexical}) - len(found.ranked)
            is_enough = len(kept) >= options.k or not n_left_out or found.is_all
            if is_enough or rerank is not None or widening == _WIDENINGS:
                break
            n *= 4
        return self._as_hits(self._diverse(kept, query, options), found, relevance)

    def _relevant(
        self, ranked: Ranked, query: Query, minimum: float
    ) -> tuple[Ranked, dict[int, float]]:
        """The candidates that are relevant enough, and the relevance of all."""
        rows = np.array([row for row, _ in ranked], dtype=np.int64)
        manifest = self._parts.manifest
        background = manifest.backgrounds[query.script]
        values = relevances(
            query,
            rows,
            self._dense.cosines(query.vector, rows),
            self._parts.lexical,
            background,
            manifest.model,
        )
        relevance = dict(zip(rows.tolist(), values.tolist(), strict=True))
        return [pair for pair in ranked if relevance[pair[0]] >= minimum], relevance

    def _reranked(self, ranked: Ranked, query: Query, rerank: Reranker) -> Ranked:
        if not ranked:
            return ranked
        texts = [searchable_text(self._parts.chunks[row]) for row, _ in ranked]
        return reranked(ranked, rerank(query.text, texts))

    def _diverse(self, ranked: Ranked, query: Query, options: SearchOptions) -> Ranked:
        if not options.diversity or not ranked:
            return ranked[: options.k]
        vectors = self._parts.vectors.rows[[row for row, _ in ranked]]
        background = self._parts.manifest.backgrounds[query.script]
        return diversified(ranked, vectors, background, diversity=options.diversity, k=options.k)

    def _as_hits(
        self, ranked: Ranked, found: Candidates, relevance: dict[int, float]
    ) -> tuple[Hit, ...]:
        return tuple(
            Hit(
                rank=rank,
                chunk=self._parts.chunks[row],
                score=score,
                relevance=relevance[row],
                dense_score=found.dense.get(row),
                lexical_score=found.lexical.get(row),
            )
            for rank, (row, score) in enumerate(ranked, start=1)
        )
