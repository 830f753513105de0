"""Passages read sentence by sentence: what that says of their relevance, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.config import Settings
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.prototypes.close_reading import read_closely, sentences_of_passage, split_sentences
from studio.records import CallContext, Chunk
from studio.workbench import Workbench

CONTEXT = CallContext(request_id="close-reading")
MIXED = (
    "The rental desk opens at nine. A kettle holds a litre of water. Dogs are welcome in the shop. "
    "Gift cards are valid for three years. Parcels leave the harbour before noon."
)
OTHER = "Wash the rain jacket at thirty degrees. Never use softener on a membrane."


@pytest.fixture
def bot(tmp_path: Path):
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as workbench:
        made = workbench.create_chatbot("Help desk", ChatbotSettings(min_relevance=0.0))
        made.add_file("mixed.txt", MIXED.encode())
        made.add_file("other.txt", OTHER.encode())
        made.update_index().result(30)
        yield made


def found(bot, query):
    searcher = bot._knowledge.searcher()
    vector = searcher.read([query], CONTEXT).vectors[0]
    hits = searcher.search(query, vector, bot.settings.search_options(2))
    return searcher, vector, hits


def test_a_sentence_within_a_mixed_passage_is_as_near_as_it_is_alone(bot):
    query = "How long are gift cards valid?"
    searcher, vector, hits = found(bot, query)
    read = read_closely(searcher, query, vector, hits, CONTEXT)
    closest = max(read.similarities, key=read.similarities.__getitem__)
    assert closest == "Gift cards are valid for three years."
    assert [hit.chunk for hit in read.hits] == [hit.chunk for hit in hits]
    by_name = {hit.chunk.document_name: hit.relevance for hit in read.hits}
    assert by_name["mixed.txt"] > by_name["other.txt"]
    assert read.similarities[closest] > float(hits[0].dense_score)
    assert read.call is not None


def test_without_a_vector_nothing_is_read(bot):
    query = "How long are gift cards valid?"
    searcher, vector, hits = found(bot, query)
    for unread in (
        read_closely(searcher, query, None, hits, CONTEXT),
        read_closely(replace(searcher, index=None), query, vector, hits, CONTEXT),
    ):
        assert (unread.hits, unread.similarities, unread.call) == (hits, {}, None)


def test_the_bench_of_a_chatbot_shows_the_relevance_that_its_answers_compare(bot):
    query = "How long are gift cards valid?"
    answer = bot.ask(query)
    shown = bot.bench.find(query, bot.settings).results
    assert shown[0].hit.relevance == pytest.approx(answer.figures.best_relevance)


def test_sentences_are_those_that_say_something() -> None:
    text = "# Returns\nYou may return it within 45 days. Yes.\nThe label costs five dollars."
    chunk = Chunk(
        chunk_id=0, document_id="d", document_name="d.md", page=None, start=0, end=len(text),
        heading="", text=text,
    )  # fmt: skip
    assert sentences_of_passage(chunk) == [
        "You may return it within 45 days.",
        "The label costs five dollars.",
    ]
    assert split_sentences(" \n ") == []
