"""The SEO workbench: what people search for, what a page says to it, and what it should say.

Intents and themes of queries are those of the search analytics; what a page answers is found in words
and meaning, sentence by sentence.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput
from studio.ingestion.reader import read_files
from studio.prototypes.base import Toolbox
from studio.prototypes.content.composing import Composer
from studio.prototypes.content.drafts import Drafts
from studio.prototypes.content.seo_coverage import Coverage, cover, outline_of
from studio.prototypes.content.seo_json import report_from_json, report_to_json
from studio.prototypes.content.seo_records import (
    MAX_QUERIES,
    OutlineItem,
    SeoQuery,
    SeoReport,
    SeoVariant,
)
from studio.prototypes.content.seo_score import score_description, score_title
from studio.prototypes.content.seo_variants import propose_variants
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.writing import Writing
from studio.prototypes.search.query_list import read_list, table_of
from studio.records import CallContext, CallRecord, EmbeddingRequest, Notice

__all__ = [
    "MAX_PAGE", "MAX_QUERIES", "OutlineItem", "SeoQuery", "SeoReport", "SeoVariant", "SeoWorkbench",
]  # fmt: skip

MAX_PAGE = 100_000
N_KEYWORDS = 8


class SeoWorkbench:
    """The SEO workbench of one prototype. Every method may be called by any thread.

    Attributes:
        reports: those that were made, by topic.

    Args:
        prototype_id: whose it is.
        toolbox: what it works with.
        settings: those of the prototype, read anew.
        embedding_model: catalogue id of the model that compares.
        composer: a composer for settings and the id of a request.
    """

    def __init__(
        self,
        prototype_id: str,
        toolbox: Toolbox,
        settings: Callable[[], ContentSettings],
        embedding_model: Callable[[], str],
        composer: Callable[[ContentSettings, str], Composer],
    ) -> None:
        self._tools = toolbox
        self._settings = settings
        self._embedding_model = embedding_model
        self._composer = composer
        self.reports: Drafts[SeoReport] = Drafts(
            prototype_id, toolbox.workspace.drafts, "seo", report_to_json, report_from_json
        )

    def queries_in(self, name: str, content: bytes) -> tuple[tuple[str, int], ...]:
        """The queries of a file with how often each was asked, as search engines export them.

        Raises:
            DataError: there is no list of queries in it.
        """
        files = read_files(name, content, max_bytes=self._tools.settings.max_upload_bytes)
        return read_list(table_of(name, files, content)).asked

    def start(
        self, topic: str, queries: Sequence[tuple[str, int]], *, page: str = "", n_variants: int = 4
    ) -> Writing[SeoReport]:
        """Look at a page and what people search for, and propose outline, titles and descriptions.

        The report is kept.

        Args:
            topic: what the page is about, in a few words.
            queries: what people search for, and how often.
            page: the page's text; empty for a page that is still to be written (all are gaps).
            n_variants: titles and descriptions that the model is asked for, 0 to 8.

        Raises:
            InvalidInput: there is no topic, no query, or too many.
        """
        topic = " ".join(topic.split())[:200]
        asked = _checked(topic, queries, page, n_variants)
        settings = self._settings()

        def work(writing: Writing[SeoReport]) -> SeoReport:
            report = self._report(writing, settings, topic, asked, page, n_variants)
            return self.reports.add(topic, report).value

        return Writing(self._tools.acting.in_turn(work), n_texts=0).begin()

    def score_title(self, text: str, queries: Sequence[tuple[str, int]]) -> SeoVariant:
        """The score of a title that somebody typed."""
        return score_title(text, [query for query, _ in _by_count(queries)])

    def score_description(self, text: str, queries: Sequence[tuple[str, int]]) -> SeoVariant:
        """The score of a meta description that somebody typed."""
        return score_description(text, [query for query, _ in _by_count(queries)])

    def _report(
        self,
        writing: Writing[SeoReport],
        settings: ContentSettings,
        topic: str,
        asked: Sequence[tuple[str, int]],
        page: str,
        n_variants: int,
    ) -> SeoReport:
        began_s = time.perf_counter()
        composer = self._composer(settings, writing.request_id)
        calls: list[CallRecord] = []
        writing.report(Notice("Comparing the page with what people search for"))
        coverage = self._coverage(topic, asked, page, composer.context, calls)
        queries = [one.query for one in coverage.queries if one.is_about]
        notice = Notice("Writing titles and descriptions")
        writing.report(notice, 0, n_variants or None, "texts")
        titles, descriptions, notices = propose_variants(
            composer,
            topic,
            queries,
            page,
            n_variants,
            writing.watcher(),
            calls.append,
            lambda n: writing.report(notice, n, n_variants, "texts"),
        )
        figures = composer.figures(calls, (time.perf_counter() - began_s) * 1000)
        return SeoReport(
            topic=topic,
            queries=coverage.queries,
            outline=outline_of(coverage, page),
            titles=_best([score_title(text, queries, is_written=w) for text, w in titles]),
            descriptions=_best(
                [score_description(text, queries, is_written=w) for text, w in descriptions]
            ),
            keywords=tuple(queries[:N_KEYWORDS]),
            figures=figures,
            notices=(*self._reading_notices(settings), *notices),
            page=page,
        )

    def _reading_notices(self, settings: ContentSettings) -> tuple[Notice, ...]:
        """What should be known of the model that compares."""
        model = self._tools.catalogue.get(self._embedding_model())
        if not model.languages or settings.language in model.languages:
            return ()
        return (
            Notice(
                "{model} does not read the language of the texts: gaps, themes and outline are of "
                "little use. Make an embedding model that does the default on the page Models.",
                model=model.name,
            ),
        )

    def _coverage(
        self,
        topic: str,
        asked: Sequence[tuple[str, int]],
        page: str,
        context: CallContext,
        calls: list[CallRecord],
    ) -> Coverage:
        def embed(texts: Sequence[str]) -> NDArray[np.float32]:
            embedded = self._tools.models.embed(
                EmbeddingRequest(model=self._embedding_model(), texts=tuple(texts), context=context)
            )
            calls.append(embedded.call)
            return embedded.vectors

        return cover(topic, asked, page, embed)


def _checked(
    topic: str, queries: Sequence[tuple[str, int]], page: str, n_variants: int
) -> tuple[tuple[str, int], ...]:
    asked = _by_count(queries)
    if not topic:
        raise InvalidInput("Say in a few words what the page is about.")
    if not asked:
        raise InvalidInput("There are no queries. Type or upload what people search for.")
    if len(asked) > MAX_QUERIES:
        raise InvalidInput(
            "There are {n:,} queries; at most {limit:,} can be looked at. Take the most frequent.",
            n=len(asked),
            limit=MAX_QUERIES,
        )
    if len(page) > MAX_PAGE:
        raise InvalidInput(
            "The page has {n:,} characters; at most {limit:,} can be read.",
            n=len(page),
            limit=MAX_PAGE,
        )
    if not 0 <= n_variants <= 8:
        raise InvalidInput(
            "{n} variants were asked for; between {least} and {limit} can be written.",
            n=n_variants,
            least=0,
            limit=8,
        )
    return asked


def _by_count(queries: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Different queries, the most asked first, ties in their order."""
    counts: dict[str, int] = {}
    for query, n in queries:
        text = " ".join(query.split())
        if text:
            counts[text] = counts.get(text, 0) + max(1, n)
    return tuple(sorted(counts.items(), key=lambda one: -one[1]))


def _best(variants: Sequence[SeoVariant]) -> tuple[SeoVariant, ...]:
    return tuple(sorted(variants, key=lambda one: -one.score))
