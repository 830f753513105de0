"""What people ask and what the documents do not answer: a list of queries in themes, with coverage.

For a founder who has a site's search log or a keyword list. Knows no index and no model: both are
given as functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput
from studio.prototypes.search.intents import Intent, intent_of
from studio.prototypes.search.themes import MAX_QUERIES, Theme, places_of, themes_of
from studio.records import Hit

if TYPE_CHECKING:
    import pandas as pd

N_EMBEDDED_AT_ONCE = 64
N_SHOWN = 10
"""Themes and gaps that a notebook shows."""

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
BestHit = Callable[[str, NDArray[np.float32]], Hit | None]
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuery:
    """A query of the list.

    `theme` is its theme's position. `relevance` is that of the most relevant passage and `nearest` its
    title; 0 and empty where there is none. `place` is on the map of `places_of`.
    """

    query: str
    n_asked: int
    intent: Intent
    theme: int
    relevance: float
    nearest: str
    is_covered: bool
    place: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeCoverage:
    """A theme with how much is asked about it and which share of that is covered, in [0, 1].

    `name` tells it from the others, `example` is the query in its middle. `intents` are the shares of
    what is asked, the greatest first; they sum to 1.
    """

    name: str
    example: str
    n_queries: int
    n_asked: int
    coverage: float
    intents: tuple[tuple[Intent, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryReport:
    """All queries, the most asked first, and their themes, the most asked first.

    `min_relevance` is what counted as covered; `coverage` the share of all that was asked, in [0, 1].
    `n_left_out` counts the queries beyond the most asked ones, which are in none of the figures.
    `made_from` stands for the list and the index it was made from; empty where nobody keeps these.
    """

    queries: tuple[AskedQuery, ...]
    themes: tuple[ThemeCoverage, ...]
    coverage: float
    min_relevance: float
    n_left_out: int = 0
    made_from: str = ""

    @property
    def n_asked(self) -> int:
        """How often all queries were asked."""
        return sum(query.n_asked for query in self.queries)

    def gaps(self) -> tuple[AskedQuery, ...]:
        """What is asked and not covered, the most asked first."""
        return tuple(query for query in self.queries if not query.is_covered)

    def at(self, min_relevance: float) -> QueryReport:
        """The same with another relevance from which on a query counts as covered; calls no model."""
        queries = tuple(
            replace(query, is_covered=_is_covered(query.relevance, query.nearest, min_relevance))
            for query in self.queries
        )
        by_theme: list[list[AskedQuery]] = [[] for _ in self.themes]
        for query in queries:
            by_theme[query.theme].append(query)
        themes = (
            replace(theme, coverage=_share(rows))
            for theme, rows in zip(self.themes, by_theme, strict=True)
        )
        return replace(
            self,
            queries=queries,
            themes=tuple(themes),
            coverage=_share(queries),
            min_relevance=min_relevance,
        )

    def frame(self) -> pd.DataFrame:
        """One row per query: query, n_asked, intent, theme, relevance, is_covered, nearest."""
        import pandas as pd

        rows = [
            (
                asked.query,
                asked.n_asked,
                asked.intent.value,
                self.themes[asked.theme].name,
                asked.relevance,
                asked.is_covered,
                asked.nearest,
            )
            for asked in self.queries
        ]
        names = ["query", "n_asked", "intent", "theme", "relevance", "is_covered", "nearest"]
        return pd.DataFrame(rows, columns=names)

    def _repr_html_(self) -> str:
        """What a notebook shows: the figures, the largest themes and the largest gaps."""
        head = (
            f"<p><b>{len(self.queries):,} queries, asked {self.n_asked:,} times, "
            f"{len(self.themes):,} themes.</b> {self.coverage:.0%} of what is asked has something "
            f"relevant (relevance {self.min_relevance:.2f} or more).</p>"
        )
        themes = [
            (theme.name, f"{theme.n_queries:,}", f"{theme.n_asked:,}", f"{theme.coverage:.0%}")
            for theme in self.themes[:N_SHOWN]
        ]
        gaps = [
            (query.query, f"{query.n_asked:,}", f"{query.relevance:.2f}", query.nearest)
            for query in self.gaps()[:N_SHOWN]
        ]
        return (
            head
            + _html_table(("Theme", "Queries", "Asked", "Covered"), themes)
            + _html_table(("Not covered", "Asked", "Best relevance", "Nearest"), gaps)
        )


def counted(queries: Iterable[str], counts: Iterable[int] | None = None) -> Counter[str]:
    """Queries with how often they were asked; case and spaces do not matter, empty ones are dropped.

    The spelling that comes first is kept.

    Raises:
        InvalidInput: a count is below 1, or nothing is left.
    """
    texts = [" ".join(query.split()) for query in queries]
    numbers = [1] * len(texts) if counts is None else list(counts)
    found: Counter[str] = Counter()
    spelling: dict[str, str] = {}
    for text, number in zip(texts, numbers, strict=True):
        if number < 1:
            raise InvalidInput(
                "{query} has the count {n}; counts are 1 or more.", query=text, n=number
            )
        if text:
            found[spelling.setdefault(text.casefold(), text)] += number
    if not found:
        raise InvalidInput("There are no queries in the list. Give one query per row.")
    return found


def analyse(
    asked: Counter[str],
    *,
    embed: Embed,
    best_hit: BestHit,
    min_relevance: float,
    report: Report = lambda done, total: None,  # noqa: ARG005  named for the reader
) -> QueryReport:
    """Group the queries and see which of them the documents answer.

    Args:
        asked: from `counted`; the 5,000 most asked are taken.
        embed: unit vectors `(n, dim)` float32 of up to 64 queries.
        best_hit: the most relevant passage for a query and its vector.
        min_relevance: from which relevance on a query counts as covered.
        report: told (done, total) queries.
    """
    ranked = sorted(asked.items(), key=lambda item: (-item[1], item[0]))[:MAX_QUERIES]
    queries = [query for query, _ in ranked]
    counts = [count for _, count in ranked]
    parts: list[NDArray[np.float32]] = []
    hits: list[Hit | None] = []
    for start in range(0, len(queries), N_EMBEDDED_AT_ONCE):
        part = queries[start : start + N_EMBEDDED_AT_ONCE]
        vectors = embed(part)
        parts.append(vectors)
        hits.extend(best_hit(query, vector) for query, vector in zip(part, vectors, strict=True))
        report(len(hits), len(queries))
    vectors = np.concatenate(parts)
    themes = themes_of(queries, vectors, counts)
    rows = _rows(queries, counts, hits, themes, places_of(vectors), min_relevance)
    return QueryReport(
        queries=rows,
        themes=tuple(_coverage(theme, [rows[at] for at in theme.members]) for theme in themes),
        coverage=_share(rows),
        min_relevance=min_relevance,
        n_left_out=len(asked) - len(rows),
    )


def _rows(
    queries: Sequence[str],
    counts: Sequence[int],
    hits: Sequence[Hit | None],
    themes: Sequence[Theme],
    places: NDArray[np.float32],
    min_relevance: float,
) -> tuple[AskedQuery, ...]:
    theme_of = {at: number for number, theme in enumerate(themes) for at in theme.members}
    rows = []
    for at, (query, count, hit) in enumerate(zip(queries, counts, hits, strict=True)):
        relevance = 0.0 if hit is None else hit.relevance
        nearest = "" if hit is None else _title(hit)
        rows.append(
            AskedQuery(
                query=query,
                n_asked=count,
                intent=intent_of(query),
                theme=theme_of[at],
                relevance=relevance,
                nearest=nearest,
                is_covered=_is_covered(relevance, nearest, min_relevance),
                place=(float(places[at, 0]), float(places[at, 1])),
            )
        )
    return tuple(rows)


def _title(hit: Hit) -> str:
    return hit.chunk.heading.rpartition(" > ")[2] or hit.chunk.document_name


def _is_covered(relevance: float, nearest: str, min_relevance: float) -> bool:
    return bool(nearest) and relevance >= min_relevance


def _coverage(theme: Theme, rows: Sequence[AskedQuery]) -> ThemeCoverage:
    n_asked = sum(row.n_asked for row in rows)
    intents: Counter[Intent] = Counter()
    for row in rows:
        intents[row.intent] += row.n_asked
    return ThemeCoverage(
        name=theme.name,
        example=theme.example,
        n_queries=len(rows),
        n_asked=n_asked,
        coverage=_share(rows),
        intents=tuple((intent, n / n_asked) for intent, n in intents.most_common()),
    )


def _share(rows: Sequence[AskedQuery]) -> float:
    total = sum(row.n_asked for row in rows)
    return sum(row.n_asked for row in rows if row.is_covered) / total if total else 0.0


def _html_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def line(cells: Iterable[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    return f"<table>{line(head, 'th')}{''.join(line(row, 'td') for row in rows)}</table>"
