"""What the SEO workbench finds and proposes: values."""

from __future__ import annotations

from dataclasses import dataclass

from studio.prototypes.content.text import TextFigures
from studio.prototypes.search.intents import Intent
from studio.records import Notice

MAX_QUERIES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SeoQuery:
    """A query people search for, against the page.

    `n_asked` is how often. `coverage` in [0, 1] is how well the best sentence of the page answers it,
    in words and meaning; `best` is that sentence. `is_about` says whether it is about the page's topic
    (the others belong on other pages), `is_gap` that it is and the page does not answer it. `theme`
    numbers the group of queries about the same thing, the most asked first, from 0.
    """

    query: str
    n_asked: int
    intent: Intent
    coverage: float
    best: str
    is_gap: bool
    theme: int
    is_about: bool = True


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
    titles and descriptions by their score, the best first. `page` is the text they are held against;
    empty for a page that is still to be written.
    """

    topic: str
    queries: tuple[SeoQuery, ...]
    outline: tuple[OutlineItem, ...]
    titles: tuple[SeoVariant, ...]
    descriptions: tuple[SeoVariant, ...]
    keywords: tuple[str, ...]
    figures: TextFigures | None
    notices: tuple[Notice, ...] = ()
    page: str = ""

    @property
    def n_about(self) -> int:
        """Queries that are about the topic of the page."""
        return sum(query.is_about for query in self.queries)

    @property
    def n_gaps(self) -> int:
        """Queries about the topic that the page does not answer."""
        return sum(query.is_gap for query in self.queries)
