"""Typeset lines become paragraphs again, and nothing else changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.ingestion.reflow import reflow


def test_lines_of_a_paragraph_are_joined_and_the_next_paragraph_stays() -> None:
    text = (
        "Cove 1 is for one person and weighs 1.45 kg. Cove 2 is for two\n"
        "people and weighs 2.1 kg.\n"
        "The fly of all three tents is rated to a water column of 3,000 mm,\n"
        "and the floor to 5,000 mm."
    )
    assert reflow(text) == (
        "Cove 1 is for one person and weighs 1.45 kg. Cove 2 is for two people and weighs 2.1 kg.\n"
        "The fly of all three tents is rated to a water column of 3,000 mm, and the floor to "
        "5,000 mm."
    )


def test_chinese_lines_are_joined_without_a_space() -> None:
    text = (
        "本手册介绍三款帐篷：小湾一号、小湾二号和岬角四号。新帐篷带\n"
        "出门之前，请先在家里搭一次，看看零件是不是都在，也认一认杆。"
    )
    assert reflow(text) == text.replace("\n", "")


def test_headings_and_lists_stay_on_their_own() -> None:
    text = (
        "1. How long the warranty lasts\n"
        "Every item that we sell has a warranty of two years from delivery:\n"
        "- tents and packs have five years, whichever of the brands it is\n"
        "- cookware has ten years"
    )
    assert reflow(text) == text


def test_a_divided_word_is_put_together() -> None:
    assert reflow("the conditions of the whole interna-\ntional agreement") == (
        "the conditions of the whole international agreement"
    )


def test_blank_lines_stay() -> None:
    text = "one long line of text here\n\nanother long line of text"
    assert reflow(text) == text


@given(st.text(alphabet="ab 中。-\n1", max_size=200))
def test_nothing_but_breaks_and_hyphens_is_lost(text: str) -> None:
    def kept(value: str) -> str:
        return "".join(value.split()).replace("-", "")

    assert kept(reflow(text)) == kept(text)
