"""One look into an index: the passages for a query, read by the model that made the index.

A searcher is taken once per question and does not change: an index that is swapped meanwhile counts
from the next question on. Knows no documents and no job.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable
from studio.inference.model_spec import ModelSpec
from studio.inference.protocol import Embeddings, ModelService
from studio.records import CallContext, CallRecord, EmbeddingRequest, Hit, RerankRequest
from studio.retrieval.index import RetrievalIndex
from studio.retrieval.passages import searchable_text
from studio.retrieval.query import Reranker, SearchOptions
from studio.retrieval.relevance import Background, relevance_of
from studio.retrieval.terms import script_of, terms_of

USUAL_HEIGHT = 5.0
"""How far above unrelated texts a found passage's cosine is taken to be where no model reads the
query, in standard deviations, so that words alone decide what is relevant. On the sample company's
questions, at the usual threshold of 0.4, something is found for 0.67 of the answerable ones in English
(0.98 in Chinese) and for 0.25 of the unanswerable ones (0.89)."""


N_RERANK = 30
"""Passages that a reranking model reads per question unless told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searcher:
    """An index with the model that reads queries for it.

    `index` is None where nothing is indexed yet. `model` is None where words alone must do, because
    the index was made by a model that is gone or has changed. `is_outdated` says that another model
    is set by now: then the old one is a stopgap, and words do where it cannot answer. `rerankers` are
    the reranking models there are, by catalogue id.
    """

    index: RetrievalIndex | None
    model: ModelSpec | None
    is_outdated: bool
    models: ModelService
    rerankers: Mapping[str, ModelSpec] = field(default_factory=dict)

    def read(
        self,
        texts: Sequence[str],
        context: CallContext,
        purpose: Literal["query", "passage"] = "query",
    ) -> Embeddings | None:
        """The model's vectors of texts; None where it is not asked, as words must do.

        Raises:
            StudioError: the model failed, and it is the one that is set.
        """
        if self.index is None or self.model is None:
            return None
        request = EmbeddingRequest(
            model=self.model.id, texts=tuple(texts), purpose=purpose, context=context
        )
        try:
            return self.models.embed(request)
        except ModelUnavailable:
            if not self.is_outdated:
                raise
            return None

    def fits(self, revision: str) -> bool:
        """Whether vectors of this revision of the model can be compared with the index's."""
        return self.index is not None and self.index.revision == revision

    def search(
        self,
        query: str,
        vector: NDArray[np.float32] | None,
        options: SearchOptions,
        *,
        rerank_model: str = "",
        n_rerank: int = N_RERANK,
        context: CallContext | None = None,
        on_call: Callable[[CallRecord], object] | None = None,
    ) -> tuple[Hit, ...]:
        """The passages for a query, best first; none where nothing is indexed.

        Words alone decide where there is no vector, and where the model is known not to know the
        script of the query: an English model finds the passage for a Chinese question less often
        than keywords do, and fused with them it spoils their ranking (recall in the first three
        passages on the sample company's Chinese questions: words 0.81, fused 0.47, vectors 0.20).

        Args:
            query: the user's words.
            vector: `(dim,)` float32 of the query from the index's own model, or None.
            options: how many passages, and how they are to be searched where the model reads them.
            rerank_model: catalogue id of a model that reads the best passages together with the query
                and orders them anew; empty for none, and none where it does not know the query's
                script. A hit's `score` is then that model's, its `relevance` what it is without:
                passages below `options.min_relevance` stay out.
            n_rerank: how many passages it reads.
            context: on whose behalf it is called; a request of its own by default.
            on_call: told of the call of the reranking model.

        Raises:
            NotFound: the catalogue has no such reranking model (any more).
            StudioError: the reranking model failed.
        """
        if self.index is None:
            return ()
        rerank = None
        if rerank_model and self._reranks(rerank_model, query):
            rerank = self._reranker(rerank_model, context, on_call)
        if vector is None:
            return self._by_words(self.index, query, options, rerank, n_rerank)
        if not self.reads_script_of(query):
            options = replace(options, mode="keyword")
        return self.index.search(query, vector, options, rerank=rerank, n_rerank=n_rerank)

    def term_weight(self, term: str) -> float:
        """How much a term tells among the documents; 1 while there is no index."""
        return self.index.term_weight(term) if self.index is not None else 1.0

    def reads_script_of(self, query: str) -> bool:
        """Whether a model reads queries and knows the script; one of unknown languages is trusted."""
        return self.model is not None and reads_script_of(self.model, query)

    def _reranks(self, model: str, query: str) -> bool:
        """Whether the model knows the query's script; one that is gone is left to the service."""
        spec = self.rerankers.get(model)
        return spec is None or reads_script_of(spec, query)

    def _reranker(
        self,
        model: str,
        context: CallContext | None,
        on_call: Callable[[CallRecord], object] | None,
    ) -> Reranker:
        behalf = context or CallContext(request_id=uuid.uuid4().hex)

        def rerank(query: str, texts: Sequence[str]) -> NDArray[np.float32]:
            request = RerankRequest(model=model, query=query, texts=tuple(texts), context=behalf)
            relevances = self.models.rerank(request)
            if on_call is not None:
                on_call(relevances.call)
            return relevances.scores

        return rerank

    def _by_words(
        self,
        index: RetrievalIndex,
        query: str,
        options: SearchOptions,
        rerank: Reranker | None,
        n_rerank: int,
    ) -> tuple[Hit, ...]:
        unused = np.zeros(index.dim, np.float32)
        unused[:1] = 1.0  # any vector will do: its cosines are replaced
        weights = {term: index.term_weight(term) ** 2 for term in terms_of(query)}
        total = sum(weights.values())

        def relevance(hit: Hit) -> float:
            found = set(terms_of(searchable_text(hit.chunk)))
            covered = sum(weight for term, weight in weights.items() if term in found)
            return relevance_of(
                cosine=USUAL_HEIGHT,
                coverage=covered / total if total else 0.0,
                background=Background(mean=0.0, std=1.0),
                script=script_of(query),
            )

        words = replace(options, mode="keyword", min_relevance=0.0)
        hits = index.search(query, unused, words, rerank=rerank, n_rerank=n_rerank)
        weighed = (replace(hit, relevance=relevance(hit)) for hit in hits)
        relevant = (hit for hit in weighed if hit.relevance >= options.min_relevance)
        return tuple(replace(hit, rank=rank) for rank, hit in enumerate(relevant, start=1))


def reads_script_of(model: ModelSpec, text: str) -> bool:
    """Whether a model knows the script of a text; one of unknown languages is trusted."""
    if not model.languages:
        return True
    is_cjk = script_of(text) == "cjk"
    return any((language in ("zh", "ja", "ko")) == is_cjk for language in model.languages)
