"""Rows of cells to paragraphs and table rows; shared by every format that has tables.

Each row becomes one paragraph, "Column: value; Column: value", so that it can be found and quoted by
itself, and a table row with its cells by column. The header is guessed. Knows no file format.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from studio.ingestion.columns import is_column_name
from studio.ingestion.pagetext import PageText
from studio.ingestion.tags import without_tags
from studio.records import Cells, Notice

SAMPLE_ROWS = 200
_HEADER_SEARCH_ROWS = 10
_MAX_NAME = 80
_FEWEST_RUNS = 2  # of rows that begin alike
_MOST_RUNS = 0.9  # of them say a column only once
_FEWEST_ONCE = 3  # columns that are said once
_SURE_NAMES = 2  # cells that people call columns make a row of names of whatever stands above it
_NUMBER = re.compile(r"[-+]?[\d.,%$€£¥\s:/-]*\d[\d.,%$€£¥\s:/-]*")
_SHORT_CELL = 20
_YEAR = re.compile(r"(?:19|20)\d\d")
# Four words or eight Chinese characters with an end mark: a question or an answer, not a name.
_SENTENCE = re.compile(r"(?:\S+\s+){3,}\S*[.?!]|.*[\u4e00-\u9fff].{7,}[。？！?!]")


@dataclass(frozen=True, slots=True, kw_only=True)
class GridShape:
    """What a table turned out to be: its rows without the header, and how they differ from it.

    `header` is empty where no row names the columns. `n_short` and `n_long` count the rows with fewer
    and with more cells than the header has; 0 without a header. `n_columns` is the width of the
    widest row. `is_unsure` says that the header may as well be a row like the others. `n_marked` cells
    had HTML in them, which is read as its text. `n_continued` rows go on with the one above and took
    from it what they left empty.
    """

    n_rows: int = 0
    header: tuple[str, ...] = ()
    n_short: int = 0
    n_long: int = 0
    n_columns: int = 0
    is_unsure: bool = False
    n_marked: int = 0
    n_continued: int = 0

    @property
    def lacks_header(self) -> bool:
        """Whether there are columns whose names would be of use."""
        return not self.header and self.n_columns > 1 and self.n_rows > 1


def write_grid(
    grid: Sequence[Sequence[str]],
    into: PageText,
    *,
    first_row_names: bool | None = None,
    has_markup: bool = False,
) -> GridShape:
    """Write a table, row by row; what stands above its header is written as plain paragraphs.

    Args:
        grid: clean cells; runs of white space in a cell become one space (`Row.written` has them as
            they came), empty rows are passed over.
        into: the page that is being written.
        first_row_names: whether a row names the columns, the first where none looks like it; guessed
            by default.
        has_markup: whether it may be what a shop exported: HTML in a cell is markup then, and rows go
            on with the one above; else HTML is what the cell says.
    """
    came = [row for row in grid if any(cell.strip() for cell in row)]
    plain = [[without_tags(cell) or cell for cell in row] for row in came] if has_markup else came
    rows = [[" ".join(cell.split()) for cell in row] for row in plain]
    at = _header_at(rows, first_row_names)
    header = [] if at is None else [cell.rstrip(":：") for cell in rows[at]]
    above, body = ([], rows) if at is None else (rows[:at], rows[at + 1 :])
    for row in above:
        into.add("; ".join(filter(None, row)))
    body, n_continued = _continued(body) if has_markup and header else (body, 0)
    names = column_names(header, max(map(len, rows), default=0))
    for row, written in zip(body, came[len(rows) - len(body) :], strict=True):
        into.add(_line(header, row), _cells(names, row), _cells(names, written))
    return GridShape(
        n_rows=len(body),
        header=tuple(header),
        n_short=sum(len(row) < len(header) for row in body) if header else 0,
        n_long=sum(len(row) > len(header) for row in body) if header else 0,
        n_columns=max(map(len, body), default=0),
        is_unsure=first_row_names is None and at is not None and _may_be_a_row(rows[at], body),
        n_marked=sum(map(_n_unlike, plain, came)) if has_markup else 0,
        n_continued=n_continued,
    )


def _continued(rows: list[list[str]]) -> tuple[list[list[str]], int]:
    """The rows, with what those that go on with the one above leave empty; how many did.

    Shops export a product of several sizes as a row each, and say title and description in the first
    one only: the first column repeats, and the same other ones are always empty below.
    """
    runs = [list(run) for _, run in groupby(range(len(rows)), key=lambda at: rows[at][:1])]
    longer = [run for run in runs if len(run) > 1 and rows[run[0]][0]]
    said_once = [
        {at for at, cell in enumerate(rows[run[0]]) if cell}
        - {at for below in run[1:] for at, cell in enumerate(rows[below]) if cell}
        for run in longer
    ]
    counts = Counter(column for columns in said_once for column in columns)
    columns = [at for at, n in counts.items() if n >= _MOST_RUNS * len(longer)]
    if len(longer) < _FEWEST_RUNS or len(columns) < _FEWEST_ONCE:
        return rows, 0
    filled = [list(row) for row in rows]
    for run, first in ((run, rows[run[0]]) for run in longer):
        for row in (filled[below] for below in run[1:]):
            row += [""] * (len(first) - len(row))
            for at in columns:
                row[at] = row[at] or (first[at] if at < len(first) else "")
    return filled, sum(len(run) - 1 for run in longer)


def _n_unlike(row: Sequence[str], other: Sequence[str]) -> int:
    return sum(cell != of_other for cell, of_other in zip(row, other, strict=True))


def _header_at(rows: Sequence[Sequence[str]], first_row_names: bool | None) -> int | None:
    """The row that names the columns, as somebody said or by a guess."""
    if first_row_names is False or not rows:
        return None
    guessed = header_row(rows)  # with a title above the names that is not the first
    if not first_row_names or guessed is not None:
        return guessed
    width = _usual_width(rows)
    return next((at for at, row in enumerate(rows) if _is_wide(row, width)), 0)


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

    Years in a row, one after the other, may be names. Above it may stand a title and lines such as
    "Exported: 2026-11-30"; below a wide row with numbers only what people call columns is believed to
    be names. None when no row names the columns.
    """
    width = _usual_width(rows)
    if not width:
        return None
    is_below_numbers = False
    for at, row in enumerate(rows[: min(_HEADER_SEARCH_ROWS, len(rows) - 1)]):
        named = [cell for cell in row if cell]
        is_wide = _is_wide(row, width)
        numbers = [cell for cell in named if _NUMBER.fullmatch(cell)]
        if numbers and not (len(numbers) < len(named) and _are_years(numbers)):
            is_below_numbers = is_below_numbers or is_wide
        elif is_wide and all(len(cell) <= _MAX_NAME for cell in named):
            n_known = sum(map(is_column_name, named))
            if n_known >= _SURE_NAMES or not (
                is_below_numbers or any(map(_SENTENCE.fullmatch, named))
            ):
                return at
            if not is_below_numbers:
                return None
    return None


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    """The width of most rows, of those with more than one cell; 0 where there are none."""
    widths = Counter(len(row) for row in rows[1:SAMPLE_ROWS] if len(row) > 1)
    return widths.most_common(1)[0][0] if widths else 0


def _is_wide(row: Sequence[str], width: int) -> bool:
    return sum(map(bool, row)) >= max(2, 0.6 * width)


def _may_be_a_row(header: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether a header is as long as what stands below it, and that is words as well."""
    sample = body[:SAMPLE_ROWS]
    cells = [cell for row in sample for cell in row if cell]
    if not cells or any(is_column_name(cell) for cell in header):
        return False
    is_all_words = not any(character.isdigit() for cell in cells for character in cell)
    longest = max(map(len, header))
    return is_all_words and max(map(len, cells)) <= max(_SHORT_CELL, 2 * longest)


def unsure_header_notice(name: str, header: Sequence[str]) -> Notice:
    """What to tell about a header that may be a row of the table."""
    return Notice(
        "The first row of {name} was taken for the names of the columns: {names}. If it is a row like "
        "the others, say so when you add the file.",
        name=name,
        names=", ".join(filter(None, header)),
    )


def markup_notice(name: str, n_cells: int) -> Notice:
    """What to tell about a table with HTML in its cells."""
    return Notice(
        "{n_cells} cells of {name} hold HTML, of which the text was kept.",
        "One cell of {name} holds HTML, of which the text was kept.",
        n_cells=n_cells,
        name=name,
    )


def continued_notice(name: str, n_rows: int) -> Notice:
    """What to tell about rows that go on with the one above."""
    return Notice(
        "{n_rows} rows of {name} go on with the row above, as sizes of a product do, and took from it "
        "what they leave empty.",
        "One row of {name} goes on with the row above, as sizes of a product do, and took from it what "
        "it leaves empty.",
        n_rows=n_rows,
        name=name,
    )


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
        "One row of {name} has more or fewer cells than the header has. It was kept; "
        "values without a column stand without a name.",
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
    return tuple((name, cell) for name, cell in zip(names, row, strict=False) if cell.strip())
