"""The SEO workbench: what people search for, what a page says to it, and what it should say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio.prototypes.content.text import TextFigures
from studio.prototypes.content.writing import Writing
from studio.prototypes.search.intents import Intent
from studio.records import Notice

MAX_QUERIES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SeoQuery:
    """A query people search for, against the page.

    `n_asked` is how often. `coverage` in [0, 1] is how well the best sentence of the page answers it,
    in words and meaning; `best` is that sentence. `is_gap` says that the page does not answer it.
    `theme` numbers the group of queries about the same thing, the most asked first, from 0.
    """

    query: str
    n_asked: int
    intent: Intent
    coverage: float
    best: str
    is_gap: bool
    theme: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineItem:
    """A section that the page should have: its heading and the queries it answers."""

    heading: str
    queries: tuple[str, ...]
    is_missing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeoVariant:
    """A title or description with its score, 0 to 100, and what made it.

    `reasons` are the parts of the score, met or not: `(what, points, most points)`.
    `is_written` says whether a model wrote it; else it is put together from page and queries.
    """

    text: str
    score: int
    reasons: tuple[tuple[Notice, int, int], ...]
    n_characters: int
    width: int
    is_written: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeoReport:
    """What the workbench found and proposes.

    Queries stand by how often they are asked, sections in the order in which a page should have them,
    titles and descriptions by their score, the best first.
    """

    topic: str
    queries: tuple[SeoQuery, ...]
    outline: tuple[OutlineItem, ...]
    titles: tuple[SeoVariant, ...]
    descriptions: tuple[SeoVariant, ...]
    keywords: tuple[str, ...]
    figures: TextFigures | None
    notices: tuple[Notice, ...] = ()

    @property
    def n_gaps(self) -> int:
        """Queries that the page does not answer."""
        return sum(query.is_gap for query in self.queries)


class SeoWorkbench:
    """The SEO workbench of one prototype. Every method may be called by any thread."""

    def queries_in(self, name: str, content: bytes) -> tuple[tuple[str, int], ...]:
        """The queries of a file with how often each was asked, as search engines export them.

        Raises:
            DataError: there is no list of queries in it.
        """
        raise NotImplementedError

    def start(
        self, topic: str, queries: Sequence[tuple[str, int]], *, page: str = "", n_variants: int = 4
    ) -> Writing[SeoReport]:
        """Look at a page and what people search for, and propose outline, titles and descriptions.

        Args:
            topic: what the page is about, in a few words.
            queries: what people search for, and how often.
            page: the page's text; empty for a page that is still to be written (all are gaps).
            n_variants: titles and descriptions that the model is asked for.

        Raises:
            InvalidInput: there is no topic, no query, or too many.
        """
        raise NotImplementedError

    def score_title(self, text: str, queries: Sequence[tuple[str, int]]) -> SeoVariant:
        """The score of a title that somebody typed."""
        raise NotImplementedError

    def score_description(self, text: str, queries: Sequence[tuple[str, int]]) -> SeoVariant:
        """The score of a meta description that somebody typed."""
        raise NotImplementedError
