"""Long tables come as columns of text: delimiters, headers, damage, progress, other formats."""

from __future__ import annotations

import pytest

from studio.errors import Cancelled
from studio.ingestion.long_table import STRETCH_ROWS, TextTable, read_long_tables
from tests.unit.ingestion.office_files import xlsx

LIMIT = 50 * 2**20


def table(content: bytes | str, name: str = "t.csv", **options) -> TextTable:
    content = content.encode() if isinstance(content, str) else content
    found = read_long_tables(name, content, max_bytes=LIMIT, **options)
    assert found.refusal is None
    (only,) = found.tables
    return only


def cells(found: TextTable) -> list[list[str]]:
    return found.frame.to_numpy().tolist()


@pytest.mark.parametrize(
    ("content", "columns", "rows"),
    [
        ("user,item\n 1 ,a\n2,\n", ["user", "item"], [["1", "a"], ["2", ""]]),
        ('user;item\n1;"x; y"\n', ["user", "item"], [["1", "x; y"]]),
        ("user\titem\r\n1\ta\r\n", ["user", "item"], [["1", "a"]]),
        ("Report of May\n\nuser;item\n1;2\n3;4\n", ["user", "item"], [["1", "2"], ["3", "4"]]),
        ("a,b\n1,2\n\n,\n3,4\n", ["a", "b"], [["1", "2"], ["3", "4"]]),
        ("a,b\none\u2028two,2\n3,4\n", ["a", "b"], [["one two", "2"], ["3", "4"]]),
        ("a,b\nNA,null\nNaN,\n", ["a", "b"], [["NA", "null"], ["NaN", ""]]),
        ("用户,商品\n张三,茶壶\n".encode("gb18030"), ["用户", "商品"], [["张三", "茶壶"]]),
    ],
)
def test_cells_are_kept_as_written(content, columns, rows) -> None:
    found = table(content)
    assert list(found.frame.columns) == columns
    assert cells(found) == rows


def test_table_without_header_is_numbered_and_told() -> None:
    found = table("1,2\n3,4\n")
    assert list(found.frame.columns) == ["Column 1", "Column 2"]
    assert "names the columns" in str(found.notices[0])


def test_rows_with_too_many_cells_lose_only_these_and_are_counted() -> None:
    many = "\n".join(["1,2"] * 300)
    found = table(f"a,b\n{many}\n5,6,7\n8,9,10,11\n")
    assert cells(found)[300] == ["5", "6"]
    assert str(found.notices[0]).startswith("2 rows of t.csv have more cells")


def test_quote_that_is_never_closed_is_told() -> None:
    found = table('a,b\n1,"x\n2,y\n' + "3,z\n" * 200)
    assert cells(found)[1] == ["2", "y"]
    assert "quotation mark" in str(found.notices[0])


def test_all_stretches_are_read_with_progress_and_work_can_be_stopped() -> None:
    content = "user,item\n" + "".join(f"{i},x\n" for i in range(STRETCH_ROWS + 10))
    seen: list[float] = []
    found = table(content, report=lambda done, total: seen.append(done / total))
    assert len(found.frame) == STRETCH_ROWS + 10
    assert len(seen) == 2
    assert seen[-1] == 1.0

    def stop(done: float, total: float) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        table(content, report=stop)


def test_only_the_beginning_is_read_to_look_at_it() -> None:
    content = "user,item\n" + "".join(f"{i},x\n" for i in range(200_000))
    assert len(table(content, max_rows=500).frame) == 500


def test_workbook_gives_a_table_per_sheet() -> None:
    content = xlsx(Items=[("sku", "name"), (1, "Pot")], Events=[("user", "sku"), ("u1", 1)])
    found = read_long_tables("shop.xlsx", content, max_bytes=LIMIT)
    assert [one.name for one in found.tables] == ["shop.xlsx/Items", "shop.xlsx/Events"]
    assert cells(found.tables[1]) == [["u1", "1"]]


def test_json_lines_are_a_table() -> None:
    found = table('[{"user": 1, "item": "x"}, {"user": 2}]', name="events.json")
    assert cells(found) == [["1", "x"], ["2", ""]]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.csv", b"", "is empty"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n123", "is a picture"),
        ("letter.txt", b"Dear all,\nthis is no table.\n", "holds no table"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(name, content, reason) -> None:
    found = read_long_tables(name, content, max_bytes=LIMIT)
    assert found.tables == ()
    assert reason in str(found.refusal)


def test_too_large_file_is_refused() -> None:
    found = read_long_tables("big.csv", b"a,b\n1,2\n", max_bytes=3)
    assert "big.csv" in str(found.refusal)
