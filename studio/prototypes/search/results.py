"""What a search gives: results with the reason for each, facets to narrow them, and what it took.

Values only; how they come about stands in `search.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from studio.prototypes.search.highlight import Excerpt
from studio.records import Cells, Filter, Hit, Notice
from studio.retrieval.cell_values import date_of, number_of
from studio.retrieval.columns import ColumnInfo
from studio.retrieval.query import SearchMode

Reason = Literal["words", "meaning", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorting:
    """Results in the order of a column instead of relevance: numbers and dates as such, else text."""

    column: str
    is_descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """A search as a visitor asks for it. What is None is as the prototype's settings say."""

    query: str
    filters: tuple[Filter, ...] = ()
    mode: SearchMode | None = None
    sorting: Sorting | None = None
    n_results: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """One result.

    `title` is the title column of a table row, else the heading, else the document's name. `excerpt`
    is from the text columns of a row, else from the passage; `facts` are a row's other cells, as
    (column, value), without those that the title and the link show. `title_marks` are the places of
    the query's words in the title, as in `Excerpt.marks`. `link` is an http(s) address or
    None. `reason` says which search found it. `item` is what it is called in judgements.
    """

    hit: Hit
    title: str
    excerpt: Excerpt
    facts: Cells
    link: str | None
    reason: Reason
    item: str = ""
    title_marks: tuple[tuple[int, int], ...] = ()

    @property
    def document_id(self) -> str:
        """The document it stands in."""
        return self.hit.chunk.document_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A column to narrow results by: its most frequent values with how many results have each.

    Counted is what the list shows, table rows or documents, in all: whatever the query, of what passes
    the filters of other columns.
    """

    column: str
    values: tuple[tuple[str, int], ...]
    counted: Literal["rows", "documents"] = "rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFigures:
    """What a search took. Times in milliseconds; `cost` is None where the model's price is unknown.

    `embedding_ms` is the part of the model that reads the query, 0 for a search by words alone,
    `reranking_ms` that of the one that reads the results again, `search_ms` the index's.
    """

    embedding_ms: float
    reranking_ms: float
    search_ms: float
    total_ms: float
    tokens_in: int
    cost: Decimal | None
    currency: str
    cost_source: Notice
    model: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOutcome:
    """The results of a search, best first.

    `mode` is what was searched by in the end: words alone where the model does not read the query's
    script. `correction` is a query that finds more, when this one's words are unknown.
    """

    query: str
    mode: SearchMode
    results: tuple[SearchResult, ...]
    facets: tuple[Facet, ...]
    correction: str | None
    figures: SearchFigures

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        from html import escape

        rows = "".join(
            f"<tr><td>{result.hit.rank}</td><td>{escape(result.title)}</td>"
            f"<td>{escape(result.excerpt.text)}</td><td>{result.hit.relevance:.2f}</td></tr>"
            for result in self.results
        )
        head = "<tr><th>#</th><th>title</th><th>passage</th><th>relevance</th></tr>"
        took = f"{self.figures.total_ms:.0f} ms, {self.mode}"
        return f"<p>{escape(self.query)} · {took}</p><table>{head}{rows}</table>"


def in_order(
    results: Sequence[SearchResult], sorting: Sorting, column: ColumnInfo | None = None
) -> tuple[SearchResult, ...]:
    """The results by a column: numbers and dates, then other texts, in either direction.

    Args:
        results: as they were found; those without the cell come last, in this order.
        sorting: by which column, and which way.
        column: what the whole column holds and how it writes it, as filters read it.
    """
    read: list[tuple[float, SearchResult]] = []
    unread: list[tuple[str, SearchResult]] = []
    without: list[SearchResult] = []
    for result in results:
        text = dict(result.hit.chunk.cells).get(sorting.column, "")
        place = _place(text, column)
        if place is not None:
            read.append((place, result))
        elif text:
            unread.append((text.casefold(), result))
        else:
            without.append(result)
    read.sort(key=lambda one: one[0], reverse=sorting.is_descending)
    unread.sort(key=lambda one: one[0], reverse=sorting.is_descending)
    return (*(result for _, result in read), *(result for _, result in unread), *without)


def _place(text: str, column: ColumnInfo | None) -> float | None:
    """A number or a day as `studio.retrieval` reads them in filters; None for other texts."""
    number = number_of(text, has_decimal_comma=column is not None and column.has_decimal_comma)
    day = date_of(text, None if column is None else column.day_order)
    if day is not None and (number is None or (column is not None and column.kind == "date")):
        return float(day.toordinal())
    return number
