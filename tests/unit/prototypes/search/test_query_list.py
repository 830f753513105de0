"""Lists of queries as founders have them: exports of search engines, spreadsheets, plain lines."""

from __future__ import annotations

import io
import zipfile

import pytest

from studio.errors import DataError, InvalidInput
from studio.ingestion.reader import read_files
from studio.prototypes.search.query_list import lines_of, read_list, table_of


def listed(name: str, content: bytes | str, **columns: str):
    data = content.encode() if isinstance(content, str) else content
    return read_list(table_of(name, read_files(name, data, max_bytes=10**7), data), **columns)


CONSOLE = "Top queries,Clicks,Impressions,CTR,Position\n"


def test_search_console_counts_impressions() -> None:
    found = listed("Queries.csv", CONSOLE + 'tent,12,"1,200",1%,3.4\nrain jacket,0,80,0%,9\n')
    assert (found.query_column, found.count_column) == ("Top queries", "Impressions")
    assert found.asked == (("tent", 1200), ("rain jacket", 80))
    assert found.n_asked == 1280


def test_the_table_with_queries_is_found_in_a_zip() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Dates.csv", "Date,Clicks\n2026-01-01,4\n2026-01-02,5\n")
        archive.writestr("Queries.csv", CONSOLE + "tent,12,120,1%,3\nstove,1,10,1%,3\n")
    found = listed("export.zip", packed.getvalue())
    assert found.asked == (("tent", 120), ("stove", 10))
    assert found.name == "export.zip"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_chinese_export_in_any_encoding(encoding: str) -> None:
    text = "搜索词,展现量,点击量\n双人帐篷,1.2万,30\n雨衣,300,4\n充电宝怎么带上飞机,20,1\n"
    found = listed("百度.csv", text.encode(encoding))
    assert (found.query_column, found.count_column) == ("搜索词", "展现量")
    assert found.asked == (("双人帐篷", 12000), ("雨衣", 300), ("充电宝怎么带上飞机", 20))


def test_a_workbook_is_read() -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in (("Keyword", "Search volume"), ("tent", 90), ("gas stove", 40)):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    assert listed("keywords.xlsx", content.getvalue()).asked == (("tent", 90), ("gas stove", 40))


def test_json_rows_and_lines() -> None:
    rows = '[{"query": "tent", "count": 3}, {"query": "stove", "count": 1}]'
    assert listed("q.json", rows).asked == (("tent", 3), ("stove", 1))
    assert listed("q.json", '["tent", "gas stove"]').asked == (("tent", 1), ("gas stove", 1))


@pytest.mark.parametrize("name", ["q.txt", "q.csv"])
def test_one_column_loses_its_name(name: str) -> None:
    found = listed(name, "query\ntent\nrain jacket\nTent\n")
    assert found.asked == (("tent", 2), ("rain jacket", 1))
    assert found.count_column == ""


@pytest.mark.parametrize(
    "first", ["how to tie, a knot", "2 person tent", "Do you, by chance, rent?"]
)
def test_commas_of_lines_are_no_columns(first) -> None:
    lines = (first, "which stove, lamp, or heater", "rope", "how to dry, a tent")
    assert listed("q.csv", "\n".join(lines)).asked == tuple((line, 1) for line in lines)


def test_a_table_with_empty_cells_is_no_list_of_lines() -> None:
    found = listed("q.csv", "Text,Remark\ntent,\nstove,nice\ngas lamp,\n")
    assert found.asked == (("tent", 1), ("stove", 1), ("gas lamp", 1))


def test_pasted_lines_may_have_counts_after_a_tab() -> None:
    found = read_list(lines_of("", "tent\t5\n\nstove\t2\n"))
    assert found.asked == (("tent", 5), ("stove", 2))
    named = read_list(lines_of("", "count\tquery\n5\ttent\n"))
    assert named.asked == (("tent", 5),)
    assert read_list(lines_of("", "a, b and c\n")).asked == (("a, b and c", 1),)


def test_a_guess_can_be_corrected() -> None:
    text = CONSOLE + "tent,12,120,1%,3\nstove,1,10,1%,3\n"
    assert listed("q.csv", text, count_column="Clicks").asked == (("tent", 12), ("stove", 1))
    assert listed("q.csv", text, count_column="").asked == (("tent", 1), ("stove", 1))
    gone = listed("q.csv", text, query_column="gone", count_column="gone")
    assert (gone.query_column, gone.count_column) == ("Top queries", "Impressions")


def test_what_cannot_be_counted_counts_once_and_is_told() -> None:
    found = listed("q.csv", "query,count\ntent,<10\nstove,0\nlamp,-\nrope,\n,5\n")
    assert dict(found.asked) == {"tent": 10, "stove": 1, "lamp": 1, "rope": 1}
    assert [notice.values["n"] for notice in found.notices] == [1, 3]


def test_what_is_no_list_is_refused() -> None:
    with pytest.raises(DataError, match="is empty"):
        listed("q.csv", "")
    with pytest.raises(DataError, match="cannot be read yet"):
        listed("q.png", b"\x89PNG\r\n\x1a\n" + bytes(60))
    with pytest.raises(DataError, match="no queries"):
        lines_of("", " \n\t\n")
    with pytest.raises(InvalidInput, match="no queries"):
        read_list(lines_of("", "x" * 2000))
