"""Examples out of files."""

from __future__ import annotations

import pytest

from studio.errors import DataError
from studio.tuning.reading import read_examples
from tests.unit.ingestion.office_files import xlsx

MAX = 10**7


def read(content: str | bytes, method="contrastive", name="x.csv"):
    data = content if isinstance(content, bytes) else content.encode()
    return read_examples(name, data, method, max_bytes=MAX)


def test_query_passage_negative_and_part_are_read() -> None:
    found = read(
        "query,passage,negative,part\ntent,A tent for two,A stove,train\nlamp,A lamp,,TEST\n"
    )
    assert [(one.prompt, one.answer, one.negatives, one.part) for one in found] == [
        ("tent", "A tent for two", ("A stove",), "train"),
        ("lamp", "A lamp", (), "held_out"),
    ]


def test_the_method_decides_which_of_two_columns_is_the_answer() -> None:
    text = "question,gold_passage,answer\nHow long?,We ship in 3 days.,3 days\n"
    assert read(text)[0].answer == "We ship in 3 days."
    assert read(text, "lora")[0].answer == "3 days"


def test_excel_and_chinese_columns_are_read() -> None:
    rows = xlsx(S=[("问题", "答案"), ("多久到货？", "三天"), ("能退货吗？", "可以")])
    assert [one.answer for one in read(rows, "lora", "x.xlsx")] == ["三天", "可以"]


def test_rows_with_an_empty_answer_are_given_for_counting() -> None:
    assert [one.answer for one in read("prompt,answer\na,\nb,c\n", "lora")] == ["", "c"]


def test_other_columns_are_named_in_the_refusal() -> None:
    with pytest.raises(DataError, match=r"columns query, passage.*It has: name, price"):
        read("name,price\nx,1\n")


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(DataError):
        read(b"\x89PNG\r\n\x1a\n" * 20)
