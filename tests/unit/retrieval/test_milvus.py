"""An index in Milvus: made where it is worth it, found again, swept, never the reason for a failure."""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from studio.config import Settings
from studio.errors import InvalidInput
from studio.records import Document, Page
from studio.retrieval import index_choice, milvus
from studio.retrieval.index import RetrievalIndex
from studio.retrieval.milvus import COLLECTION_FILE, MilvusPlace, client_of
from studio.retrieval.vectors import Vectors
from studio.workbench import Workbench

pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")
DIM = 16


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[MilvusPlace]:
    found = MilvusPlace(uri=str(tmp_path_factory.mktemp("milvus") / "vectors.db"))
    yield found
    client_of(found).close()


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch) -> None:
    """Ten passages are worth a server here."""
    monkeypatch.setattr(index_choice, "EXACT_UP_TO", 10)
    monkeypatch.setattr(milvus, "_FEW", 5)
    monkeypatch.setattr(milvus, "_WORTH_ASKING", 1.0)


def vector_of(text: str) -> np.ndarray:
    return np.random.default_rng(zlib.crc32(text.encode())).standard_normal(DIM).astype(np.float32)


def embed(texts) -> np.ndarray:
    return np.stack([vector_of(text) for text in texts])


def built(folder: Path, place: MilvusPlace | None, n: int = 30) -> RetrievalIndex:
    documents = [
        Document(
            document_id=f"d{i}",
            name=f"{i}.txt",
            pages=(Page(number=None, text=f"Word{i} of {i}."),),
        )
        for i in range(n)
    ]
    return RetrievalIndex.build(
        folder, documents, embed=embed, model="m", revision="r", milvus=place
    )


def best(index: RetrievalIndex, n: int = 3) -> list[int]:
    return [hit.chunk.chunk_id for hit in index.search("x", vector_of("a question"))][:n]


def collections(place: MilvusPlace) -> set[str]:
    return set(client_of(place).list_collections())


def noted(folder: Path) -> set[str]:
    return {
        json.loads(path.read_text())["collection"] for path in folder.glob(f"*/{COLLECTION_FILE}")
    }


def test_it_finds_what_an_index_without_finds_and_says_where(place, tmp_path) -> None:
    index = built(tmp_path / "one", place)
    assert index.index_choice.kind == "milvus"
    assert "Milvus" in str(index.index_choice.reason)
    assert index.recall_at_10 == 1.0
    assert best(index) == best(built(tmp_path / "two", None))
    again = RetrievalIndex.open(tmp_path / "one", milvus=place)
    assert best(again) == best(index)


def test_two_versions_are_kept_and_the_rest_is_swept(place, tmp_path) -> None:
    folder = tmp_path / "index"
    built(tmp_path / "other", place)
    for n in (30, 31, 32):
        built(folder, place, n)
    assert len(noted(folder)) == 2
    assert noted(folder) | noted(tmp_path / "other") <= collections(place)
    begins = next(iter(noted(folder))).rsplit("_", 1)[0]
    assert {name for name in collections(place) if name.startswith(begins)} == noted(folder)


def test_a_collection_that_the_server_lost_is_filled_anew(place, tmp_path) -> None:
    folder = tmp_path / "index"
    expected = best(built(folder, place))
    (name,) = noted(folder)
    client_of(place).drop_collection(name)
    assert best(RetrievalIndex.open(folder, milvus=place)) == expected
    assert name in collections(place)


def test_without_the_server_it_is_searched_here(place, tmp_path, monkeypatch, caplog) -> None:
    folder = tmp_path / "index"
    index = built(folder, place)
    expected = best(index)

    def is_away(_: MilvusPlace) -> object:
        raise ConnectionError("nobody there")

    monkeypatch.setattr(milvus, "client_of", is_away)
    assert best(index) == expected
    assert best(RetrievalIndex.open(folder, milvus=place)) == expected
    assert "Milvus does not answer" in caplog.text
    rebuilt = built(folder, place, 31)
    assert rebuilt.index_choice.kind != "milvus"
    assert "did not answer" in str(rebuilt.index_choice.reason)


def test_where_it_is_not_set_any_more_faiss_takes_over_for_good(place, tmp_path) -> None:
    folder = tmp_path / "index"
    expected = best(built(folder, place))
    opened = RetrievalIndex.open(folder)
    assert best(opened) == expected
    assert opened.index_choice.kind != "milvus"
    assert RetrievalIndex.open(folder).index_choice.kind == opened.index_choice.kind


def test_a_note_of_another_index_is_not_followed(place, tmp_path) -> None:
    built(tmp_path / "one", place)
    version = tmp_path / "two" / "v000001"
    version.mkdir(parents=True)
    (version / COLLECTION_FILE).write_text(json.dumps({"collection": "studio_x"}))
    with pytest.raises(ValueError, match="no collection of this index"):
        milvus.opened(version, Vectors(embed(["one"])), place)


def test_a_studio_searches_there_and_leaves_nothing_when_a_prototype_is_removed(
    place, tmp_path, monkeypatch
) -> None:
    settings = Settings(home=tmp_path / "home", is_demo=True, milvus_uri=place.uri)
    before = collections(place)
    with Workbench.open(settings=settings) as bench:
        bot = bench.sample_chatbot("en")
        bot.update_index().wait(60)
        assert bot.index_choice().kind == "milvus"
        assert bot.ask("How long do I have to return an item?").retrieved
        assert collections(place) > before
        monkeypatch.setattr("studio.workspace.removal.KEPT_FOR", timedelta(0))
        bench.delete(bot.id)
        bench.delete_for_good(bot.id)
    assert collections(place) == before


def test_a_missing_client_is_said_with_the_command(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    settings = replace(
        Settings(home=tmp_path / "home", is_demo=True), milvus_uri="http://far:19530"
    )
    with pytest.raises(InvalidInput, match=r"pip install 'prototype-studio\[milvus\]'"):
        Workbench.open(settings=settings)
