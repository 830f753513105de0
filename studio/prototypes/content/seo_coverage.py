"""What a page answers of what people search for, and which sections it should have. Knows no model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from studio.evaluation.text_checks.reading import sentences_of
from studio.prototypes.content.seo_records import OutlineItem, SeoQuery
from studio.prototypes.search.intents import Intent, intent_of
from studio.prototypes.search.themes import Theme, themes_of
from studio.retrieval.terms import terms_of

GAP = 0.55
"""A query whose best sentence covers less than this is not answered by the page."""
ABOUT = 0.44
"""A query that the topic covers less than this is about something else, unless the page answers it. For
eight topics in English and Chinese and the sample's queries, those with 0.3 to 0.44 were."""
_NEAR, _FAR = 0.75, 0.2
"""Cosines that count as the same and as nothing in common, of the small default models."""
_ORDER = (Intent.LEARN, Intent.THING, Intent.COMPARE, Intent.BUY, Intent.HELP, Intent.GO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Queries, the most asked first, and their themes, the most asked first."""

    queries: tuple[SeoQuery, ...]
    themes: tuple[Theme, ...]


def cover(
    topic: str,
    asked: Sequence[tuple[str, int]],
    page: str,
    embed: Callable[[Sequence[str]], NDArray[np.float32]],
) -> Coverage:
    """How well each query is answered by the best sentence of a page, and whether it belongs there.

    Half of it is the share of the query's words in the sentence, half the cosine, scaled; likewise with
    the topic, where the words in common are a share of the shorter one's. Where no query is about the
    topic, all are taken to be.

    Args:
        topic: what the page is about.
        asked: different queries with how often, the most asked first.
        page: its text; empty for none.
        embed: vectors of texts, `(n, dim)` float32 of unit length.
    """
    queries, counts = [query for query, _ in asked], [n for _, n in asked]
    sentences = sentences_of(page)
    vectors = embed([topic, *queries, *sentences])
    of_topic, of_queries = vectors[:1], vectors[1 : len(queries) + 1]
    of_sentences = vectors[len(queries) + 1 :]
    themes = themes_of(queries, of_queries, counts)
    theme_of = {at: number for number, theme in enumerate(themes) for at in theme.members}
    terms = [frozenset(terms_of(sentence)) for sentence in sentences]
    topic_terms = frozenset(terms_of(topic))
    found = []
    for at, (query, n) in enumerate(asked):
        coverage, best = _best(query, of_queries[at], sentences, terms, of_sentences)
        cosine = float(_scaled(of_topic @ of_queries[at])[0])
        is_about = (cosine + _overlap(query, topic_terms)) / 2 >= ABOUT or coverage >= GAP
        found.append(
            SeoQuery(
                query=query,
                n_asked=n,
                intent=intent_of(query),
                coverage=coverage,
                best=best,
                is_gap=is_about and coverage < GAP,
                theme=theme_of[at],
                is_about=is_about,
            )
        )
    if not any(query.is_about for query in found):
        found = [replace(one, is_about=True, is_gap=one.coverage < GAP) for one in found]
    return Coverage(queries=tuple(found), themes=themes)


def outline_of(coverage: Coverage, page: str) -> tuple[OutlineItem, ...]:
    """A section per theme about the topic: what a reader wants to know first, then buying, then help.

    A section is missing where the page answers none of its queries.
    """
    items = []
    for number, theme in enumerate(coverage.themes):
        members = [query for at in theme.members if (query := coverage.queries[at]).is_about]
        if not members:
            continue
        intents = [query.intent for query in members]
        main = max(dict.fromkeys(intents), key=intents.count)
        items.append(
            (
                _ORDER.index(main),
                number,
                OutlineItem(
                    heading=_heading(theme, members),
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
    cosines = _scaled(vectors @ vector)
    shares = np.array(
        [len(wanted & has) / len(wanted) if wanted else 0.0 for has in terms], np.float32
    )
    scores = (cosines + shares) / 2
    at = int(scores.argmax())
    return float(scores[at]), sentences[at]


def _scaled(cosines: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.clip((cosines - _FAR) / (_NEAR - _FAR), 0, 1), np.float32)


def _overlap(query: str, topic: frozenset[str]) -> float:
    """Words in common, as a share of those of the shorter one."""
    wanted = set(terms_of(query))
    return len(wanted & topic) / min(len(wanted), len(topic)) if wanted and topic else 0.0


def _heading(theme: Theme, members: Sequence[SeoQuery]) -> str:
    """The query in the middle of a theme, or else its most asked one about the topic, as a heading."""
    names = [query.query for query in members]
    text = (theme.example if theme.example in names else names[0]).strip()
    return text[:1].upper() + text[1:]
