"""Where everything stands in the workbook of a business model: cells by key, and formulas with cells."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from studio.economics.business_case import BusinessCase
from studio.economics.business_model import Line
from studio.economics.excel_formula import ExcelWriter, break_evens
from studio.economics.plan import HORIZON_MONTHS, LAGS, STARTS, plan_lines

FIRST_ROW = 4  # counted from 0: a title, a line of explanation, an empty row and the head above it
VALUE = 1  # the column of values
MONTHS_ROW = FIRST_ROW
_TABLE_ROW = 8  # of the servers: above it stand the results


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheets:
    """The names of the sheets, in the user's language."""

    summary: str
    assumptions: str
    month: str
    plan: str
    servers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The cells of a case's workbook."""

    case: BusinessCase
    sheets: Sheets
    inputs: Mapping[str, int] = field(init=False)
    lines: Mapping[str, int] = field(init=False)
    columns: Mapping[str, int] = field(init=False)
    searches: Mapping[str, tuple[Line, ast.Call]] = field(init=False)
    """The break-evens by their text; each has two columns on the sheet of servers."""

    def __post_init__(self) -> None:
        """Give everything its place."""
        model = self.case.model
        places: dict[str, Mapping[str, object]] = {
            "inputs": {f.key: FIRST_ROW + i for i, f in enumerate(self.case.inputs)},
            "lines": {line.key: FIRST_ROW + i for i, line in enumerate(model.lines)},
            "columns": {line.key: 1 + i for i, line in enumerate(plan_lines(model))},
            "searches": {
                ast.unparse(call): (line, call)
                for line in model.lines
                for call in break_evens(line.parsed)
            },
        }
        for name, place in places.items():
            object.__setattr__(self, name, place)

    @property
    def n_servers(self) -> int:
        """Rows of the table of servers."""
        return len(self.case.serving.steps.max_rates)

    @property
    def server_rows(self) -> range:
        """Rows of the table of servers, counted from 0."""
        return range(_TABLE_ROW, _TABLE_ROW + self.n_servers)

    def month_formula(self, line: Line) -> str:
        """A line of the month."""
        return self.month_writer.write(line.parsed)

    @property
    def month_writer(self) -> ExcelWriter:
        """Writes formulas of the sheet of the month and of the servers."""
        return self._writer(self._month_cell)

    def plan_formula(self, line: Line, month: int) -> str:
        """A column of the plan in a month, counted from 0."""
        return self._writer(lambda name: self._plan_cell(name, month)).write(line.parsed)

    def search_columns(self, text: str) -> tuple[int, int]:
        """The columns of a break-even: units that pay so many servers, and those that they carry."""
        position = list(self.searches).index(text)
        return 2 + 2 * position, 3 + 2 * position

    def search_row(self, text: str) -> int:
        """The row in which the result of a break-even stands."""
        return FIRST_ROW + list(self.searches).index(text)

    def rates(self) -> str:
        """The range of what the servers carry."""
        return self._server_column("B")

    def _server_column(self, column: str) -> str:
        rows = self.server_rows
        first, last = rows[0] + 1, rows[-1] + 1
        return f"{_quoted(self.sheets.servers)}!${column}${first}:${column}${last}"

    def may_be_missing(self, missing: Sequence[str] = ()) -> frozenset[str]:
        """The lines that have no value for some numbers, and all that use them.

        Args:
            missing: inputs that have none now.
        """
        found = set(missing)
        for line in self.case.model.lines:
            can_miss = line.otherwise is not None or bool(break_evens(line.parsed))
            if can_miss or not found.isdisjoint(line.parsed.names):
                found.add(line.key)
        return frozenset(found)

    def input_cell(self, key: str) -> str:
        """The cell of an assumption."""
        return f"{_quoted(self.sheets.assumptions)}!$B${self.inputs[key] + 1}"

    def line_cell(self, key: str) -> str:
        """The cell of a line of the month."""
        return f"{_quoted(self.sheets.month)}!$B${self.lines[key] + 1}"

    def plan_cell(self, key: str, month: int) -> str:
        """The cell of a column of the plan, the month counted from 0."""
        row = MONTHS_ROW + month + 1
        return f"{_quoted(self.sheets.plan)}!${letters(self.columns[key])}${row}"

    def _writer(self, cell_of: Callable[[str], str]) -> ExcelWriter:
        return ExcelWriter(
            cell_of=cell_of, replicas_for=self._replicas_for, least_units=self._least_units
        )

    def _month_cell(self, name: str) -> str:
        return self.input_cell(name) if name in self.inputs else self.line_cell(name)

    def _plan_cell(self, name: str, month: int) -> str:
        row = MONTHS_ROW + month + 1
        if name == "month":
            return f"$A{row}"
        if name in LAGS:
            return self._lagged(name, row)
        before = name.removesuffix("_before")
        if before != name and before in STARTS:
            if month == 0:
                return self.input_cell(STARTS[before])
            return f"{letters(self.columns[before])}{row - 1}"
        if name in self.columns:
            return f"{letters(self.columns[name])}{row}"
        return self._month_cell(name)

    def _lagged(self, name: str, row: int) -> str:
        column, key = LAGS[name]
        name, lag = letters(self.columns[column]), f"ROUND({self.input_cell(key)},0)"
        first, last = MONTHS_ROW + 1, MONTHS_ROW + HORIZON_MONTHS
        months = f"${name}${first}:${name}${last}"
        return f"IF($A{row}>{lag},INDEX({months},$A{row}-{lag}),0)"

    def _replicas_for(self, rate: str) -> str:
        steps = self.case.serving.steps
        if not steps.is_limited:
            return repr(float(steps.sizes[0]))
        rates, n = self.rates(), self.n_servers
        last = rates.split(":")[0].rsplit("$", 1)[0] + f"${self.server_rows[-1] + 1}"
        beyond = f"ROUNDUP(({rate}-{last})/{steps.last_step!r},0)*{steps.last_size!r}"
        place = f"MIN({n},1+SUMPRODUCT(({rates}<{rate})*1))"
        size = f"INDEX({self._server_column('A')},{place})"
        return f"({size}+IF({rate}>{last},{beyond},0))"

    def _least_units(self, text: str) -> str:
        return f"{_quoted(self.sheets.servers)}!$B${self.search_row(text) + 1}"


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def letters(column: int) -> str:
    """The letters of a column counted from 0: A, ..., Z, AA, ..."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
