"""What a table row is called, searched by and filtered by, given what its columns are for.

The module knows no pages and no passages.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from studio.records import Cells, Row

Role = Literal["text", "title", "filter", "link", "ignore"]
"""What a table column is for: to be searched, to name the row, to filter by (and be searched, with its
name), to open, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLabels:
    """What goes with the passage of a row; the fields are those of `studio.records.Chunk`."""

    title: str = ""
    cells: Cells = ()
    indexed_text: str = ""


def row_at(rows: Sequence[Row], start: int, end: int) -> Row | None:
    """The row that a stretch of text lies in, of rows in order; None where it lies in none."""
    at = bisect_right(rows, start, key=lambda row: row.start) - 1
    return rows[at] if at >= 0 and end <= rows[at].end else None


def row_labels(row: Row, method: str, roles: tuple[tuple[str, Role], ...]) -> RowLabels:
    """Title, cells and searched text of a row.

    Without roles a row of questions is titled by its first cell, any other has no title and is
    searched by its whole text. A row whose searched columns are all empty is so, too.
    """
    role_of = dict(roles)
    if method == "questions" and "title" not in role_of.values() and row.cells:
        role_of.setdefault(row.cells[0][0], "title")
    if not role_of:
        return RowLabels(cells=row.cells)
    by_role = [(role_of.get(column, "text"), column, value) for column, value in row.cells]
    titles = [value for role, _, value in by_role if role == "title"]
    texts = [value for role, _, value in by_role if role == "text"]
    # "blue jacket", "price": what people narrow by is also what they ask for.
    filters = [
        f"{column}: {value}" for role, column, value in by_role if role == "filter" and value
    ]
    return RowLabels(
        title=" ".join(" ".join(titles).split()),
        cells=tuple((column, value) for role, column, value in by_role if role != "ignore"),
        indexed_text="\n".join([*titles, *texts, *filters]),
    )
