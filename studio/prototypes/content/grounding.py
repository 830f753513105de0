"""Facts for a text from the documents: retrieved by what was typed, and cited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from studio.prototypes.content.form import source_of
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.text import SourcePassage
from studio.prototypes.searcher import Searcher
from studio.records import CallContext, CallRecord
from studio.retrieval.query import SearchOptions

MAX_QUERY_CHARACTERS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class FactFinder:
    """Finds passages for a form in one state of the index."""

    searcher: Searcher
    settings: ContentSettings
    options: SearchOptions

    def find(
        self,
        values: Mapping[str, str],
        context: CallContext,
        on_call: Callable[[CallRecord], object],
    ) -> tuple[SourcePassage, ...]:
        """The passages, best first, numbered from 1; none where nothing relevant is indexed.

        Raises:
            StudioError: the model that searches failed.
        """
        query = source_of(self.settings.variables, values) or " ".join(values.values())
        return self.about(query, context, on_call)

    def about(
        self,
        query: str,
        context: CallContext,
        on_call: Callable[[CallRecord], object],
    ) -> tuple[SourcePassage, ...]:
        """The passages about something, as `find` gives them.

        Raises:
            StudioError: the model that searches failed.
        """
        query = " ".join(query.split())[:MAX_QUERY_CHARACTERS]
        if self.searcher.index is None or not query:
            return ()
        vector = None
        embedded = self.searcher.read([query], context)
        if embedded is not None:
            on_call(embedded.call)
            if self.searcher.fits(embedded.call.revision):
                vector = embedded.vectors[0]
        hits = self.searcher.search(
            query,
            vector,
            self.options,
            rerank_model=self.settings.rerank_model,
            context=context,
            on_call=on_call,
        )
        return tuple(
            SourcePassage(
                number=number,
                document_id=hit.chunk.document_id,
                document_name=hit.chunk.document_name,
                page=hit.chunk.page,
                text=hit.chunk.text,
            )
            for number, hit in enumerate(hits, start=1)
            if hit.relevance >= self.settings.min_relevance
        )
