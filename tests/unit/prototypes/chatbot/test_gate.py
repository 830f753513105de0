"""Only what the quotes bear out gets through, whatever the pieces it comes in."""

from __future__ import annotations

import pytest

from studio.prototypes.chatbot.answer import Sentence
from studio.prototypes.chatbot.gate import SentenceGate

QUOTES = (
    Sentence(text="Sixty-four people work at Maple & Tide.", citations=(3,)),
    Sentence(text="The workshop repairs jackets, tents and seven kinds of lamps.", citations=(1,)),
)


def let_through(text: str, size: int, question: str = "What do you do?") -> tuple[Sentence, ...]:
    shown: list[str] = []
    gate = SentenceGate(QUOTES, question, shown.append)
    for start in range(0, len(text), size):
        gate.take(text[start : start + size])
    kept = gate.finish(is_complete=True)
    assert "".join(shown) == " ".join(sentence.text for sentence in kept)
    return kept


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_words_survive_any_pieces(size: int) -> None:
    kept = let_through(
        "The workshop repairs jackets and tents. Sixty-four people work there.", size
    )
    assert [sentence.text for sentence in kept] == [
        "The workshop repairs jackets and tents.",
        "Sixty-four people work there.",
    ]
    assert [sentence.citations for sentence in kept] == [(1,), (3,)]


def test_it_shuts_at_the_first_sentence_that_nothing_bears_out() -> None:
    kept = let_through(
        "The workshop repairs jackets and tents. Kayaks are sold on credit. Sixty-four people work.",
        4,
    )
    assert [sentence.text for sentence in kept] == ["The workshop repairs jackets and tents."]


def test_one_word_besides_the_question_is_not_enough() -> None:
    assert let_through("Seven people work for you.", 5, "How many people work for you?") == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "No, the workshop repairs jackets and tents.",
        "Yes, the workshop repairs jackets and tents.",
        "The workshop never repairs jackets and tents.",
    ],
)
def test_verdicts_and_denials_that_no_quote_makes_are_kept_back(sentence: str) -> None:
    assert let_through(sentence, 5) == ()


def test_repetition_ends_it() -> None:
    kept = let_through("The workshop repairs tents. " * 3, 6)
    assert len(kept) == 1


def test_a_broken_off_sentence_is_left_out() -> None:
    gate = SentenceGate(QUOTES, "q", lambda _: None)
    gate.take("The workshop repairs jackets. Sixty-four people")
    assert [s.text for s in gate.finish(is_complete=False)] == ["The workshop repairs jackets."]
