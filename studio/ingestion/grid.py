"""Rows of cells to paragraphs and table rows; shared by every format that has tables.

Each row becomes one paragraph, "Column: value; Column: value", so that it can be found and quoted by
itself, and a table row with its cells by column. The header is guessed. Knows no file format.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from studio.ingestion.pagetext import PageText
from studio.records import Cells, Notice

SAMPLE_ROWS = 200
_HEADER_SEARCH_ROWS = 10
_MAX_NAME = 80
_NUMBER = re.compile(r"[-+]?[\d.,%$€£¥\s:/-]*\d[\d.,%$€£¥\s:/-]*")
_YEAR = re.compile(r"(?:19|20)\d\d")
# Four words or eight Chinese characters with an end mark: a question or an answer, not a name.
_SENTENCE = re.compile(r"(?:\S+\s+){3,}\S*[.?!]|.*[\u4e00-\u9fff].{7,}[。？！?!]")


@dataclass(frozen=True, slots=True, kw_only=True)
class GridShape:
    """What a table turned out to be: its rows without the header, and how they differ from it.

    `header` is empty where no row names the columns. `n_short` and `n_long` count the rows with fewer
    and with more cells than the header has; 0 without a header. `n_columns` is the width of the
    widest row.
    """

    n_rows: int = 0
    header: tuple[str, ...] = ()
    n_short: int = 0
    n_long: int = 0
    n_columns: int = 0

    @property
    def lacks_header(self) -> bool:
        """Whether there are columns whose names would be of use."""
        return not self.header and self.n_columns > 1 and self.n_rows > 1


def write_grid(grid: Sequence[Sequence[str]], into: PageText) -> GridShape:
    """Write a table, row by row; what stands above its header is written as plain paragraphs.

    Args:
        grid: clean cells; runs of white space in a cell become one space, empty rows are passed over.
        into: the page that is being written.
    """
    rows = [[" ".join(cell.split()) for cell in row] for row in grid]
    rows = [row for row in rows if any(row)]
    at = header_row(rows)
    header = [] if at is None else [cell.rstrip(":：") for cell in rows[at]]
    above, body = ([], rows) if at is None else (rows[:at], rows[at + 1 :])
    for row in above:
        into.add("; ".join(filter(None, row)))
    names = column_names(header, max(map(len, rows), default=0))
    for row in body:
        into.add(_line(header, row), _cells(names, row))
    return GridShape(
        n_rows=len(body),
        header=tuple(header),
        n_short=sum(len(row) < len(header) for row in body) if header else 0,
        n_long=sum(len(row) > len(header) for row in body) if header else 0,
        n_columns=max(map(len, body), default=0),
    )


def column_names(header: Sequence[str], width: int) -> list[str]:
    """A name for each of at least `width` columns, every one different.

    Columns without a name are "Column 3", by their place from 1; a name that was there before gets
    its count: "Size", "Size (2)".
    """
    names: list[str] = []
    taken: set[str] = set()
    for column in range(max(width, len(header))):
        title = header[column] if column < len(header) else ""
        name = title = title or f"Column {column + 1}"
        count = 1
        while name in taken:
            count += 1
            name = f"{title} ({count})"
        taken.add(name)
        names.append(name)
    return names


def header_row(rows: Sequence[Sequence[str]]) -> int | None:
    """The row that names the columns: the first that is about as wide as the table, without numbers.

    Years in a row, one after the other, may be names. None when no row names the columns.
    """
    widths = Counter(len(row) for row in rows[1:SAMPLE_ROWS] if len(row) > 1)
    if not widths:
        return None
    width = widths.most_common(1)[0][0]
    for at, row in enumerate(rows[: min(_HEADER_SEARCH_ROWS, len(rows) - 1)]):
        named = [cell for cell in row if cell]
        numbers = [cell for cell in named if _NUMBER.fullmatch(cell)]
        if numbers and not (len(numbers) < len(named) and _are_years(numbers)):
            return None
        if len(named) >= max(2, 0.6 * width) and all(len(cell) <= _MAX_NAME for cell in named):
            return None if any(map(_SENTENCE.fullmatch, named)) else at
    return None


def no_header_notice(name: str) -> Notice:
    """What to tell about a table whose columns have no names."""
    return Notice(
        "No row of {name} names the columns, so they are called Column 1, Column 2 and so on. Add a "
        "first row with names to search and filter by them.",
        name=name,
    )


def ragged_notice(name: str, n_ragged: int, n_rows: int) -> Notice:
    """What to tell about rows of another width than the header."""
    return Notice(
        "{n_ragged} of {n_rows} rows of {name} have more or fewer cells than the header has. They "
        "were kept; values without a column stand without a name.",
        n_ragged=n_ragged,
        n_rows=n_rows,
        name=name,
    )


def _are_years(cells: Sequence[str]) -> bool:
    if len(cells) < 2 or not all(_YEAR.fullmatch(cell) for cell in cells):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(cells)}
    return steps in ({1}, {-1})


def _line(header: Sequence[str], row: Sequence[str]) -> str:
    parts = []
    for column, cell in enumerate(row):
        title = header[column] if column < len(header) else ""
        if cell:
            parts.append(f"{title}: {cell}" if title else cell)
    return "; ".join(parts)


def _cells(names: Sequence[str], row: Sequence[str]) -> Cells:
    return tuple((name, cell) for name, cell in zip(names, row, strict=False) if cell)
