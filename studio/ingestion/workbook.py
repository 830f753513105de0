"""Excel workbooks (.xlsx): a page per worksheet, its rows as table rows.

Formulas give the value that was saved with them. Cells merged downwards count for each row that they
stand beside. Hidden worksheets are left out and told. Charts and pictures are not read.
"""

from __future__ import annotations

import io
import re
import time
import warnings
import zipfile
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studio.ingestion.cellvalues import shown
from studio.ingestion.decoding import clean
from studio.ingestion.failures import MALFORMED
from studio.ingestion.grid import (
    continued_notice,
    markup_notice,
    no_header_notice,
    unsure_header_notice,
    write_grid,
)
from studio.ingestion.pagetext import PageText
from studio.ingestion.result import Content, SheetForm
from studio.ingestion.text import empty_notice
from studio.ingestion.unpacking import damaged_office, package_problem
from studio.ingestion.word import pictures_notice
from studio.records import Notice, Page

if TYPE_CHECKING:
    from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MAX_SECONDS = 120.0
MAX_CELLS = 5_000_000
_MERGED = re.compile(rb'<mergeCell\s+ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
# A formula without a saved result. An empty text is a result, and has its type beside it.
_UNSOLVED = re.compile(
    rb'<c\b(?![^>]*\bt="str")[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*'
    rb"(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)


@dataclass(slots=True)
class _Reading:
    """What was met so far in all worksheets."""

    deadline: float
    clock: Callable[[], float]
    said: Mapping[str, bool]
    sheets: list[SheetForm] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    n_rows: int = 0
    n_cells: int = 0
    n_unsolved: int = 0
    is_cut: bool = False

    def is_over(self) -> bool:
        self.is_cut = self.is_cut or self.n_cells > MAX_CELLS or self.clock() > self.deadline
        return self.is_cut


def read_workbook(
    name: str,
    content: bytes,
    *,
    first_row_names: Mapping[str, bool] | None = None,
    max_seconds: float = MAX_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Content:
    """The worksheets that hold anything, each a page with its name.

    After `max_seconds` or `MAX_CELLS` reading stops, and what was read is kept. `first_row_names` says
    of worksheets, by name, whether a row names their columns; it is guessed of all others.
    """
    problem = package_problem(name, content)
    if problem is not None:
        return Content(pages=(), notices=(problem,))
    # Here, because it is slow to import and often not needed.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    # What it warns of (styles, charts, validation) is nothing that is read here.
    warnings.filterwarnings("ignore", module="openpyxl")
    reading = _Reading(deadline=clock() + max_seconds, clock=clock, said=first_row_names or {})
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            for sheet in book.worksheets:
                _read_sheet(name, sheet, reading)
        finally:
            book.close()
    except (*MALFORMED, InvalidFileException):
        if not reading.pages:
            return Content(pages=(), notices=(damaged_office(name),))
        reading.notices.append(Notice("The rest of {name} is damaged and was left out.", name=name))
        reading.is_cut = True
    n_pictures = _n_pictures(content)
    if n_pictures:
        reading.notices.append(pictures_notice(name, n_pictures))
    return _finished(name, reading)


def _n_pictures(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return sum(entry.startswith("xl/media/") for entry in package.namelist())


def _read_sheet(name: str, sheet: ReadOnlyWorksheet, reading: _Reading) -> None:
    if sheet.sheet_state != "visible":
        reading.hidden.append(sheet.title)
        return
    if reading.is_over():
        return
    with sheet._get_source() as source:  # the only way to what is not in the cells themselves
        xml = source.read()
    reading.n_unsolved += len(_UNSOLVED.findall(xml))
    merged = _merged_downwards(xml)
    del xml
    sheet.reset_dimensions()  # programs state them wrongly, and rows would be cut off
    grid = _without_empty_columns(list(_rows(sheet, merged, reading)))
    page, title = PageText(), clean(sheet.title)
    said = reading.said.get(title) if len(grid) > 1 else None  # with names alone it would be empty
    shape = write_grid(grid, page, first_row_names=said, has_markup=True)
    if page.is_empty:
        return
    if shape.is_unsure:
        reading.notices.append(unsure_header_notice(f"{name} ({title})", shape.header))
    if shape.lacks_header:
        reading.notices.append(no_header_notice(f"{name} ({title})"))
    if shape.n_marked:
        reading.notices.append(markup_notice(f"{name} ({title})", shape.n_marked))
    if shape.n_continued:
        reading.notices.append(continued_notice(f"{name} ({title})", shape.n_continued))
    if len(grid) > 1:
        reading.sheets.append(
            SheetForm(name=title, has_header=bool(shape.header), is_said=said is not None)
        )
    reading.n_rows += shape.n_rows
    reading.pages.append(page.page(name=title))


def _rows(
    sheet: ReadOnlyWorksheet, merged: dict[int, list[tuple[int, int]]], reading: _Reading
) -> Iterator[list[str]]:
    """The cells of each row that has any, without the empty ones at its end."""
    above: dict[int, tuple[int, str]] = {}  # column -> first row of a merged cell, its value
    for number, cells in enumerate(sheet.rows, start=1):
        if not cells:
            continue
        reading.n_cells += len(cells)
        if reading.is_over():
            return
        row = [shown(cell.value, _format_of(cell)) for cell in cells]
        if any(row):
            _fill_merged(row, number, merged, above)
        while row and not row[-1]:
            row.pop()
        if row:
            yield row


def _fill_merged(
    row: list[str],
    number: int,
    merged: dict[int, list[tuple[int, int]]],
    above: dict[int, tuple[int, str]],
) -> None:
    """Write the value of a cell merged downwards into the rows that it reaches over."""
    for column, spans in merged.items():
        at = bisect_right(spans, (number, 1 << 30)) - 1
        if at < 0 or number > spans[at][1]:
            continue
        row += [""] * (column - len(row))
        if spans[at][0] == number:
            above[column] = (number, row[column - 1])
        elif column in above and above[column][0] == spans[at][0]:
            row[column - 1] = row[column - 1] or above[column][1]


def _format_of(cell: ReadOnlyCell | EmptyCell) -> str:
    is_number = isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
    return str(cell.number_format) if is_number else "General"


def _merged_downwards(xml: bytes) -> dict[int, list[tuple[int, int]]]:
    """Column -> first and last row of each cell merged over several rows of it, in order."""
    from openpyxl.utils import column_index_from_string

    spans: dict[int, list[tuple[int, int]]] = {}
    for left, top, right, bottom in _MERGED.findall(xml):
        if left == right and int(top) < int(bottom):
            column = column_index_from_string(left.decode())
            spans.setdefault(column, []).append((int(top), int(bottom)))
    return {column: sorted(found) for column, found in spans.items()}


def _without_empty_columns(grid: list[list[str]]) -> list[list[str]]:
    used = sorted({column for row in grid for column, cell in enumerate(row) if cell})
    if used == list(range(len(used))):
        return grid
    return [[row[column] for column in used if column < len(row)] for row in grid]


def _finished(name: str, reading: _Reading) -> Content:
    notices = reading.notices
    if reading.n_unsolved:
        notices.append(
            Notice(
                "{n_cells} formulas of {name} were saved without their results and are left out. Open "
                "the file in Excel or WPS, save it and upload it again.",
                "One formula of {name} was saved without its result and is left out. Open the file in "
                "Excel or WPS, save it and upload it again.",
                n_cells=reading.n_unsolved,
                name=name,
            )
        )
    if reading.is_cut:
        notices.append(
            Notice(
                "{name} is too large to read at once: only its first {n_rows} rows were read. Split "
                "it and upload the parts.",
                name=name,
                n_rows=reading.n_rows,
            )
        )
    if reading.hidden:
        notices.append(
            Notice(
                "Hidden worksheets of {name} were left out: {sheets}. Show them in the file to have "
                "them read.",
                name=name,
                sheets=", ".join(map(clean, reading.hidden)),
            )
        )
    if not reading.pages and not notices:
        notices.append(empty_notice(name))
    is_complete = not (reading.n_unsolved or reading.is_cut or reading.hidden)
    return Content(
        pages=tuple(reading.pages),
        notices=tuple(notices),
        is_complete=is_complete,
        n_rows=reading.n_rows if reading.pages else None,
        n_characters_dropped=0 if is_complete else None,
        n_rows_dropped=None if reading.is_cut or reading.hidden else 0,
        sheets=tuple(reading.sheets),
    )
