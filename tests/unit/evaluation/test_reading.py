"""Judgements out of uploaded rows, and what is said of the rows that gave none."""

from __future__ import annotations

import pytest

from studio.errors import DataError
from studio.evaluation.judgements import Judgement, query_id_of
from studio.evaluation.reading import read_judgements


def test_the_plain_form_is_read() -> None:
    read = read_judgements(
        [
            {"query": " warm socks ", "document": "p1", "grade": "2"},
            {"query": "warm socks", "document": "p2", "grade": 0},
        ]
    )
    assert read.judgements == (
        Judgement(
            query_id=query_id_of("warm socks"), query="warm socks", document_id="p1", grade=2
        ),
        Judgement(
            query_id=query_id_of("warm socks"), query="warm socks", document_id="p2", grade=0
        ),
    )
    assert read.dropped == ()
    assert str(read.summary) == "Judgements read: 2, on queries: 1. Rows dropped: 0."


def test_trec_columns_take_their_queries_from_elsewhere() -> None:
    read = read_judgements(
        [{"query-id": "1", "corpus-id": "184", "score": "1"}], queries={"1": "heated aircraft"}
    )
    assert read.judgements == (
        Judgement(query_id="1", query="heated aircraft", document_id="184", grade=1),
    )


def test_chinese_columns_and_words_for_yes_and_no() -> None:
    read = read_judgements(
        [
            {"查询": "保暖袜", "文档": "p1", "相关度": "是"},
            {"查询": "保暖袜", "文档": "p2", "相关度": "不相关"},
        ]
    )
    assert [j.grade for j in read.judgements] == [1, 0]


def test_without_grades_every_row_is_relevant() -> None:
    read = read_judgements([{"Question": "socks?", "gold_document": "p1"}])
    assert [j.grade for j in read.judgements] == [1]


def test_documents_may_be_called_by_name() -> None:
    read = read_judgements(
        [{"query": "a", "document": "socks.md"}, {"query": "a", "document": "gone.md"}],
        documents={"socks.md": "id-1"},
    )
    assert [j.document_id for j in read.judgements] == ["id-1"]
    assert [(d.number, str(d.reason)) for d in read.dropped] == [
        (2, "There is no document gone.md here.")
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"query": "", "document": "d"}, "The query is empty."),
        ({"query": None, "document": "d"}, "The query is empty."),
        ({"query": "q", "document": " "}, "The document is empty."),
        ({"query": "q", "document": "d", "grade": "-1"}, "The grade '-1' cannot be read"),
        ({"query": "q", "document": "d", "grade": "1.5"}, "The grade '1.5' cannot be read"),
        ({"query": "q", "document": "d", "grade": "nan"}, "The grade 'nan' cannot be read"),
        ({"query": "q", "document": "d", "grade": ""}, "The grade '' cannot be read"),
        ({"query": "first", "document": "d1"}, "stand in a row above, with the grade 2"),
    ],
)
def test_a_row_that_cannot_be_used_is_reported(row: dict[str, object], reason: str) -> None:
    good = {"query": "first", "document": "d1", "grade": "2.0"}
    read = read_judgements([good, {"grade": 1, **row}])
    assert [j.grade for j in read.judgements] == [2]
    assert [dropped.number for dropped in read.dropped] == [2]
    assert reason in str(read.dropped[0].reason)


def test_an_id_that_stands_for_two_queries_is_reported() -> None:
    rows = [
        {"query_id": "1", "query": "socks", "document": "d"},
        {"query_id": "1", "query": "shoes", "document": "d"},
    ]
    read = read_judgements(rows)
    assert len(read.judgements) == 1
    assert "stands for another query" in str(read.dropped[0].reason)


def test_columns_can_be_named() -> None:
    rows = [{"Frage": "Socken?", "Treffer": "p1", "Note": "3"}]
    chosen = {"query": "Frage", "document": "Treffer", "grade": "Note"}
    assert [j.grade for j in read_judgements(rows, columns=chosen).judgements] == [3]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "row", [{"Frage": "a", "document": "d"}, {"query": "a"}, {"query_id": "1", "document": "d"}]
)
def test_missing_columns_are_named_with_those_there_are(row: dict[str, object]) -> None:
    with pytest.raises(DataError, match="The columns are: " + ", ".join(row)):
        read_judgements([row])


def test_no_rows_give_no_judgements() -> None:
    assert read_judgements([]).judgements == ()


def test_the_apostrophe_that_keeps_a_cell_from_being_computed_is_no_part_of_it():
    (read,) = read_judgements(
        [{"query": "'=2+2", "document": "'@home.md", "grade": "1"}]
    ).judgements
    assert (read.query, read.document_id) == ("=2+2", "@home.md")
