"""Of a summary only what the document bears out is kept; else the document's own sentences stand in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.evaluation.text_checks.reading import length_of, sentences_of
from studio.prototypes.content.borne_out import borne_out, most_telling

DOCUMENT = (
    "# Returns\n\nYou may return most items within 45 days of delivery. A return label costs $4.95. "
    "Returns in our shop are free for everyone.\n"
)


@pytest.mark.parametrize(
    ("summary", "kept"),
    [
        (
            "Most items may be returned within 45 days.",
            "Most items may be returned within 45 days.",
        ),
        ("Items may be returned within 30 days.", ""),
        ("Items may be returned to Patagonia.", ""),
        ("You need the original receipt, a photograph and some patience.", ""),
        ("A label costs $4.95. It is made of recycled paper.", "A label costs $4.95."),
        ("", ""),
        ("It is. They were.", ""),
    ],
)
def test_only_what_the_document_says_is_kept(summary, kept):
    assert borne_out(summary, DOCUMENT) == kept


def test_chinese_is_held_against_chinese():
    document = "多数商品可在45天内退货。退货标签4.95美元。"
    assert (
        borne_out("商品可在45天内退货。商品是蓝色的羊毛围巾。", document) == "商品可在45天内退货。"
    )
    assert borne_out("You may return items.", document) == ""


def middle(texts):
    """Vectors by which the sentence about labels stands in the middle."""
    rows = {"label": [1, 0], "shop": [0.8, -0.6]}
    found = [next((rows[word] for word in rows if word in text), [0.8, 0.6]) for text in texts]
    return np.array(found, np.float32)


def test_the_sentences_that_tell_most_stand_in_their_order_without_headings():
    assert most_telling(DOCUMENT, 5, middle) == "A return label costs $4.95."
    assert most_telling(DOCUMENT, 1, middle) == "A return label costs $4.95."  # one at least
    assert sentences_of(most_telling(DOCUMENT, 40, middle)) == sentences_of(DOCUMENT)[1:]
    assert most_telling("", 20, middle) == ""
    assert most_telling("Only a heading", 20, middle) == "Only a heading"


def test_of_two_sentences_that_are_alike_one_is_enough():
    text = "Labels cost $4.95. The label costs $4.95 for all. Weigh the parcel first."

    def vectors(texts):
        return np.array([[1, 0] if "abel" in one else [0.6, 0.8] for one in texts], np.float32)

    assert "Weigh" in most_telling(text, 9, vectors)


def test_without_vectors_the_first_sentences_stand_in():
    assert most_telling(DOCUMENT, 8, lambda _: None) == sentences_of(DOCUMENT)[1]


@given(st.text("ab1 .\n字。", max_size=80), st.integers(1, 40))
def test_no_more_is_taken_than_asked_for_but_for_a_single_sentence(text, words):
    found = most_telling(text, words, lambda _: None)
    longest = max(map(length_of, sentences_of(text)), default=0)
    assert length_of(found) <= max(words, longest)
