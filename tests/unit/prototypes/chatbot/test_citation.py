"""Sentences are cited only where a passage bears them out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.prototypes.chatbot.citation import attribute, support_of
from studio.prototypes.close_reading import split_sentences

RETURNS = "You may return most items within 45 days of delivery. A return label costs $4.95."
SHOP = "The shop at 14 Ropewalk Lane opens at 10 am. Anna Berg runs the workshop."


def test_a_sentence_of_the_passage_is_cited() -> None:
    (sentence,) = attribute("Most items may be returned within 45 days.", [SHOP, RETURNS])
    assert sentence.citations == (2,)


@pytest.mark.parametrize(
    "sentence",
    [
        "Most items may be returned within 30 days.",  # another number
        "A return label costs $45.",  # a number of the passage beside other words
        "Peter Lund runs the workshop.",  # another name
        "Refunds are paid in cash by courier.",  # other content
        "Yes.",  # nothing of its own
    ],
)
def test_an_invented_sentence_is_not_cited(sentence: str) -> None:
    (attributed,) = attribute(sentence, [SHOP, RETURNS])
    assert attributed.citations == ()


def test_words_of_the_question_prove_nothing() -> None:
    question = "Is the workshop run by Anna?"
    assert support_of("The workshop is run by Anna.", SHOP) == 1.0
    assert support_of("The workshop is run by Anna.", SHOP, question) == 0.0


def test_chinese_sentences_are_split_and_cited() -> None:
    passage = "大多数商品可在签收后45天内退货。退货运费为4.95美元。"
    sentences = attribute("签收后45天内可以退货。退货运费为9.95美元。", [passage])
    assert [s.citations for s in sentences] == [(1,), ()]


def test_marks_of_the_model_are_taken_out_of_the_text() -> None:
    (sentence,) = attribute("Most items may be returned within 45 days [1].", [RETURNS])
    assert sentence.text == "Most items may be returned within 45 days."
    assert sentence.citations == (1,)


def test_a_mark_of_a_passage_that_does_not_exist_is_dropped() -> None:
    (sentence,) = attribute("We sell kayaks on credit [7].", [RETURNS])
    assert sentence.citations == ()


def test_no_text_has_no_sentences() -> None:
    assert attribute(" \n ", [RETURNS]) == ()


@given(st.text(max_size=300))
def test_splitting_loses_nothing_but_white_space(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


@given(st.text(max_size=200), st.text(max_size=200))
def test_support_is_a_share(sentence: str, passage: str) -> None:
    assert 0.0 <= support_of(sentence, passage) <= 1.0
