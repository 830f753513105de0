"""The search benchmark on a made-up collection and a made-up model, and what it makes of bounds."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from studio.benchmarks.indexing_speed import IndexingMeasure, measure_indexing
from studio.benchmarks.public_collections import Collection, load_collection
from studio.benchmarks.retrieval_benchmark import RetrievalReport, Skipped
from studio.benchmarks.search_quality import Embedder, measure_search
from studio.errors import DataError, InvalidInput, NotFound
from studio.records import Notice
from studio.retrieval.benchmark import IndexMeasure

TOPICS = ("kettle", "umbrella", "scarf", "lantern", "saucer", "anchor", "ladder", "violin")


def write_rows(path: Path, rows: Sequence[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")


def write_collection(folder: Path) -> None:
    write_rows(
        folder / "corpus.jsonl",
        [
            {"_id": t, "title": f"The {t}", "text": f"The {t} . A {t} is sold here for nine euros."}
            for t in TOPICS
        ]
        + [{"_id": "empty", "title": "", "text": " "}],
    )
    write_rows(
        folder / "queries.jsonl", [{"_id": f"q-{t}", "text": f"price of a {t}"} for t in TOPICS]
    )
    judged = "".join(f"q-{topic}\t{topic}\t1\n" for topic in TOPICS)
    (folder / "qrels_test.tsv").write_text("query-id\tcorpus-id\tscore\n" + judged)


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    write_collection(tmp_path / "cranfield")
    return load_collection("cranfield", tmp_path)


def embedder(name: str = "model", *, is_blind: bool = False, language: str = "en") -> Embedder:
    """One direction per topic; a blind one sees the topic after."""

    def embed(texts: Sequence[str], purpose: str) -> np.ndarray:
        vectors = np.full((len(texts), len(TOPICS) + 1), 0.01, dtype=np.float32)
        for row, text in enumerate(texts):
            for at, topic in enumerate(TOPICS):
                shift = 1 if is_blind and purpose == "query" else 0
                vectors[row, (at + shift) % len(TOPICS)] += topic in text.lower()
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    return Embedder(name=name, revision="1", languages=frozenset({language}), embed=embed)


def test_titles_become_headings_once_and_empty_documents_are_left_out(collection) -> None:
    assert len(collection.documents) == len(TOPICS)
    assert collection.documents[0].pages[0].text == (
        "# The kettle\n\nA kettle is sold here for nine euros."
    )
    assert collection.judgements[0].query == "price of a kettle"


def test_titles_of_articles_are_kept_from_search(tmp_path: Path) -> None:
    write_collection(tmp_path / "xquad_en")
    document = load_collection("xquad_en", tmp_path).documents[0]
    assert document.name == document.document_id == "kettle"
    assert document.pages[0].text == "The kettle . A kettle is sold here for nine euros."


def test_every_mode_is_measured_and_compared_with_keyword_search(collection) -> None:
    measures = measure_search(collection, [embedder(), embedder("blind", is_blind=True)])

    assert [(m.model, m.mode) for m in measures] == [
        ("", "keyword"),
        ("model", "semantic"),
        ("model", "hybrid"),
        ("blind", "semantic"),
        ("blind", "hybrid"),
    ]
    assert [m.ndcg.mean for m in measures[:3]] == [1.0, 1.0, 1.0]
    assert measures[3].ndcg.mean < 0.7
    assert measures[0].against_keyword is None
    assert measures[1].against_keyword.outcome == "same"
    assert measures[3].against_keyword.n_losses == len(TOPICS)
    assert measures[3].against_keyword.outcome == "worse"
    assert all(m.p50_ms > 0 and m.n_passages == len(TOPICS) for m in measures)


def test_bounds_are_promised_of_the_first_model_that_reads_the_collection(collection) -> None:
    bounds = {
        ("cranfield", "keyword"): 0.5,
        ("cranfield", "semantic"): 0.95,
        ("cranfield", "hybrid"): "keyword",
    }
    blind = embedder("blind", is_blind=True)
    measures = measure_search(collection, [blind, embedder()], bounds=bounds)

    assert [m.bound for m in measures] == [0.5, 0.95, 1.0, None, None]
    assert [m.is_passed for m in measures[:2] + measures[3:]] == [True, False, True, True]


def test_a_collection_no_model_reads_is_searched_by_words_alone(collection) -> None:
    measures = measure_search(collection, [embedder(language="zh")])
    assert [(m.model, m.mode) for m in measures] == [("", "keyword")]


def test_fewer_queries_can_be_asked(collection) -> None:
    assert {m.ndcg.n for m in measure_search(collection, [embedder()], max_queries=3)} == {3}
    asked: list[str] = []
    model = embedder()

    def embed(texts: Sequence[str], purpose: str) -> np.ndarray:
        asked.extend(text for text in texts if purpose == "query")
        return model.embed(texts, purpose)

    listening = Embedder(name="m", revision="1", languages=model.languages, embed=embed)
    measure_search(collection, [listening], max_queries=2)
    assert set(asked) == {f"price of a {TOPICS[0]}", f"price of a {TOPICS[len(TOPICS) // 2]}"}


def test_nothing_to_measure_with_is_refused(collection) -> None:
    with pytest.raises(InvalidInput, match="at least one embedding model"):
        measure_search(collection, [])


def test_frequent_questions_are_asked_in_other_words(tmp_path: Path) -> None:
    write_rows(
        tmp_path / "covid_faq" / "faq.jsonl",
        [{"id": str(n), "question": "What is it?", "answer": f"Answer {n}."} for n in range(2)],
    )
    write_rows(
        tmp_path / "covid_faq" / "question_pairs_en.jsonl",
        [
            {"a": "What is it?", "b": "Tell me what this is", "label": 1},
            {"a": "What is it?", "b": "Where is it?", "label": 0},
        ],
    )
    found = load_collection("covid_faq", tmp_path)
    assert [(j.query, j.document_id) for j in found.judgements] == [
        ("Tell me what this is", "0"),
        ("Tell me what this is", "1"),
    ]


def test_what_is_missing_or_broken_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"corpus\.jsonl is not there"):
        load_collection("cranfield", tmp_path)
    with pytest.raises(NotFound, match="There are: cranfield"):
        load_collection("trec", tmp_path)
    write_collection(tmp_path / "cranfield")
    with (tmp_path / "cranfield" / "qrels_test.tsv").open("a") as file:
        file.write("no-such-query\tkettle\t1\n")
    with pytest.raises(DataError, match="row 9: The query is empty"):
        load_collection("cranfield", tmp_path)


def test_indexing_is_held_against_the_encoder_alone(collection) -> None:
    sizes: list[int] = []
    model = embedder()

    def embed(texts: Sequence[str], purpose: str) -> np.ndarray:
        sizes.append(len(texts))
        return model.embed(texts, purpose)

    counting = Embedder(name="m", revision="1", languages=model.languages, embed=embed)
    measure = measure_indexing(collection.documents, counting, rounds=2)

    assert (measure.n_documents, measure.n_passages) == (len(TOPICS), len(TOPICS))
    assert sizes.count(len(TOPICS)) == 2 * 3  # a build and the encoder alone, three times
    assert 0 < measure.ratio < 1
    assert not measure.is_passed  # a model that takes no time leaves nothing but the rest


def test_the_first_round_of_indexing_does_not_count(collection) -> None:
    model, n_calls = embedder(), 0

    def embed(texts: Sequence[str], purpose: str) -> np.ndarray:
        nonlocal n_calls
        n_calls += 1
        if n_calls == 1:
            time.sleep(1.0)  # as when a model is loaded
        return model.embed(texts, purpose)

    slow_to_start = Embedder(name="m", revision="1", languages=model.languages, embed=embed)
    measure = measure_indexing(collection.documents, slow_to_start, rounds=1)
    assert measure.indexing_per_s > len(TOPICS) / 0.5


def report(collection: Collection, **changes: object) -> RetrievalReport:
    values = {
        "machine": "a machine",
        "versions": "numpy 2",
        "search_settings": "10 documents",
        "is_quick": False,
        "searches": measure_search(collection, [embedder()]),
        "indexing": IndexingMeasure(
            model="model",
            n_documents=8,
            n_passages=8,
            indexing_per_s=95.0,
            encoder_per_s=100.0,
            ratio=0.95,
        ),
        "index": (
            IndexMeasure(name="recall@10, exact", value=0.99, unit="", bound=0.98),
            IndexMeasure(name="median query", value=1.2, unit="ms", bound=1.5, is_at_most=True),
        ),
        "skipped": (Skipped(name="xquad_zh", reason=Notice("It is not there.")),),
    }
    return RetrievalReport(**{**values, **changes})  # type: ignore[arg-type]


def test_a_report_shows_every_row_and_what_was_skipped(collection) -> None:
    text = report(collection).as_text()
    assert "cranfield    hybrid    model                      8  1.000 [1.000, 1.000]" in text
    assert ">= 0.430 ok" in text
    assert "0 won    0 lost    8 even" in text
    assert "ratio 0.950 >= 0.9 ok" in text
    assert re.search(r"recall@10, exact +0\.990 +>= 0\.98 ok", text)
    assert re.search(r"median query +1\.200 ms +<= 1\.5 ok", text)
    assert "skipped: xquad_zh: It is not there." in text
    assert "Quick" not in text
    assert "at most 200 queries" in report(collection, is_quick=True).as_text()


def test_a_report_passes_when_something_was_measured_and_every_bound_holds(collection) -> None:
    good = report(collection)
    assert good.is_passed
    assert not report(collection, searches=()).is_passed
    assert report(collection, indexing=None).is_passed
    slow = IndexingMeasure(
        model="m", n_documents=1, n_passages=1, indexing_per_s=1, encoder_per_s=2, ratio=0.5
    )
    assert not report(collection, indexing=slow).is_passed
    slow_query = IndexMeasure(name="query", value=2, unit="ms", bound=1.5, is_at_most=True)
    assert not report(collection, index=(slow_query,)).is_passed
    bounds = {("cranfield", "semantic"): 0.99}
    missed = measure_search(collection, [embedder(is_blind=True)], bounds=bounds)
    assert not report(collection, searches=missed).is_passed
    assert "MISSED" in report(collection, searches=missed).as_text()


def test_a_report_is_json(collection) -> None:
    stored = json.loads(report(collection).as_json())
    assert [s["mode"] for s in stored["searches"]] == ["keyword", "semantic", "hybrid"]
    assert stored["searches"][1]["against_keyword"]["outcome"] == "same"
    assert stored["searches"][1]["against_keyword"]["verdict"]["values"]["baseline"] == "keyword"
    assert stored["skipped"][0]["reason"] == {"template": "It is not there.", "values": {}}
