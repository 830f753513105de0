"""A batch as a file: the sheet as it came, with columns for the text, the state and every check.

A cell that a spreadsheet would take for a formula is kept as text, as OWASP advises ("CSV injection"):
in CSV by an apostrophe before it, in Excel by writing it as a string.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

from studio.prototypes.content.batch_records import BatchRow
from studio.prototypes.content.checking import CHECK_ORDER

_FORMULA = re.compile(r"^\s*[=+\-@\t\r|]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*%?")
_MAX_EXCEL_CELL = 32_767


def as_csv(columns: Sequence[str], rows: Sequence[BatchRow]) -> bytes:
    """The sheet as CSV in UTF-8 with a mark, so that Excel reads Chinese right."""
    text = io.StringIO()
    writer = csv.writer(text)
    header, lines = _table(columns, rows)
    writer.writerow([harmless(cell) for cell in header])
    writer.writerows([harmless(cell) for cell in line] for line in lines)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def as_xlsx(columns: Sequence[str], rows: Sequence[BatchRow]) -> bytes:
    """The sheet as an Excel workbook; rows without an accepted text also in a sheet of their own."""
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
        _write(book.add_worksheet("texts"), bold, *_table(columns, rows))
        apart = [row for row in rows if row.state != "done"]
        if apart:
            _write(book.add_worksheet("not accepted"), bold, *_table(columns, apart))
    return file.getvalue()


def harmless(cell: str) -> str:
    """A cell of a CSV file that no spreadsheet takes for a formula; numbers stay as they are."""
    if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell.strip()):
        return f"'{cell}"
    return cell


def _write(
    sheet: object, bold: object, header: Sequence[str], lines: Iterable[Sequence[str]]
) -> None:
    # The library has no types.
    sheet.freeze_panes(1, 0)  # type: ignore[attr-defined]
    for column, name in enumerate(header):
        sheet.write_string(0, column, name[:_MAX_EXCEL_CELL], bold)  # type: ignore[attr-defined]
    for at, line in enumerate(lines, start=1):
        for column, cell in enumerate(line):
            if cell:
                sheet.write_string(at, column, cell[:_MAX_EXCEL_CELL])  # type: ignore[attr-defined]


def _table(columns: Sequence[str], rows: Sequence[BatchRow]) -> tuple[list[str], list[list[str]]]:
    field_names = list(
        dict.fromkeys(name for row in rows if row.text for name, _ in row.text.fields)
    )
    added = ["text", *field_names, "state", "attempts", "error"]
    added += [f"check: {name}" for name in CHECK_ORDER]
    header = list(columns)
    for name in added:
        header.append(name if name not in columns else f"{name} (written)")
    return header, [_line(columns, field_names, row) for row in rows]


def _line(columns: Sequence[str], field_names: Sequence[str], row: BatchRow) -> list[str]:
    text = row.text
    fields: Mapping[str, str] = dict(text.fields) if text else {}
    checks = {check.name: check for check in text.checks} if text else {}
    line = [row.cells.get(column, "") for column in columns]
    line.append(text.content if text else "")
    line += [fields.get(name, "") for name in field_names]
    line += [row.state, str(row.n_attempts), str(row.error) if row.error else ""]
    for name in CHECK_ORDER:
        check = checks.get(name)
        line.append(f"{check.status}: {check.notice}" if check else "")
    return line
