"""A search over its owner's documents and tables: the handle that pages, notebooks and API hold.

Combines settings and versions (workspace), documents and index (`Knowledge`), and the reasons for
each result. Settings are read anew for each search.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain
from typing import ClassVar

from studio.errors import NotFound
from studio.evaluation.case import Attempt, EvaluationCase
from studio.jobs.runner import Job
from studio.prototypes.base import Toolbox
from studio.prototypes.documented import DocumentedPrototype
from studio.prototypes.recording import call_without_model
from studio.prototypes.replay.questions import own_questions
from studio.prototypes.search.analytics import QueryReport
from studio.prototypes.search.presenting import result_of
from studio.prototypes.search.query_text import checked_query
from studio.prototypes.search.reporting import N_LOOKED_AT, QueryReporting
from studio.prototypes.search.results import (
    Facet,
    SearchFigures,
    SearchOutcome,
    SearchRequest,
    SearchResult,
    in_order,
)
from studio.prototypes.search.settings import SearchSettings
from studio.prototypes.search.spelling import Vocabulary
from studio.records import CallRecord, Chunk, Filter, Notice, Replied, Stage, Surface
from studio.retrieval.chunking import Role
from studio.retrieval.columns import ColumnInfo
from studio.retrieval.index import RetrievalIndex
from studio.retrieval.query import SearchOptions

N_FACET_VALUES = 12
N_SORTED = 200
"""Results that are put in the order of a column; the others are less relevant than all of them."""


class Search(DocumentedPrototype[SearchSettings]):
    """One search. Every method may be called by any thread.

    Args:
        prototype_id: of a stored prototype of the kind "search".
        toolbox: what it works with.

    Raises:
        NotFound: there is no prototype of that id.
    """

    kind: ClassVar[str] = "search"
    settings_type: ClassVar[type[SearchSettings]] = SearchSettings

    def __init__(self, prototype_id: str, toolbox: Toolbox) -> None:
        super().__init__(prototype_id, toolbox)
        self._vocabulary: tuple[object, Vocabulary] | None = None
        self._vocabulary_lock = threading.Lock()
        self.queries = QueryReporting(
            self._id,
            toolbox,
            self._knowledge,
            model=lambda: self.embedding_model,
            options=lambda: self.settings.search_options(N_LOOKED_AT),
        )

    def search(self, request: SearchRequest | str, surface: Surface = "notebook") -> SearchOutcome:
        """The results for a query, best first; none while nothing is indexed.

        Args:
            request: what is wanted; a plain query for the settings' own way of searching.
            surface: where the search came from, for the ledger.

        Raises:
            InvalidInput: the query is empty or too long, or an option is out of range.
            StudioError: the model failed; the message says what to do.
        """
        if isinstance(request, str):
            request = SearchRequest(query=request)
        query = checked_query(request.query)
        began_s, started_at = time.perf_counter(), self._tools.clock()
        record = self.record
        settings = SearchSettings.from_json(record.settings)
        context = self._call_context(self._new_request_id("search-"), surface, record.version)
        searcher = self._knowledge.searcher()
        options = _options(settings, request)
        embedded = None
        if options.mode != "keyword" and searcher.reads_script_of(query):
            embedded = searcher.read([query], context)
        calls = [] if embedded is None else [embedded.call]
        vector = None
        if embedded is not None:
            self._knowledge.note_revision(embedded.call.model, embedded.call.revision)
            if searcher.fits(embedded.call.revision):
                vector = embedded.vectors[0]
        looked_s = time.perf_counter()
        hits = searcher.search(
            query,
            vector,
            options,
            rerank_model=settings.rerank_model,
            context=context,
            on_call=calls.append,
        )
        looked_ms = (time.perf_counter() - looked_s) * 1000
        roles, names = self._roles(), self.bench.names()
        results = tuple(result_of(hit, query, roles, item=names.of(hit.chunk)) for hit in hits)
        if request.sorting is not None:
            column = _column(searcher.index, request.sorting.column)
            ordered = in_order(results, request.sorting, column)
            results = ordered[: _n_results(settings, request)]
        if not calls:  # every request is in the ledger
            total_ms = (time.perf_counter() - began_s) * 1000
            calls.append(
                call_without_model(
                    context,
                    Stage.SEARCH,
                    way="search:words",
                    engine="words",
                    total_ms=total_ms,
                    started_at=started_at,
                )
            )
            self._tools.ledger.append(calls[0])
        return SearchOutcome(
            query=query,
            mode=options.mode if vector is not None else "keyword",
            results=results,
            facets=self._facets(searcher.index, settings, roles, request.filters, results),
            correction=None if results else self._correction(query),
            figures=self._figures(calls, looked_ms, began_s, context.request_id),
        )

    def similar(self, chunk_id: int, n_results: int = 5) -> tuple[SearchResult, ...]:
        """Other items like one that was found, the likest first; computed without a model.

        Raises:
            NotFound: the passage is not in the index any more.
        """
        index = self._knowledge.searcher().index
        if index is None:
            raise NotFound("There is no search index yet. Build it first.")
        options = SearchOptions(k=n_results, mode="semantic", per_row=True)
        hits = index.similar(chunk_id, options)
        roles, names = self._roles(), self.bench.names()
        return tuple(result_of(hit, "", roles, item=names.of(hit.chunk)) for hit in hits)

    def judge(self, query: str, result: SearchResult, grade: int | None) -> None:
        """Keep how right a result is for a query, 0 or more; None takes it back."""
        self.bench.judge(query, result.hit.chunk, grade)

    def grades(self, query: str) -> dict[str, int]:
        """The judgements of a query: item, as in `SearchResult.item` -> grade."""
        return self.bench.grades(query)

    def report_on(
        self, queries: Iterable[str], counts: Iterable[int] | None = None
    ) -> Job[QueryReport]:
        """What people ask, by theme, and what the documents do not answer, made in the background.

        The list is kept instead of the one before; `queries` has it, and the report once it is made.

        Args:
            queries: what was asked; the same in other case counts together.
            counts: how often each was asked; once by default.

        Raises:
            InvalidInput: a count is below 1, or there is no query.
            NotFound: there is no index yet.
        """
        return self.queries.report_on(queries, counts)

    def replay_inputs(self, limit: int) -> tuple[str, ...]:
        """Queries to measure with: the list that was given, suggestions, those judged, drafts."""
        listed = self.queries.kept()
        asked = [query for query, _ in listed.asked] if listed is not None else []
        return own_questions(self.bench, chain(asked, self.settings.suggestions), limit)

    def replay(self, text: str) -> Replied:
        """Search as for a visitor.

        Raises:
            StudioError: the model failed.
        """
        return Replied(request_id=self.search(text, surface="bench").figures.request_id)

    def attempt(self, case: EvaluationCase) -> Attempt:
        """Search for a query of an evaluation as for a visitor.

        Raises:
            InvalidInput: the query is empty or too long.
            StudioError: the model failed.
        """
        found = self.search(case.question, surface="bench")
        return Attempt(
            request_id=found.figures.request_id,
            ranking=self.bench.ranking(case.question, self.settings),
            total_ms=found.figures.total_ms,
        )

    def facet_columns(self) -> tuple[str, ...]:
        """Columns whose values results can be narrowed by: filters that are no numbers or dates."""
        return _facet_columns(self._columns(), self._roles())

    def range_columns(self) -> tuple[ColumnInfo, ...]:
        """Filter columns of numbers or dates that differ, with their least and greatest value."""
        filters = {column.name for column in self.columns() if column.role == "filter"}
        return tuple(
            info
            for info in self._columns()
            if info.name in filters
            and info.kind in ("number", "date")
            and info.minimum != info.maximum
        )

    def sortable_columns(self) -> tuple[str, ...]:
        """Columns of numbers and dates, which results can be put in the order of."""
        return tuple(c.name for c in self._columns() if c.kind in ("number", "date"))

    def titles(self, n: int = 8) -> tuple[str, ...]:
        """Titles and headings of what is indexed, in its order, for a first query."""
        found: dict[str, None] = {}
        for chunk in self._chunks():
            heading = chunk.heading.rpartition(" > ")[2].strip()
            if 3 <= len(heading) <= 60:
                found.setdefault(heading)
            if len(found) == n:
                break
        return tuple(found)

    def _facets(
        self,
        index: RetrievalIndex | None,
        settings: SearchSettings,
        roles: Mapping[str, Role],
        filters: tuple[Filter, ...],
        results: Sequence[SearchResult],
    ) -> tuple[Facet, ...]:
        """Each facet counts what passes the filters of the other columns, whatever the query.

        It counts what the list of results shows: rows of tables, or documents.

        Values that the results have come first, as those are what somebody narrows to.
        """
        if index is None:
            return ()
        facets = []
        for column in _facet_columns(index.columns, roles):
            others = tuple(condition for condition in filters if condition.column != column)
            found = Counter(dict(result.hit.chunk.cells).get(column, "") for result in results)
            there = index.facets(column, others, per_document=settings.per_document)
            values = sorted(there, key=lambda value: -found[value[0]])
            facets.append(
                Facet(
                    column=column,
                    values=tuple(values[:N_FACET_VALUES]),
                    counted="documents" if settings.per_document else "rows",
                )
            )
        return tuple(facets)

    def _chunks(self) -> tuple[Chunk, ...]:
        index = self._knowledge.searcher().index
        return () if index is None else index.chunks

    def _columns(self) -> tuple[ColumnInfo, ...]:
        index = self._knowledge.searcher().index
        return () if index is None else index.columns

    def _roles(self) -> dict[str, Role]:
        return {column.name: column.role for column in self.columns()}

    def _correction(self, query: str) -> str | None:
        index = self._knowledge.searcher().index
        if index is None:
            return None
        with self._vocabulary_lock:
            if self._vocabulary is None or self._vocabulary[0] is not index:
                texts = (f"{chunk.heading}\n{chunk.text}" for chunk in index.chunks)
                self._vocabulary = (index, Vocabulary(texts, index.document_frequencies()))
            return self._vocabulary[1].correction(query)

    def _figures(
        self, calls: Sequence[CallRecord], looked_ms: float, began_s: float, request_id: str
    ) -> SearchFigures:
        price = self._tools.prices().price_of_all(calls)
        reading = [call.total_ms for call in calls if call.stage is Stage.RERANKING]
        model = next((call.model for call in calls if call.stage is not Stage.SEARCH), "")
        return SearchFigures(
            embedding_ms=sum(call.total_ms for call in calls if call.stage is Stage.EMBEDDING),
            reranking_ms=sum(reading),
            search_ms=looked_ms - sum(reading),
            total_ms=(time.perf_counter() - began_s) * 1000,
            tokens_in=sum(call.tokens_in for call in calls),
            cost=price.amount if price else Decimal(0),
            currency="USD",
            cost_source=price.source if price else Notice("no model was called"),
            model=model,
            request_id=request_id,
        )

    def _repr_markdown_(self) -> str:
        """What a notebook shows."""
        state = self.index_state()
        return (
            f"**{self.name}** · search, version {self.version} · {len(self.documents())} documents, "
            f"{state.n_passages} passages"
        )


def _n_results(settings: SearchSettings, request: SearchRequest) -> int:
    return request.n_results or settings.n_results


def _column(index: RetrievalIndex | None, name: str) -> ColumnInfo | None:
    """How a column writes its values, told by all of its cells: a few results may leave it open."""
    columns = () if index is None else index.columns
    return next((info for info in columns if info.name == name), None)


def _options(settings: SearchSettings, request: SearchRequest) -> SearchOptions:
    k = _n_results(settings, request)
    options = settings.search_options(
        k if request.sorting is None else max(k, N_SORTED), request.filters
    )
    return replace(options, mode=request.mode or settings.mode)


def _facet_columns(columns: Sequence[ColumnInfo], roles: Mapping[str, Role]) -> tuple[str, ...]:
    """Those with something to choose: where every row says the same, nothing is narrowed down."""
    return tuple(
        column.name
        for column in columns
        if roles.get(column.name) == "filter"
        and column.kind in ("category", "text")
        and column.n_distinct > 1
    )
