"""Searching with a reranking model: it changes the order, and nothing else."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from studio.errors import NotFound
from studio.inference.builtin_models import BGE_RERANKER_V2_M3, MINILM, MS_MARCO_MINILM
from studio.prototypes.searcher import Searcher, reads_script_of
from studio.records import CallContext, Document, Page
from studio.retrieval.index import RetrievalIndex
from studio.retrieval.query import SearchOptions

TEXTS = {
    "hours": "The shop opens at nine and closes at six.",
    "refunds": "A refund is paid within 14 days, the shop pays it.",
    "shop": "The shop, the shop and once more the shop.",
    "tea": "Green tea is sold in boxes.",
}
QUERY = "when does the shop pay a refund"
OPTIONS = SearchOptions(k=3)
CONTEXT = CallContext(request_id="asked", prototype_id="bot")


class Models:
    """Judges a passage by its length, the shortest best; knows one reranking model."""

    def __init__(self) -> None:
        self.requests = []

    def rerank(self, request):
        if request.model != "judge":
            raise NotFound("There is no model called {id}.", id=request.model)
        self.requests.append(request)
        return SimpleNamespace(scores=np.array([length(t) for t in request.texts], np.float32))


def document_in(passage: str) -> str:
    """The document of a passage as it is searched, which begins with its heading."""
    return next(name for name, text in TEXTS.items() if text in passage)


def length(passage: str) -> int:
    return -len(TEXTS[document_in(passage)])


def embed(texts) -> np.ndarray:
    counts = np.array([[1 + text.lower().count(c) for c in "abcdefghijklmnop"] for text in texts])
    return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def models() -> Models:
    return Models()


@pytest.fixture
def searcher(tmp_path, models) -> Searcher:
    documents = [
        Document(document_id=name, name=name, pages=(Page(text=text),))
        for name, text in TEXTS.items()
    ]
    index = RetrievalIndex.build(tmp_path, documents, embed=embed, model=MINILM.id, revision="r")
    return Searcher(index=index, model=MINILM, is_outdated=False, models=models)


def names(hits) -> list[str]:
    return [hit.chunk.document_id for hit in hits]


@pytest.mark.parametrize("has_vector", [True, False])
def test_the_order_is_the_reranking_models_and_relevance_stays(searcher, models, has_vector):
    vector = embed([QUERY])[0] if has_vector else None
    plain = searcher.search(QUERY, vector, SearchOptions(k=4))
    hits = searcher.search(QUERY, vector, SearchOptions(k=4), rerank_model="judge", context=CONTEXT)
    assert names(hits) == sorted(names(plain), key=lambda name: len(TEXTS[name]))
    assert names(hits) != names(plain)
    assert [hit.score for hit in hits] == [-len(TEXTS[name]) for name in names(hits)]
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    before = {hit.chunk.chunk_id: hit.relevance for hit in plain}
    assert {hit.chunk.chunk_id: hit.relevance for hit in hits} == before
    (request,) = models.requests
    assert (request.query, request.context) == (QUERY, CONTEXT)


def test_only_the_best_are_read(searcher, models):
    vector = embed([QUERY])[0]
    best = names(searcher.search(QUERY, vector, SearchOptions(k=2)))
    options = SearchOptions(k=1)
    hits = searcher.search(QUERY, vector, options, rerank_model="judge", n_rerank=2)
    assert sorted(map(document_in, models.requests[0].texts)) == sorted(best)
    assert names(hits) == [min(best, key=lambda name: len(TEXTS[name]))]
    assert models.requests[0].context.request_id


def test_without_a_reranking_model_none_is_asked(searcher, models):
    searcher.search(QUERY, embed([QUERY])[0], OPTIONS)
    searcher.search(QUERY, None, OPTIONS)
    assert models.requests == []


@pytest.mark.parametrize("has_vector", [True, False])
def test_a_reranking_model_that_is_gone_is_said(searcher, has_vector):
    vector = embed([QUERY])[0] if has_vector else None
    with pytest.raises(NotFound, match="no model called gone"):
        searcher.search(QUERY, vector, OPTIONS, rerank_model="gone")


@pytest.mark.parametrize("has_vector", [True, False])
def test_passages_that_are_not_relevant_stay_out(searcher, has_vector):
    vector = embed([QUERY])[0] if has_vector else None
    plain = searcher.search(QUERY, vector, SearchOptions(k=4))
    best = max(hit.relevance for hit in plain)
    options = SearchOptions(k=4, min_relevance=best)
    hits = searcher.search(QUERY, vector, options, rerank_model="judge")
    assert set(names(hits)) == {h.chunk.document_id for h in plain if h.relevance == best}
    assert 0 < len(hits) < len(plain)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))


def test_nothing_indexed_gives_nothing(models):
    empty = Searcher(index=None, model=None, is_outdated=False, models=models)
    assert empty.search(QUERY, None, OPTIONS, rerank_model="judge") == ()


def test_models_are_known_to_read_a_script_or_trusted():
    assert reads_script_of(MS_MARCO_MINILM, "refund")
    assert not reads_script_of(MS_MARCO_MINILM, "退款")
    assert reads_script_of(BGE_RERANKER_V2_M3, "退款")
