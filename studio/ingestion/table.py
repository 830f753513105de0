"""Tables as text files: comma, semicolon, tab or pipe between the cells.

Finds the delimiter and the cells; what becomes of the rows, `grid` says. Nothing is dropped but empty
cells and empty rows; numbers and dates stay as written.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import NamedTuple

from studio.ingestion.decoding import Decoded, clean
from studio.ingestion.grid import SAMPLE_ROWS, no_header_notice, ragged_notice, write_grid
from studio.ingestion.pagetext import PageText
from studio.ingestion.result import Content
from studio.ingestion.text import empty_notice, encoding_notices
from studio.records import Notice

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_CHARACTERS = 64 * 1024
_LONGEST_QUOTED_CELL = 100  # lines; more means that a quote was never closed


class _Rows(NamedTuple):
    cells: list[list[str]]
    has_broken_quotes: bool


def read_table(name: str, decoded: Decoded, *, delimiter: str | None = None) -> Content:
    """The rows of a table as one page without a number; no page when every cell is empty.

    Rows above the header are kept as they are. Rows of another width than the header are kept too,
    and counted in a notice.
    """
    text = clean(decoded.text)
    grid, has_broken_quotes = _parse(text, delimiter or sniff_delimiter(text))
    page = PageText()
    shape = write_grid(grid, page)
    if page.is_empty:
        return Content(pages=(), notices=(empty_notice(name),))
    notices = list(encoding_notices(name, decoded))
    if shape.lacks_header:
        notices.append(no_header_notice(name))
    elif shape.n_short or shape.n_long:
        notices.append(ragged_notice(name, shape.n_short + shape.n_long, shape.n_rows))
    if has_broken_quotes:
        notices.append(
            Notice(
                "A quotation mark in {name} is opened and never closed, so every line was read as a "
                "row of its own.",
                name=name,
            )
        )
    return Content(
        pages=(page.page(),),
        notices=tuple(notices),
        is_complete=decoded.n_replaced == 0,
        n_rows=shape.n_rows,
        n_characters_dropped=decoded.n_replaced,
        n_rows_dropped=0,
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
    rows, _ = _parse(sample, delimiter)
    if len(text) > len(sample) and len(rows) > 1:
        rows.pop()  # cut off in the middle
    return [len(row) for row in rows[:SAMPLE_ROWS] if any(cell.strip() for cell in row)]


def _parse(text: str, delimiter: str) -> _Rows:
    """All rows; when the quotes do not fit together, every line as a row."""
    try:
        # Spaces after a delimiter may stand before a quote; the csv module would keep both.
        rows = list(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
        )
    except csv.Error:  # a cell above the module's limit: also a quote that was never closed
        rows = []
    if text and (
        not rows or any(cell.count("\n") > _LONGEST_QUOTED_CELL for row in rows for cell in row)
    ):
        # By hand: the csv module would refuse the same long cell again.
        return _Rows([line.split(delimiter) for line in text.split("\n")], True)
    return _Rows(rows, False)
