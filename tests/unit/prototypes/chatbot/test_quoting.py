"""The quoted sentences are those that answer, in the order in which they stand."""

from __future__ import annotations

import numpy as np

from studio.prototypes.chatbot.quoting import (
    MAX_QUOTE_CHARACTERS,
    Candidate,
    best_sentences,
    candidates_of,
)
from studio.records import Chunk, Hit

PASSAGES = [
    ("Gift cards", "Gift cards are valid for five years. They can be used online and in the shop."),
    ("Visit", "# Opening hours\n\nThe shop opens at 10 am. On Sundays it stays closed."),
]


def hits() -> list[Hit]:
    return [
        Hit(
            rank=rank,
            chunk=Chunk(
                chunk_id=rank,
                document_id="d",
                document_name="d.md",
                page=None,
                start=0,
                end=len(text),
                text=text,
                heading=heading,
            ),
            score=1.0,
            relevance=1.0,
            dense_score=None,
            lexical_score=None,
        )
        for rank, (heading, text) in enumerate(PASSAGES, start=1)
    ]


def alike(_: str) -> float:
    return 1.0


def test_the_sentence_with_the_words_of_the_question_wins() -> None:
    (best,) = best_sentences("What about Sundays?", candidates_of(hits()), None, alike, n=1)
    assert best.text == "On Sundays it stays closed."
    assert best.citations == (2,)


def test_the_words_of_the_heading_count_too() -> None:
    (best,) = best_sentences("visit at 10?", candidates_of(hits()), None, alike, n=1)
    assert best.text == "The shop opens at 10 am."


def test_rare_words_weigh_more() -> None:
    candidates = candidates_of(hits())
    weights = {"shop": 0.1, "valid": 3.0}
    (best,) = best_sentences(
        "shop valid", candidates, None, lambda term: weights.get(term, 1.0), n=1
    )
    assert best.text == "Gift cards are valid for five years."


def test_similarity_decides_where_words_do_not() -> None:
    similarities = np.array([0.1, 0.9, 0.1, 0.1], np.float32)
    (best,) = best_sentences("Where spend?", candidates_of(hits()), similarities, alike, n=1)
    assert best.text == "They can be used online and in the shop."


def test_quotes_stand_in_the_order_of_the_document() -> None:
    question = "Is the shop closed on Sundays, or when does it open?"
    quotes = best_sentences(question, candidates_of(hits()), None, alike, n=2)
    assert [q.text for q in quotes] == ["The shop opens at 10 am.", "On Sundays it stays closed."]


def test_headings_are_not_quoted() -> None:
    assert all("Opening hours" not in candidate.text for candidate in candidates_of(hits()))


def test_nothing_to_quote() -> None:
    assert best_sentences("anything", [], None, alike) == ()


def test_long_quotes_are_cut_and_say_so() -> None:
    candidates = [Candidate(rank=1, heading="", text="word " * 400)]
    (quote,) = best_sentences("word", candidates, None, alike)
    assert len(quote.text) <= MAX_QUOTE_CHARACTERS
    assert quote.text.endswith("…")


def test_the_same_sentence_is_quoted_once() -> None:
    candidates = [
        Candidate(rank=rank, heading="", text="Delivery takes three days.") for rank in (1, 2)
    ]
    assert len(best_sentences("How long is delivery?", candidates, None, alike)) == 1


def test_sentences_that_fit_much_less_are_left_out() -> None:
    similarities = np.array([0.9, 0.1, 0.1, 0.1], np.float32)
    quotes = best_sentences("valid gift cards", candidates_of(hits()), similarities, alike)
    assert [quote.text for quote in quotes] == ["Gift cards are valid for five years."]
