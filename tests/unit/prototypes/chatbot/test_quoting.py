"""The quoted sentences are those that answer, in the order in which they stand."""

from __future__ import annotations

import numpy as np

from studio.prototypes.chatbot.quoting import (
    MAX_QUOTE_CHARACTERS,
    best_sentences,
    candidate_sentences,
)

PASSAGES = [
    "Gift cards are valid for five years. They can be used online and in the shop.",
    "# Opening hours\n\nThe shop opens at 10 am. On Sundays it stays closed.",
]


def test_the_sentence_with_the_rare_words_of_the_question_wins() -> None:
    candidates = candidate_sentences(PASSAGES)
    (best,) = best_sentences("What about Sundays?", candidates, None, n=1)
    assert best.text == "On Sundays it stays closed."
    assert best.citations == (2,)


def test_similarity_decides_where_words_do_not() -> None:
    candidates = candidate_sentences(PASSAGES)
    similarities = np.array([0.1, 0.9, 0.1, 0.1], np.float32)
    (best,) = best_sentences("Where may I spend it?", candidates, similarities, n=1)
    assert best.text == "They can be used online and in the shop."


def test_quotes_stand_in_the_order_of_the_document() -> None:
    candidates = candidate_sentences(PASSAGES)
    quotes = best_sentences(
        "Is the shop closed on Sundays, or when does it open?", candidates, None
    )
    assert [q.text for q in quotes] == ["The shop opens at 10 am.", "On Sundays it stays closed."]


def test_headings_are_not_quoted() -> None:
    assert all("Opening hours" not in text for _, text in candidate_sentences(PASSAGES))


def test_nothing_to_quote() -> None:
    assert best_sentences("anything", [], None) == ()


def test_long_quotes_are_cut_and_say_so() -> None:
    candidates = [(1, "word " * 400)]
    (quote,) = best_sentences("word", candidates, None)
    assert len(quote.text) <= MAX_QUOTE_CHARACTERS
    assert quote.text.endswith("…")


def test_the_same_sentence_is_quoted_once() -> None:
    candidates = [(1, "Delivery takes three days."), (2, "Delivery takes three days.")]
    assert len(best_sentences("How long does delivery take?", candidates, None)) == 1
