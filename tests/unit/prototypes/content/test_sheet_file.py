"""The sheet that is taken away: columns in the reader's words, sources, cells too long for Excel."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl

from studio.evaluation.text_checks.result import CheckResult
from studio.prototypes.content.batch_records import BatchRow
from studio.prototypes.content.sheet_file import SheetWords, as_csv, as_xlsx
from studio.prototypes.content.text import SourcePassage, Text
from studio.records import Notice

TEXT = Text(
    id="",
    content="A tent.",
    values={},
    checks=(CheckResult(name="length", status="passed", notice=Notice("Fine.")),),
    version=1,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)
ROW = BatchRow(position=0, cells={"name": "Cove"}, state="done", text=TEXT, n_attempts=1)
FAILED = BatchRow(position=1, cells={"name": "Mug"}, state="failed", error=Notice("Too long."))
CHINESE = SheetWords(
    text="文本",
    state="结果",
    result=lambda row: {"done": "通过"}.get(row.state, row.state),
    check="检查：{name}",
    checks={"length": "长度"},
    statuses={"passed": "通过"},
    accepted="文本",
    not_accepted="未通过",
    say=lambda notice: f"«{notice}»",
)


def read(rows, words=None):
    raw = as_csv(["name"], rows, words) if words else as_csv(["name"], rows)
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))


def test_columns_and_cells_are_in_the_words_of_the_reader():
    done, failed = read([ROW, FAILED], CHINESE)
    assert (done["文本"], done["结果"], done["检查：长度"]) == ("A tent.", "通过", "通过: «Fine.»")
    assert (failed["结果"], failed["error"]) == ("failed", "«Too long.»")
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(["name"], [ROW, FAILED], CHINESE)))
    assert book.sheetnames == ["文本", "未通过"]


def test_without_words_they_are_plain_english():
    done, failed = read([ROW, FAILED])
    assert (done["text"], done["state"], done["check: length"]) == (
        "A tent.",
        "done",
        "passed: Fine.",
    )
    assert failed["error"] == "Too long."
    assert "sources" not in done


def test_the_passages_that_a_text_was_written_from_are_named():
    passages = (
        SourcePassage(number=1, document_id="a", document_name="care.pdf", page=3, text="x"),
        SourcePassage(number=2, document_id="b", document_name="faq.md", page=None, text="y"),
    )
    done, failed = read([replace(ROW, text=replace(TEXT, passages=passages)), FAILED])
    assert done["sources"] == "[1] care.pdf, 3\n[2] faq.md"
    assert failed["sources"] == ""


def test_a_column_of_the_sheet_keeps_its_name_beside_an_added_one():
    raw = as_csv(["text"], [replace(ROW, cells={"text": "mine"})])
    line = next(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert (line["text"], line["text (text)"]) == ("mine", "A tent.")


def test_a_cell_that_excel_does_not_take_is_cut_where_it_shows_and_whole_in_csv():
    row = replace(ROW, cells={"name": "x" * 50_000})
    cell = openpyxl.load_workbook(io.BytesIO(as_xlsx(["name"], [row]))).worksheets[0]["A2"]
    assert len(cell.value) == 32_767
    assert cell.value.endswith("x…")
    assert read([row])[0]["name"] == "x" * 50_000


def test_columns_in_excel_are_as_wide_as_what_stands_in_them():
    cells = {"name": "枫" * 10}
    row = replace(ROW, cells=cells, text=replace(TEXT, content="A tent. " * 40))
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(["name"], [row]))).worksheets[0]
    assert 20 <= sheet.column_dimensions["A"].width <= 25
    assert 45 <= sheet.column_dimensions["B"].width <= 50
