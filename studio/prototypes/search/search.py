"""A search over its owner's documents and tables: the handle that pages, notebooks and API hold.

Combines settings and versions (workspace), documents and index (`Knowledge`), and the reasons for
each result. Settings are read anew for each search.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Literal

from studio.errors import InvalidInput, NotFound
from studio.prototypes.base import Toolbox
from studio.prototypes.documented import DocumentedPrototype
from studio.prototypes.search.comparing import item_of
from studio.prototypes.search.highlight import excerpt_of
from studio.prototypes.search.results import (
    Facet,
    Reason,
    SearchFigures,
    SearchOutcome,
    SearchRequest,
    SearchResult,
    in_order,
)
from studio.prototypes.search.settings import Role, SearchSettings
from studio.prototypes.search.spelling import Vocabulary
from studio.records import CallContext, CallRecord, Chunk, Filter, Hit, Notice
from studio.retrieval.columns import ColumnInfo
from studio.retrieval.query import SearchOptions

MAX_QUERY_CHARACTERS = 1000
N_FACET_VALUES = 12
N_SORTED = 200
"""Results that are put in the order of a column; the others are less relevant than all of them."""

Surface = Literal["page", "api", "notebook", "job", "bench"]


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

    @staticmethod
    def default_settings(language: str) -> Mapping[str, Any]:
        """Settings of a new search in that language, as JSON."""
        return SearchSettings(language="zh" if language == "zh" else "en").to_json()

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
        began_s = time.perf_counter()
        settings, record = self.settings, self.record
        context = CallContext(
            request_id=f"search-{uuid.uuid4().hex[:12]}",
            prototype_id=record.id,
            version=record.version,
            surface=surface,
        )
        searcher = self._knowledge.searcher()
        options = _options(settings, request)
        embedded = None
        if options.mode != "keyword" and searcher.reads_script_of(query):
            embedded = searcher.read([query], context)
        looked_s = time.perf_counter()
        vector = None if embedded is None else embedded.vectors[0]
        hits = searcher.search(query, vector, options)
        search_ms = (time.perf_counter() - looked_s) * 1000
        results = tuple(_result(hit, query, settings) for hit in hits)
        if request.sorting is not None:
            results = in_order(results, request.sorting)[: _n_results(settings, request)]
        return SearchOutcome(
            query=query,
            mode=options.mode if embedded is not None else "keyword",
            results=results,
            facets=self._facets(request.filters),
            correction=None if results else self._correction(query),
            figures=self._figures(
                embedded.call if embedded else None, search_ms, began_s, context.request_id
            ),
        )

    def similar(self, chunk_id: int, n_results: int = 5) -> tuple[SearchResult, ...]:
        """Other items like one that was found, the likest first; computed without a model.

        Raises:
            NotFound: the passage is not in the index any more.
        """
        index = self._knowledge.searcher().index
        if index is None:
            raise NotFound("There is no search index yet. Build it first.")
        hits = index.similar(chunk_id, SearchOptions(k=n_results, mode="semantic"))
        return tuple(_result(hit, "", self.settings) for hit in hits)

    def judge(self, query: str, result: SearchResult, grade: int | None) -> None:
        """Keep how right a result is for a query, 0 or more; None takes it back."""
        text, item = checked_query(query), item_of(result.hit)
        if grade is None:
            self._tools.workspace.judgements.remove(self._id, text, item)
        else:
            self._tools.workspace.judgements.put(self._id, [(text, item, grade)], "thumb")

    def grades(self, query: str) -> dict[str, int]:
        """The judgements of a query: item -> grade."""
        text = checked_query(query)
        judged = self._tools.workspace.judgements.list(self._id)
        return {one.item: one.grade for one in judged if one.query == text}

    def facet_columns(self) -> tuple[str, ...]:
        """Columns that results can be narrowed by."""
        roles = dict(self.settings.roles)
        return tuple(
            column.name
            for column in self._columns()
            if roles.get(column.name, "filter" if column.kind == "category" else "text") == "filter"
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

    def _facets(self, filters: tuple[Filter, ...]) -> tuple[Facet, ...]:
        """Each facet counts what passes the filters of the other columns."""
        index = self._knowledge.searcher().index
        if index is None:
            return ()
        facets = []
        for column in self.facet_columns():
            others = tuple(condition for condition in filters if condition.column != column)
            values = index.facets(column, others)[:N_FACET_VALUES]
            facets.append(Facet(column=column, values=values))
        return tuple(facets)

    def _chunks(self) -> tuple[Chunk, ...]:
        index = self._knowledge.searcher().index
        return () if index is None else index.chunks

    def _columns(self) -> tuple[ColumnInfo, ...]:
        index = self._knowledge.searcher().index
        return () if index is None else index.columns

    def _correction(self, query: str) -> str | None:
        chunks = self._chunks()
        with self._vocabulary_lock:
            if self._vocabulary is None or self._vocabulary[0] is not chunks:
                words = Vocabulary(f"{chunk.heading}\n{chunk.text}" for chunk in chunks)
                self._vocabulary = (chunks, words)
            return self._vocabulary[1].correction(query)

    def _figures(
        self, call: CallRecord | None, search_ms: float, began_s: float, request_id: str
    ) -> SearchFigures:
        price = self._tools.prices().price_of(call) if call else None
        return SearchFigures(
            embedding_ms=call.total_ms if call else 0.0,
            search_ms=search_ms,
            total_ms=(time.perf_counter() - began_s) * 1000,
            tokens_in=call.tokens_in if call else 0,
            cost=price.amount if price else Decimal(0),
            currency="USD",
            cost_source=price.source if price else Notice("no model was called"),
            model=call.model if call else "",
            request_id=request_id,
        )

    def _repr_markdown_(self) -> str:
        """What a notebook shows."""
        state = self.index_state()
        return (
            f"**{self.name}** · search, version {self.version} · {len(self.documents())} documents, "
            f"{state.n_passages} passages"
        )


def checked_query(text: str) -> str:
    """The query in one line without surrounding space.

    Raises:
        InvalidInput: it is empty or longer than 1,000 characters.
    """
    query = " ".join(text.replace("\0", " ").split())
    if not query:
        raise InvalidInput("The query is empty. Type what you are looking for.")
    if len(query) > MAX_QUERY_CHARACTERS:
        raise InvalidInput(
            "The query has {n} characters; at most {limit} are read. Shorten it.",
            n=len(query),
            limit=MAX_QUERY_CHARACTERS,
        )
    return query


def _n_results(settings: SearchSettings, request: SearchRequest) -> int:
    return request.n_results or settings.n_results


def _options(settings: SearchSettings, request: SearchRequest) -> SearchOptions:
    k = _n_results(settings, request)
    return SearchOptions(
        k=k if request.sorting is None else max(k, N_SORTED),
        n_candidates=max(50, 5 * k),
        mode=request.mode or settings.mode,
        semantic_weight=settings.semantic_weight,
        fusion=settings.fusion,
        filters=request.filters,
        diversity=settings.diversity,
        per_document=settings.per_document,
        min_relevance=settings.min_relevance,
    )


def _result(hit: Hit, query: str, settings: SearchSettings) -> SearchResult:
    chunk, roles = hit.chunk, dict(settings.roles)
    excerpt = excerpt_of(chunk.text, query)
    is_by_words = bool(hit.lexical_score)
    is_by_meaning = hit.dense_score is not None
    reason: Reason = "words"
    if is_by_meaning:
        reason = "both" if is_by_words else "meaning"
    return SearchResult(
        hit=hit,
        title=_title(chunk.cells, roles)
        or chunk.heading.rpartition(" > ")[2]
        or chunk.document_name,
        excerpt=excerpt,
        link=_link(chunk.cells, roles),
        reason=reason,
    )


def _title(cells: Sequence[tuple[str, str]], roles: Mapping[str, Role]) -> str:
    return next((value for column, value in cells if roles.get(column) == "title"), "")


def _link(cells: Sequence[tuple[str, str]], roles: Mapping[str, Role]) -> str | None:
    """The row's address; anything but http(s) is not a link, whatever the column is called."""
    named = [value for column, value in cells if roles.get(column) == "link"]
    for value in named or [value for _, value in cells]:
        if value.startswith(("https://", "http://")) and " " not in value:
            return value
    return None
