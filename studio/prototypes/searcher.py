"""One look into an index: the passages for a query, read by the model that made the index.

A searcher is taken once per question and does not change: an index that is swapped meanwhile counts
from the next question on. Knows no documents and no job.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable
from studio.inference.model_spec import ModelSpec
from studio.inference.protocol import Embeddings, ModelService
from studio.records import CallContext, EmbeddingRequest, Hit
from studio.retrieval.index import RetrievalIndex
from studio.retrieval.passages import searchable_text
from studio.retrieval.query import SearchOptions
from studio.retrieval.relevance import Background, relevance_of
from studio.retrieval.terms import script_of, terms_of

USUAL_HEIGHT = 5.0
"""How far above unrelated texts a found passage's cosine is taken to be where no model reads the
query, in standard deviations, so that words alone decide what is relevant. On the sample company's
questions, at the usual threshold of 0.4, something is found for 0.67 of the answerable ones in English
(0.98 in Chinese) and for 0.25 of the unanswerable ones (0.89)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searcher:
    """An index with the model that reads queries for it.

    `index` is None where nothing is indexed yet. `model` is None where words alone must do, because
    the index was made by a model that is gone or has changed. `is_outdated` says that another model
    is set by now: then the old one is a stopgap, and words do where it cannot answer.
    """

    index: RetrievalIndex | None
    model: ModelSpec | None
    is_outdated: bool
    models: ModelService

    def read(self, texts: Sequence[str], context: CallContext) -> Embeddings | None:
        """The model's vectors of queries; None where it is not asked, as words must do.

        Raises:
            StudioError: the model failed, and it is the one that is set.
        """
        if self.index is None or self.model is None:
            return None
        request = EmbeddingRequest(
            model=self.model.id, texts=tuple(texts), purpose="query", context=context
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
        self, query: str, vector: NDArray[np.float32] | None, options: SearchOptions
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
        """
        if self.index is None:
            return ()
        if vector is None:
            return self._by_words(self.index, query, options)
        if not self.reads_script_of(query):
            options = replace(options, mode="keyword")
        return self.index.search(query, vector, options)

    def term_weight(self, term: str) -> float:
        """How much a term tells among the documents; 1 while there is no index."""
        return self.index.term_weight(term) if self.index is not None else 1.0

    def reads_script_of(self, query: str) -> bool:
        """Whether a model reads queries and knows the script; one of unknown languages is trusted."""
        if self.model is None:
            return False
        if not self.model.languages:
            return True
        is_cjk = script_of(query) == "cjk"
        return any((language in ("zh", "ja", "ko")) == is_cjk for language in self.model.languages)

    def _by_words(
        self, index: RetrievalIndex, query: str, options: SearchOptions
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

        hits = index.search(query, unused, replace(options, mode="keyword", min_relevance=0.0))
        weighed = (replace(hit, relevance=relevance(hit)) for hit in hits)
        return tuple(hit for hit in weighed if hit.relevance >= options.min_relevance)
