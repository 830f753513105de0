"""Tables as text files: comma, semicolon, tab or pipe between the cells.

Each row becomes one paragraph, "Column: value; Column: value", so that a row can be found and quoted
by itself. Nothing is dropped but empty cells and empty rows; numbers and dates stay as written.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from studio.ingestion.decoding import Decoded, clean
from studio.ingestion.result import Content
from studio.ingestion.text import empty_notice, encoding_notices
from studio.records import Notice, Page

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_CHARACTERS = 64 * 1024
_SAMPLE_ROWS = 200
_HEADER_SEARCH_ROWS = 10
_LONGEST_QUOTED_CELL = 100  # lines; more means that a quote was never closed
_MAX_NAME = 80
_NUMBER = re.compile(r"[-+]?[\d.,%$€£¥\s:/-]*\d[\d.,%$€£¥\s:/-]*")


class _Rows(NamedTuple):
    cells: list[list[str]]
    has_broken_quotes: bool


def read_table(name: str, decoded: Decoded, *, delimiter: str | None = None) -> Content:
    """The rows of a table as one page without a number; no page when every cell is empty.

    The header is guessed: the first of the upper rows that is about as wide as the table and holds
    no numbers. Rows above it are kept as they are. Rows of another width than the header are kept
    too, and counted in a notice.
    """
    text = clean(decoded.text)
    rows, has_broken_quotes = _parse(text, delimiter or sniff_delimiter(text))
    rows = [[" ".join(cell.split()) for cell in row] for row in rows]
    rows = [row for row in rows if any(row)]
    if not rows:
        return Content(pages=(), notices=(empty_notice(name),))
    at = _header_row(rows)
    header = [] if at is None else rows[at]
    above, body = ([], rows) if at is None else (rows[:at], rows[at + 1 :])
    lines = ["; ".join(filter(None, row)) for row in above]
    lines += [_line(header, row) for row in body]
    notices = [*encoding_notices(name, decoded), *_shape_notices(name, header, body)]
    if has_broken_quotes:
        notices.append(
            Notice(
                "A quotation mark in {name} is opened and never closed, so every line was read as a "
                "row of its own.",
                name=name,
            )
        )
    return Content(
        pages=(Page(text="\n\n".join(lines)),),
        notices=tuple(notices),
        is_complete=decoded.n_replaced == 0,
        n_rows=len(body),
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
    return [len(row) for row in rows[:_SAMPLE_ROWS] if any(cell.strip() for cell in row)]


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


def _header_row(rows: Sequence[Sequence[str]]) -> int | None:
    """The row that names the columns; None when no row does."""
    widths = Counter(len(row) for row in rows[1:_SAMPLE_ROWS] if len(row) > 1)
    if not widths:
        return None
    width = widths.most_common(1)[0][0]
    for at, row in enumerate(rows[: min(_HEADER_SEARCH_ROWS, len(rows) - 1)]):
        named = [cell for cell in row if cell]
        if any(_NUMBER.fullmatch(cell) for cell in named):
            return None
        if len(named) >= max(2, 0.6 * width) and all(len(cell) <= _MAX_NAME for cell in named):
            return at
    return None


def _line(header: Sequence[str], row: Sequence[str]) -> str:
    parts = []
    for column, cell in enumerate(row):
        title = header[column].rstrip(":") if column < len(header) else ""
        if cell:
            parts.append(f"{title}: {cell}" if title else cell)
    return "; ".join(parts)


def _shape_notices(name: str, header: Sequence[str], body: Sequence[Sequence[str]]) -> list[Notice]:
    if not header:
        return []
    n_ragged = sum(len(row) != len(header) for row in body)
    if not n_ragged:
        return []
    return [
        Notice(
            "{n_ragged} of {n_rows} rows of {name} have more or fewer cells than the header has. They "
            "were kept; values without a column stand without a name.",
            n_ragged=n_ragged,
            n_rows=len(body),
            name=name,
        )
    ]
