"""Lists of questions and answers in running text."""

from __future__ import annotations

import pytest

from studio.ingestion.questions import mark_questions
from studio.ingestion.reader import read_pasted
from studio.records import Page

ENGLISH = """# FAQ

Q: Can I return a tent?
A: Yes, within 30 days.
Keep it clean.

**Q2:** Do you ship to Norway?

**A:** We do.

## Imprint

Maple & Tide"""
CHINESE = "问：可以退货吗？\n答：可以，三十天内。\n\n1. 问题：多久发货？\n答案：当天。"


def test_pairs_become_rows_and_the_text_stays() -> None:
    page = mark_questions(Page(text=ENGLISH))

    assert page.text == ENGLISH
    assert [row.cells for row in page.rows] == [
        (("Question", "Can I return a tent?"), ("Answer", "Yes, within 30 days. Keep it clean.")),
        (("Question", "Do you ship to Norway?"), ("Answer", "We do.")),
    ]
    first, second = (page.text[row.start : row.end] for row in page.rows)
    assert first == "Q: Can I return a tent?\nA: Yes, within 30 days.\nKeep it clean."
    assert second == "**Q2:** Do you ship to Norway?\n\n**A:** We do."


def test_chinese_pairs_become_rows() -> None:
    page = mark_questions(Page(text=CHINESE))

    assert [row.cells[0][1] for row in page.rows] == ["可以退货吗？", "多久发货？"]
    assert [row.cells[1][1] for row in page.rows] == ["可以，三十天内。", "当天。"]


@pytest.mark.parametrize(
    "text",
    [
        "Q: One question?\nA: One answer.",
        "Q: One?\n\nQ: Two?\n\nQ: Three?",
        "A question: what now?\nAnswer me: nothing.\nA question: and then?\nAnswer: no.",
        "A. Purpose\nB. Scope\nQ. Nothing",
        "问题很多，答案很少。\n问题还是很多，答案还是很少。",
    ],
)
def test_other_texts_stay_as_they_are(text) -> None:
    assert mark_questions(Page(text=text)).rows == ()


def test_a_pasted_list_is_told_by_its_shape() -> None:
    read = read_pasted(CHINESE, name="pasted")

    assert (read.shape, read.status, read.media_type) == ("questions", "read", "text/plain")
    assert [(column.name, column.role) for column in read.columns] == [
        ("Question", "title"),
        ("Answer", "text"),
    ]


def test_rows_pasted_from_a_spreadsheet_are_a_table() -> None:
    read = read_pasted("name\tprice\nCup\t3\nPot\t9\n", name="pasted")

    assert (read.shape, read.n_rows) == ("table", 2)
    assert read.pages[0].rows[1].cells == (("name", "Pot"), ("price", "9"))


def test_nothing_pasted_is_refused() -> None:
    assert read_pasted(" \n", name="pasted").status == "refused"
