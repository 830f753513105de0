"""A batch as a file: the sheet as it came, with columns for text, state, sources and every check.

A cell that a spreadsheet would take for a formula is kept as text: in CSV as in every CSV file, in Excel
by writing it as a string.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from studio.csv_file import csv_text
from studio.evaluation.text_checks.result import CheckName, CheckStatus
from studio.prototypes.content.batch_records import BatchRow
from studio.prototypes.content.checking import CHECK_ORDER
from studio.prototypes.content.text import SourcePassage
from studio.records import Notice

_MAX_EXCEL_CELL = 32_767
_WIDTHS = (8, 48)  # of a column, in characters: the least and the most


def _state(row: BatchRow) -> str:
    return row.state


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetWords:
    """What the added columns and their cells are called; plain English words by default.

    Attributes:
        text: column of the text; the fields of a text have columns of their own names.
        state: column of what became of the row.
        result: what stands in it.
        attempts: column of how often it was written.
        error: column of why there is no text.
        sources: column of the passages that the text was written from; only where there are any.
        check: a check's column; `{name}` in it is the check's name.
        checks: the names of checks; one that is not named stands as it is.
        statuses: what a check says, before the reason; likewise.
        accepted: the sheet of all rows in a workbook.
        not_accepted: the sheet of those without an accepted text.
        say: a sentence of the studio in the reader's language.
    """

    text: str = "text"
    state: str = "state"
    result: Callable[[BatchRow], str] = _state
    attempts: str = "attempts"
    error: str = "error"
    sources: str = "sources"
    check: str = "check: {name}"
    checks: Mapping[CheckName, str] = field(default_factory=dict)
    statuses: Mapping[CheckStatus, str] = field(default_factory=dict)
    accepted: str = "texts"
    not_accepted: str = "not accepted"
    say: Callable[[Notice], str] = str


ENGLISH = SheetWords()


def as_csv(columns: Sequence[str], rows: Sequence[BatchRow], words: SheetWords = ENGLISH) -> bytes:
    """The sheet as CSV in UTF-8 with a mark, so that Excel reads Chinese right."""
    header, lines = _table(columns, rows, words)
    return csv_text([header, *lines]).encode()


def as_xlsx(columns: Sequence[str], rows: Sequence[BatchRow], words: SheetWords = ENGLISH) -> bytes:
    """The sheet as an Excel workbook; rows without an accepted text also in a sheet of their own.

    A cell of more than 32,767 characters, which Excel does not take, is cut and ends in an ellipsis.
    """
    import xlsxwriter

    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True})
        _write(book.add_worksheet(words.accepted), bold, *_table(columns, rows, words))
        apart = [row for row in rows if row.state != "done"]
        if apart:
            _write(book.add_worksheet(words.not_accepted), bold, *_table(columns, apart, words))
    return file.getvalue()


def _write(
    sheet: object, bold: object, header: Sequence[str], lines: Sequence[Sequence[str]]
) -> None:
    # The library has no types.
    sheet.freeze_panes(1, 0)  # type: ignore[attr-defined]
    least, most = _WIDTHS
    for column, name in enumerate(header):
        longest = max(map(_width, (name, *(line[column] for line in lines))))
        sheet.set_column(column, column, min(most, max(least, longest + 2)))  # type: ignore[attr-defined]
        sheet.write_string(0, column, _excel_cell(name), bold)  # type: ignore[attr-defined]
    for at, line in enumerate(lines, start=1):
        for column, cell in enumerate(line):
            if cell:
                sheet.write_string(at, column, _excel_cell(cell))  # type: ignore[attr-defined]


def _width(cell: str) -> int:
    """How wide a cell is, in characters; one of Chinese takes two."""
    shown = cell[: _WIDTHS[1]]
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in shown)


def _excel_cell(cell: str) -> str:
    return cell if len(cell) <= _MAX_EXCEL_CELL else cell[: _MAX_EXCEL_CELL - 1] + "…"


def _table(
    columns: Sequence[str], rows: Sequence[BatchRow], words: SheetWords
) -> tuple[list[str], list[list[str]]]:
    field_names = list(
        dict.fromkeys(name for row in rows if row.text for name, _ in row.text.fields)
    )
    has_sources = any(row.text is not None and row.text.passages for row in rows)
    added = [words.text, *field_names, words.state, words.attempts, words.error]
    added += [words.sources] * has_sources
    added += [words.check.format(name=words.checks.get(name, name)) for name in CHECK_ORDER]
    header = list(columns)
    for name in added:
        header.append(name if name not in header else f"{name} ({words.text})")
    return header, [_line(columns, field_names, row, words, has_sources) for row in rows]


def _line(
    columns: Sequence[str],
    field_names: Sequence[str],
    row: BatchRow,
    words: SheetWords,
    has_sources: bool,
) -> list[str]:
    text = row.text
    fields: Mapping[str, str] = dict(text.fields) if text else {}
    checks = {check.name: check for check in text.checks} if text else {}
    line = [row.cells.get(column, "") for column in columns]
    line.append(text.content if text else "")
    line += [fields.get(name, "") for name in field_names]
    line.append(words.result(row))
    line += [str(row.n_attempts), words.say(row.error) if row.error else ""]
    if has_sources:
        line.append("\n".join(map(_source, text.passages)) if text else "")
    for name in CHECK_ORDER:
        check = checks.get(name)
        status = words.statuses.get(check.status, check.status) if check else ""
        line.append(f"{status}: {words.say(check.notice)}" if check else "")
    return line


def _source(passage: SourcePassage) -> str:
    page = "" if passage.page is None else f", {passage.page}"
    return f"[{passage.number}] {passage.document_name}{page}"
