"""Tables as text files: comma, semicolon, tab or pipe between the cells.

Finds the delimiter and the cells; what becomes of the rows, `grid` says. Nothing is dropped but empty
cells and empty rows; numbers and dates stay as written.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from studio.ingestion.decoding import Decoded, for_parsing
from studio.ingestion.grid import (
    SAMPLE_ROWS,
    continued_notice,
    markup_notice,
    no_header_notice,
    ragged_notice,
    unsure_header_notice,
    write_grid,
)
from studio.ingestion.pagetext import PageText
from studio.ingestion.result import Content, TableForm
from studio.ingestion.text import empty_notice, encoding_notices
from studio.records import Notice

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_CHARACTERS = 64 * 1024
_LONGEST_CELL = 100  # lines; more, where quotes are broken, means that one swallowed what follows
_MARK = "\x1e"  # cleaned text never has it
# A cell may be as long as a file. The limit is the whole process's, which nothing here relies on.
csv.field_size_limit(2**31 - 1)


class _Rows(NamedTuple):
    cells: list[list[str]]
    has_broken_quotes: bool


def read_table(
    name: str,
    decoded: Decoded,
    *,
    delimiter: str | None = None,
    first_row_names: bool | None = None,
) -> Content:
    """The rows of a table as one page without a number; no page when every cell is empty.

    Rows above the header are kept as they are. Rows of another width than the header are kept too,
    and counted in a notice. `delimiter` and `first_row_names` (whether the first row names the
    columns) are guessed by default.
    """
    text = for_parsing(decoded.text)
    delimiter = delimiter or sniff_delimiter(text)
    grid, has_broken_quotes = _parse(text, delimiter)
    page = PageText()
    shape = write_grid(grid, page, first_row_names=first_row_names, has_markup=True)
    if page.is_empty:
        return Content(pages=(), notices=(empty_notice(name),))
    notices = list(encoding_notices(name, decoded))
    if shape.is_unsure:
        notices.append(unsure_header_notice(name, shape.header))
    if shape.lacks_header:
        notices.append(no_header_notice(name))
    elif shape.n_short or shape.n_long:
        notices.append(ragged_notice(name, shape.n_short + shape.n_long, shape.n_rows))
    if shape.n_marked:
        notices.append(markup_notice(name, shape.n_marked))
    if shape.n_continued:
        notices.append(continued_notice(name, shape.n_continued))
    if has_broken_quotes:
        notices.append(broken_quotes_notice(name))
    return Content(
        pages=(page.page(),),
        notices=tuple(notices),
        is_complete=decoded.n_replaced == 0 and not has_broken_quotes,
        n_rows=shape.n_rows,
        n_characters_dropped=decoded.n_replaced,
        n_rows_dropped=0,
        form=TableForm(
            encoding=decoded.encoding, delimiter=delimiter, has_header=bool(shape.header)
        ),
    )


def broken_quotes_notice(name: str) -> Notice:
    """What to tell about a table that was read line by line."""
    return Notice(
        "A quotation mark in {name} is opened and never closed, so every line was read as a "
        "row of its own.",
        name=name,
    )


def sniff_delimiter(text: str) -> str:
    """The delimiter that gives the most rows of the same width, a comma when none separates."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = _sample_widths(text, delimiter)
        wide = Counter(width for width in widths if width > 1)
        if not wide:
            continue
        width, n_rows = wide.most_common(1)[0]
        score = (round(n_rows / len(widths), 2), width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def looks_like_table(text: str) -> bool:
    """Whether a text is surely a table: three rows or more, all of the same width.

    Prose must never pass for a table, so commas need three columns of short cells.
    """
    delimiter = sniff_delimiter(text)
    widths = _sample_widths(text, delimiter)
    if len(widths) < 3 or len(set(widths)) != 1 or widths[0] < (3 if delimiter == "," else 2):
        return False
    sample = text[:_SAMPLE_CHARACTERS]
    if delimiter == "," and sample.count(", ") > 0.5 * sample.count(","):
        return False  # people put a space after a comma, programs do not
    lines = sample.splitlines()
    if any(line.startswith("|") for line in lines):  # a Markdown table keeps its own form
        return False
    return sum(map(len, lines)) / max(1, len(lines)) < 40 * widths[0]


def _sample_widths(text: str, delimiter: str) -> list[int]:
    sample = text[:_SAMPLE_CHARACTERS]
    if len(text) == len(sample):
        rows = _parse(sample, delimiter).cells
    else:  # without the last one, which is cut off; also where that is in the middle of a cell
        rows = list(_reader(sample, delimiter))[:-1] or _by_lines(sample, delimiter)
    return [len(row) for row in rows[:SAMPLE_ROWS] if any(cell.strip() for cell in row)]


def _parse(text: str, delimiter: str) -> _Rows:
    """All rows; where the quotes do not fit together, every line as a row.

    A quote that is closed where no cell ends may be of the text itself, unless it took a great many
    lines along.
    """
    rows, n_lines = [], 0
    reader = _reader(text, delimiter, strict=True)
    try:
        for row in reader:
            rows.append(row)
            n_lines = reader.line_num
    except csv.Error:
        pass
    else:
        return _Rows(rows, False)
    *loose, last = _reader(f"{text}\n{_MARK}", delimiter)
    is_open = last != [_MARK]
    if is_open and len(loose) == len(rows):  # all is well up to the row that is not closed
        return _Rows(rows + _by_lines(text, delimiter)[n_lines:], True)
    if is_open or any(cell.count("\n") > _LONGEST_CELL for row in loose for cell in row):
        return _Rows(_by_lines(text, delimiter), True)
    return _Rows(loose, False)


def _reader(text: str, delimiter: str, *, strict: bool = False) -> Reader:
    # Spaces after a delimiter may stand before a quote; the csv module would keep both.
    return csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=strict
    )


def _by_lines(text: str, delimiter: str) -> list[list[str]]:
    return [line.split(delimiter) for line in text.split("\n")]
