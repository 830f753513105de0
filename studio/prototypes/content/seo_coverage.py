"""What a page answers of what people search for, and which sections it should have. Knows no model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.evaluation.text_checks.reading import sentences_of
from studio.prototypes.content.seo_records import OutlineItem, SeoQuery
from studio.prototypes.search.intents import Intent, intent_of
from studio.prototypes.search.themes import Theme, themes_of
from studio.retrieval.terms import terms_of

GAP = 0.55
"""A query whose best sentence covers less than this is not answered by the page."""
_NEAR, _FAR = 0.75, 0.2
"""Cosines that count as the same and as nothing in common, of the small default models."""
_ORDER = (Intent.LEARN, Intent.THING, Intent.COMPARE, Intent.BUY, Intent.HELP, Intent.GO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Queries, the most asked first, and their themes, the most asked first."""

    queries: tuple[SeoQuery, ...]
    themes: tuple[Theme, ...]


def cover(
    asked: Sequence[tuple[str, int]],
    page: str,
    embed: Callable[[Sequence[str]], NDArray[np.float32]],
) -> Coverage:
    """How well each query is answered by the best sentence of a page.

    Half of it is the share of the query's words in the sentence, half the cosine, scaled.

    Args:
        asked: different queries with how often, the most asked first.
        page: its text; empty for none.
        embed: vectors of texts, `(n, dim)` float32 of unit length.
    """
    queries, counts = [query for query, _ in asked], [n for _, n in asked]
    sentences = sentences_of(page)
    vectors = embed([*queries, *sentences])
    of_queries, of_sentences = vectors[: len(queries)], vectors[len(queries) :]
    themes = themes_of(queries, of_queries, counts)
    theme_of = {at: number for number, theme in enumerate(themes) for at in theme.members}
    terms = [frozenset(terms_of(sentence)) for sentence in sentences]
    found = []
    for at, (query, n) in enumerate(asked):
        coverage, best = _best(query, of_queries[at], sentences, terms, of_sentences)
        found.append(
            SeoQuery(
                query=query,
                n_asked=n,
                intent=intent_of(query),
                coverage=coverage,
                best=best,
                is_gap=coverage < GAP,
                theme=theme_of[at],
            )
        )
    return Coverage(queries=tuple(found), themes=themes)


def outline_of(coverage: Coverage, page: str) -> tuple[OutlineItem, ...]:
    """A section per theme: what a reader wants to know first, then buying, then help.

    A section is missing where the page answers none of its queries.
    """
    items = []
    for number, theme in enumerate(coverage.themes):
        members = [coverage.queries[at] for at in theme.members]
        intents = [query.intent for query in members]
        main = max(dict.fromkeys(intents), key=intents.count)
        items.append(
            (
                _ORDER.index(main),
                number,
                OutlineItem(
                    heading=_heading(theme),
                    queries=tuple(query.query for query in members),
                    is_missing=not page.strip() or all(query.is_gap for query in members),
                ),
            )
        )
    return tuple(item for _, _, item in sorted(items, key=lambda one: one[:2]))


def _best(
    query: str,
    vector: NDArray[np.float32],
    sentences: Sequence[str],
    terms: Sequence[frozenset[str]],
    vectors: NDArray[np.float32],
) -> tuple[float, str]:
    if not sentences:
        return 0.0, ""
    wanted = set(terms_of(query))
    cosines = np.clip((vectors @ vector - _FAR) / (_NEAR - _FAR), 0, 1)
    shares = np.array(
        [len(wanted & has) / len(wanted) if wanted else 0.0 for has in terms], np.float32
    )
    scores = (cosines + shares) / 2
    at = int(scores.argmax())
    return float(scores[at]), sentences[at]


def _heading(theme: Theme) -> str:
    """The query in the middle of a theme, as a heading."""
    text = theme.example.strip()
    return text[:1].upper() + text[1:]
