"""CSV files that people take away: Excel reads them right, and no cell is taken for a formula.

What people typed, uploaded or asked stands in these files. A cell that a spreadsheet would compute is
kept as text by an apostrophe before it, as OWASP advises ("CSV Injection", full-width signs included).
Knows no table.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

MARK = "\ufeff"
"""By which Excel knows UTF-8; without it Chinese reads as something else."""

_FORMULA = re.compile(r"^\s*[=+\-@\t\r|＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*%?")
_NOTHING = frozenset(
    ("nan", "null", "#n/a", "#null!", "#name?", "#ref!", "#value!", "#div/0!", "#num!")
)


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Rows as comma-separated text with `MARK` before it; None is an empty cell."""
    text = io.StringIO()
    text.write(MARK)
    writer = csv.writer(text)
    writer.writerows(
        [harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    return text.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers stay as they are."""
    if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell.strip()):
        return f"'{cell}"
    return cell


def as_it_was(cell: str) -> str:
    """A cell of a file that was taken away, without the apostrophe that `harmless` put before it."""
    was = cell.removeprefix("'")
    return was if was != cell and harmless(was) == cell else cell


def says_nothing(cell: str) -> bool:
    """Whether a cell is empty, or what spreadsheets and programs write into one for nothing."""
    text = cell.strip()
    return not text or text.casefold() in _NOTHING
