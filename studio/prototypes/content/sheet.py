"""A sheet of briefs: rows of cells by column, and which column fills which field of the form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.errors import DataError, InvalidInput
from studio.ingestion.reader import read_files
from studio.ingestion.result import ReadFile
from studio.prototypes.content.form import MAX_FIELD_CHARACTERS
from studio.prototypes.content.template import Variable
from studio.records import Notice

MAX_ROWS = 50_000
ALIKE = 80
"""How alike a column's name must be to fill a field unasked, 0 to 100 (rapidfuzz's ratio)."""


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
    files = read_files(name, content, max_bytes=max_bytes)
    for file in files:
        for page in file.pages:
            rows = tuple(dict(row.cells) for row in page.rows)
            if rows and not _is_header_alone(rows):
                return _sheet(file, rows)
    refused = next((file for file in files if file.status == "refused" and file.notices), None)
    if refused is not None:
        raise DataError("{reason}", reason=refused.notices[0])
    raise DataError(
        "{name} holds no table with rows. Upload a CSV or Excel file whose first row names the "
        "columns.",
        name=name,
    )


def guess_mapping(variables: Sequence[Variable], columns: Sequence[str]) -> ColumnMapping:
    """The column for each variable whose name or label is that of a column, else one that is alike.

    Each column fills one variable at most; exact names come before similar ones.
    """
    from rapidfuzz import fuzz

    found: dict[str, str] = {}
    free = list(columns)
    for least in (100, ALIKE):
        for variable in variables:
            if variable.name in found:
                continue
            scored = [
                (max(fuzz.ratio(_plain(column), _plain(name)) for name in names), column)
                for column in free
                if (names := (variable.name, variable.label))
            ]
            score, column = max(scored, key=lambda one: one[0], default=(0.0, ""))
            if score >= least:
                found[variable.name] = column
                free.remove(column)
    return ColumnMapping(
        columns=tuple((v.name, found[v.name]) for v in variables if v.name in found)
    )


def check_mapping(
    variables: Sequence[Variable], sheet: Sheet, mapping: ColumnMapping
) -> tuple[Notice, ...]:
    """What should be known before it runs: rows without a required cell, with how many.

    Raises:
        InvalidInput: a column is not in the sheet, or a required variable has none; `fields` names
            each variable with what is wrong.
    """
    mapped = dict(mapping.columns)
    problems: dict[str, Notice] = {}
    for variable in variables:
        column = mapped.get(variable.name, "")
        if not column and variable.required:
            problems[variable.name] = Notice(
                "{field} needs a column: choose one of {columns}.",
                field=variable.label,
                columns=", ".join(sheet.columns),
            )
        elif column and column not in sheet.columns:
            problems[variable.name] = Notice(
                "The sheet has no column {column}. It has: {columns}.",
                column=column,
                columns=", ".join(sheet.columns),
            )
    if problems:
        raise InvalidInput(
            "The columns do not fit the form yet. {problem}",
            fields=problems,
            problem=next(iter(problems.values())),
        )
    return tuple(_notices(variables, sheet, mapped))


def _notices(
    variables: Sequence[Variable], sheet: Sheet, mapped: Mapping[str, str]
) -> list[Notice]:
    notices = []
    for variable in variables:
        column = mapped.get(variable.name, "")
        cells = [row.get(column, "") for row in sheet.rows] if column else []
        n_empty = sum(not cell.strip() for cell in cells) if variable.required else 0
        n_long = sum(len(cell) > MAX_FIELD_CHARACTERS for cell in cells)
        if n_empty:
            notices.append(
                Notice(
                    "Rows without a cell in {column}, which {field} needs: {n}. They will fail and "
                    "stand apart.",
                    column=column,
                    field=variable.label,
                    n=n_empty,
                )
            )
        if n_long:
            notices.append(
                Notice(
                    "Rows with more than {limit:,} characters in {column}: {n}. They will fail and "
                    "stand apart.",
                    column=column,
                    limit=MAX_FIELD_CHARACTERS,
                    n=n_long,
                )
            )
    return notices


def _sheet(file: ReadFile, rows: tuple[dict[str, str], ...]) -> Sheet:
    if len(rows) > MAX_ROWS:
        raise DataError(
            "{name} has {n:,} rows; at most {limit:,} can be written at once. Split the sheet.",
            name=file.name,
            n=len(rows),
            limit=MAX_ROWS,
        )
    columns = dict.fromkeys(column.name for column in file.columns)
    columns |= dict.fromkeys(column for row in rows for column in row)
    return Sheet(name=file.name, columns=tuple(columns), rows=rows, notices=tuple(file.notices))


def _is_header_alone(rows: Sequence[Mapping[str, str]]) -> bool:
    """Whether the only row names the columns: a reader that finds no header numbers them."""
    return len(rows) == 1 and all(re.fullmatch(r"Column \d+", column) for column in rows[0])


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", name).casefold()
