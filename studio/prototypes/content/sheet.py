"""A sheet of briefs: rows of cells by column, and which column fills which field of the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.prototypes.content.template import Variable
from studio.records import Notice

MAX_ROWS = 50_000
MAX_CELL_CHARACTERS = 50_000
"""A longer cell is refused, row by row; a model's context ends far below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table: its rows in the order of the file, empty cells left out."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """Which column fills which variable, as (variable, column); others stay empty."""

    columns: tuple[tuple[str, str], ...]

    def values(self, row: Mapping[str, str]) -> dict[str, str]:
        """The form that a row fills; a variable without a cell is an empty text."""
        return {variable: row.get(column, "") for variable, column in self.columns}


def read_sheet(name: str, content: bytes, *, max_bytes: int) -> Sheet:
    """The rows of a CSV or Excel file; of a workbook, the first sheet with rows.

    Raises:
        DataError: it cannot be read, has no table, no rows, or more than `MAX_ROWS`.
    """
    raise NotImplementedError


def guess_mapping(variables: Sequence[Variable], columns: Sequence[str]) -> ColumnMapping:
    """The column for each variable whose name or label is that of a column, else one that is alike."""
    raise NotImplementedError


def check_mapping(
    variables: Sequence[Variable], sheet: Sheet, mapping: ColumnMapping
) -> tuple[Notice, ...]:
    """What should be known before it runs: rows without a required cell, with how many.

    Raises:
        InvalidInput: a column is not in the sheet, or a required variable has none; `fields` names
            each variable with what is wrong.
    """
    raise NotImplementedError
