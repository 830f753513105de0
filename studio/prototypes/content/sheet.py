"""A sheet of briefs: rows of cells by column, and which column fills which field of the form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from studio.errors import DataError, InvalidInput
from studio.ingestion.reader import read_files
from studio.ingestion.result import ReadFile
from studio.prototypes.content.form import MAX_FIELD_CHARACTERS
from studio.prototypes.content.template import Variable
from studio.records import Notice, Page

MAX_ROWS = 50_000
MAX_NAME = 80
SHEETS = (".csv", ".tsv", ".txt", ".xls", ".xlsx", ".xlsm", ".ods", ".zip")
"""Names of what could be a sheet: why such a file was not read helps; of a picture it would mislead."""
NAMELESS = "Column 1"
"""What readers call the only column of a table: they cannot tell its name from its first row."""
ALIKE = 80
"""How alike a column's name must be to fill a field unasked, 0 to 100 (rapidfuzz's ratio)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table: its rows in the order of the file, cells as they came, empty ones left out.

    `tables` are the names of all tables of its file that have rows, this one's among them; () where it
    is the only one.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    notices: tuple[Notice, ...] = ()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """Which column fills which variable, as (variable, column); others stay empty."""

    columns: tuple[tuple[str, str], ...]

    def values(self, row: Mapping[str, str]) -> dict[str, str]:
        """The form that a row fills; a variable without a cell is an empty text."""
        return {variable: row.get(column, "") for variable, column in self.columns}


def read_sheet(name: str, content: bytes, *, max_bytes: int, table: str = "") -> Sheet:
    """The rows of a CSV or Excel file.

    A table of one column has its name in the first row, whatever stands there.

    Args:
        name: of the file.
        content: the whole file.
        max_bytes: larger files are refused.
        table: which worksheet (of a compressed folder: which file), by its name in `Sheet.tables`; the
            first one with rows by default.

    Raises:
        DataError: it cannot be read, has no table, no such one, no rows, or more than `MAX_ROWS`.
    """
    files = read_files(name, content, max_bytes=max_bytes)
    tables = {
        _name_of(file, page, len(files)): (file, page)
        for file in files
        for page in file.pages
        if page.rows and not _is_header_alone(page)
    }
    if not tables:
        raise _without_rows(name, files)
    if table and table not in tables:
        raise DataError(
            "{name} has no table {table} with rows. It has: {tables}.",
            name=name,
            table=table,
            tables=", ".join(tables),
        )
    taken = table or next(iter(tables))
    sheet = _sheet(*tables[taken])
    if len(tables) == 1:
        return sheet
    told = Notice(
        "{name} has {n} tables with rows. This is {taken}; the others are: {others}.",
        name=name,
        n=len(tables),
        taken=taken,
        others=", ".join(one for one in tables if one != taken),
    )
    return replace(
        sheet,
        name=taken if len(files) > 1 else f"{name} ({taken})",
        notices=(told, *sheet.notices),
        tables=tuple(tables),
    )


def _name_of(file: ReadFile, page: Page, n_files: int) -> str:
    """What a table is called among the others of its file."""
    if n_files == 1:
        return page.name or str(page.number or "") or file.name
    return f"{file.name} ({page.name})" if page.name else file.name


def _without_rows(name: str, files: Sequence[ReadFile]) -> DataError:
    refused = next((file for file in files if file.status == "refused" and file.notices), None)
    if refused is not None and name.lower().endswith(SHEETS):
        return DataError("{reason}", reason=refused.notices[0])
    return DataError(
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


def _sheet(file: ReadFile, page: Page) -> Sheet:
    rows = tuple(dict(row.written or row.cells) for row in page.rows)
    notices = list(file.notices)
    columns = _columns(rows)
    if columns == (NAMELESS,):
        name, rows = _named(page)
        columns = (name,)
        notices.append(
            Notice("The first row was taken for the name of the column: {name}.", name=name)
        )
    if len(rows) > MAX_ROWS:
        raise DataError(
            "{name} has {n:,} rows; at most {limit:,} can be written at once. Split the sheet.",
            name=file.name,
            n=len(rows),
            limit=MAX_ROWS,
        )
    return Sheet(name=file.name, columns=columns, rows=rows, notices=tuple(notices))


def _columns(rows: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """The columns of all rows, each after the one that it follows in the first row that has it."""
    columns: list[str] = []
    for row in rows:
        if all(column in columns for column in row):
            continue
        at = 0
        for column in row:
            if column not in columns:
                columns.insert(at, column)
            at = columns.index(column) + 1
    return tuple(columns)


def _named(page: Page) -> tuple[str, tuple[dict[str, str], ...]]:
    """The name of the only column, and the rows under it: no reader can tell such a name from a row."""
    first, *rest = page.rows
    name = first.cells[0][1][:MAX_NAME].rstrip(":： ")
    return name, tuple({name: (row.written or row.cells)[0][1]} for row in rest)


def _is_header_alone(page: Page) -> bool:
    """Whether the only row names the columns: a reader that finds no header numbers them."""
    return len(page.rows) == 1 and all(
        re.fullmatch(r"Column \d+", column) for column, _ in page.rows[0].cells
    )


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", name).casefold()
