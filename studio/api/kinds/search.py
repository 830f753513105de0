"""`/search`: results for a query, with the reason for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field, JsonValue

from studio.api.api_error import ApiError
from studio.api.following import Line
from studio.api.kinds.endpoint import KindEndpoint
from studio.api.replies import RequestBody, TokenUsage
from studio.prototypes.search.query_text import MAX_QUERY_CHARACTERS
from studio.prototypes.search.results import (
    Facet,
    Reason,
    SearchOutcome,
    SearchRequest,
    SearchResult,
    Sorting,
)
from studio.prototypes.search.search import Search
from studio.records import Filter, Notice
from studio.retrieval.query import SearchMode

RETRY_NOT_READY_S = 10.0


class FilterBody(RequestBody):
    """A condition on a column of tables."""

    column: str
    one_of: Annotated[list[str], Field(max_length=100)] = []
    minimum: float | date | None = None
    maximum: float | date | None = None


class SortBody(RequestBody):
    """The column whose order results have, instead of relevance."""

    column: str
    descending: bool = False


class SearchBody(RequestBody):
    """A search."""

    query: Annotated[str, Field(min_length=1, max_length=MAX_QUERY_CHARACTERS)]
    n_results: Annotated[int, Field(ge=1, le=50)] | None = None
    mode: SearchMode | None = Field(None, description="As the prototype is set by default")
    filters: Annotated[list[FilterBody], Field(max_length=20)] = []
    sort: SortBody | None = None


class FactReply(BaseModel):
    """A cell of a table row."""

    column: str
    value: str


class ResultReply(BaseModel):
    """A result. `reason` says which search found it: by words, by meaning, or both."""

    rank: int
    title: str
    text: str
    facts: list[FactReply]
    link: str | None
    document: str
    page: int | None
    relevance: float
    reason: Reason


class FacetValueReply(BaseModel):
    """A value of a column and how many results have it in all, whatever the query.

    Counted are rows of tables; documents, where the search gives one result per document.
    """

    value: str
    count: int


class FacetReply(BaseModel):
    """A column by which results can be narrowed."""

    column: str
    values: list[FacetValueReply]


class SearchReply(BaseModel):
    """Results, best first. `correction` is a query that finds more where this one finds nothing."""

    results: list[ResultReply]
    facets: list[FacetReply]
    correction: str | None
    mode: SearchMode
    usage: TokenUsage


def _run(search: Search, body: SearchBody, _line: Line) -> SearchReply:
    if not search.index_state().n_passages:
        # An empty list would say that nothing fits the query.
        raise ApiError(
            503,
            "There is nothing to search in yet: the index is being prepared. Try again later.",
            type="server_error",
            code="not_ready",
            retry_after_s=RETRY_NOT_READY_S,
        )
    known = [column.name for column in search.columns()]
    for number, one in enumerate(body.filters):
        _check_column(one.column, known, f"filters.{number}.column")
    if body.sort is not None:
        _check_column(body.sort.column, search.sortable_columns(), "sort.column")
    return _reply(search.search(_wish(body), surface="api"))


def _check_column(name: str, known: Sequence[str], param: str) -> None:
    """Refuse a column that is none: nothing would be found, and nobody would know why."""
    if name not in known:
        listed = ", ".join(known) or "none"
        message = f"There is no column '{name[:80]}' here. There are: {listed}."
        raise ApiError(400, message, param=param, code="unknown_column")


def _wish(body: SearchBody) -> SearchRequest:
    return SearchRequest(
        query=body.query,
        n_results=body.n_results,
        mode=body.mode,
        filters=tuple(
            Filter(
                column=one.column,
                one_of=tuple(one.one_of),
                minimum=one.minimum,
                maximum=one.maximum,
            )
            for one in body.filters
        ),
        sorting=None
        if body.sort is None
        else Sorting(column=body.sort.column, is_descending=body.sort.descending),
    )


def _reply(found: SearchOutcome) -> SearchReply:
    return SearchReply(
        results=[_result(rank, one) for rank, one in enumerate(found.results, start=1)],
        facets=list(map(_facet, found.facets)),
        correction=found.correction,
        mode=found.mode,
        usage=TokenUsage.of(found.figures.tokens_in, 0),
    )


def _result(rank: int, result: SearchResult) -> ResultReply:
    hit = result.hit
    return ResultReply(
        rank=rank,
        title=result.title,
        text=result.excerpt.text,
        facts=[FactReply(column=column, value=value) for column, value in result.facts],
        link=result.link,
        document=hit.chunk.document_name,
        page=hit.chunk.page,
        relevance=round(hit.relevance, 4),
        reason=result.reason,
    )


def _facet(facet: Facet) -> FacetReply:
    values = [FacetValueReply(value=value, count=count) for value, count in facet.values]
    return FacetReply(column=facet.column, values=values)


def _describe(search: Search) -> dict[str, JsonValue]:
    return {
        "language": search.settings.language,
        "filter_columns": [
            *search.facet_columns(),
            *(column.name for column in search.range_columns()),
        ],
        "sort_columns": list(search.sortable_columns()),
    }


def _example(search: Search) -> dict[str, JsonValue]:
    suggested = (*search.settings.suggestions, *search.titles(1))
    return {"query": next(iter(suggested), "lamp"), "n_results": 3}


ENDPOINT = KindEndpoint(
    kind=Search,
    action="search",
    summary=Notice("Search"),
    body=SearchBody,
    reply=SearchReply,
    run=_run,
    example=_example,
    describe=_describe,
)
