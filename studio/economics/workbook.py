"""A business model as an Excel workbook whose formulas are alive: change a number, and all follows.

Sheets: a summary, the assumptions with their sources, the month, the plan month by month, and the
servers that a load needs. Every formula is the model's own, with its result beside it, so that a viewer
that computes nothing shows the same numbers. Amounts are USD; the summary adds another currency.
"""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from typing import Any

from studio.economics.arithmetic import DecimalArithmetic
from studio.economics.comparison import ModelResult
from studio.economics.currency import DEFAULT_RATES, Currency, ExchangeRates
from studio.economics.figure import Figure, FigureBasis, Unit
from studio.economics.plan import HORIZON_MONTHS, plan_lines, run_months
from studio.economics.workbook_cells import MISSING, Cells, WorkbookWords
from studio.economics.workbook_layout import FIRST_ROW, MONTHS_ROW, VALUE, Layout, Sheets
from studio.economics.workbook_servers import write_servers
from studio.records import Notice

_RATE_CELL = "$E$2"
_BASES = {
    FigureBasis.MEASURED: Notice("measured"),
    FigureBasis.CATALOGUE: Notice("catalogue"),
    FigureBasis.ASSUMED: Notice("assumed"),
    FigureBasis.COMPUTED: Notice("computed"),
}


def workbook(
    result: ModelResult,
    words: WorkbookWords,
    *,
    at: datetime,
    currency: Currency = Currency.USD,
    rates: ExchangeRates = DEFAULT_RATES,
) -> bytes:
    """The workbook of a result, as the bytes of an XLSX file.

    Args:
        result: the model with its numbers.
        words: title, language and units.
        at: aware time that the file says it is from.
        currency: the second currency of the summary; USD adds none.
        rates: at which rate.
    """
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    # No text of the user's is ever taken for a formula or a link.
    book = Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": words.title, "created": at.replace(tzinfo=None)})
    writing = _Writing(book, result, words)
    writing.summary(currency, rates)
    writing.assumptions()
    writing.month()
    writing.plan()
    write_servers(writing.cells, writing.layout, result, words)
    book.close()
    return buffer.getvalue()


class _Writing:
    """One workbook while it is written."""

    def __init__(self, book: Any, result: ModelResult, words: WorkbookWords) -> None:
        self._result, self._words, self._say = result, words, words.say
        say = words.say
        self.layout = Layout(
            case=result.case,
            sheets=Sheets(
                summary=say(Notice("Summary")),
                assumptions=say(Notice("Assumptions")),
                month=say(Notice("Month")),
                plan=say(Notice("Plan")),
                servers=say(Notice("Servers")),
            ),
        )
        self.cells = Cells(book, words)
        unknown = [figure.key for figure in result.case.inputs if figure.value is None]
        self._missing = self.layout.may_be_missing(unknown)

    def summary(self, currency: Currency, rates: ExchangeRates) -> None:
        """The figures that a reader looks for first, referring to where they are computed."""
        is_foreign = currency is not Currency.USD
        heads = self._heads(Notice("Figure"), Notice("Value"), Notice("Unit"))
        if is_foreign:
            heads.append(currency.value)
        page = self.cells.sheet(
            self.layout.sheets.summary,
            f"{self._words.title}: {self._say(self._result.case.model.name)}",
            heads,
            self._say(self._result.case.serving.speed.source or MISSING),
        )
        if is_foreign:
            self._write_rate(page, currency, rates)
        headline = self._result.headline
        for row, figure in enumerate(headline, FIRST_ROW):
            self._named(page, row, figure)
            self._line(page, (row, VALUE), self._cell(figure.key), figure)
            if is_foreign and figure.unit.is_money:
                self._foreign(page, row, figure, rates.per_usd(currency))
        below = FIRST_ROW + len(headline) + 1
        page.write_string(below, 0, self._say(Notice("Computed by the studio at these numbers")))
        others = (*self._result.load, *self._result.finances.figures)
        for row, figure in enumerate(others, below + 1):
            self._named(page, row, figure)
            if figure.value is None:
                page.write_string(row, VALUE, self._say(figure.note or MISSING))
            else:
                self.cells.number(page, (row, VALUE), figure.value, figure.unit)

    def assumptions(self) -> None:
        """Every number that formulas start from, with its range, source and date."""
        heads = (Notice("Name"), Notice("Value"), Notice("Unit"), Notice("from"), Notice("to"))
        more = (Notice("Rests on"), Notice("Source"), Notice("Date"), Notice("Key"))
        page = self.cells.sheet(
            self.layout.sheets.assumptions,
            self._say(Notice("Assumptions")),
            self._heads(*heads, *more),
            self._say(Notice("Change the coloured cells; everything else follows.")),
        )
        self.cells.sentences(page, 6)
        for figure in self._result.case.inputs:
            row = self.layout.inputs[figure.key]
            self._named(page, row, figure)
            self.cells.entry(page, row, figure)
            for column, bound in ((3, figure.low), (4, figure.high)):
                if bound is not None:
                    self.cells.number(page, (row, column), bound, figure.unit)
            page.write_string(row, 5, self._say(_BASES[figure.basis]))
            note = (
                f" ({self._say(figure.note)})" if figure.note and figure.value is not None else ""
            )
            source = self._say(figure.source) if figure.source else figure.formula
            page.write_string(row, 6, source + note)
            page.write_string(row, 7, figure.as_of.isoformat() if figure.as_of else "")
            page.write_string(row, 8, figure.key)

    def month(self) -> None:
        """Every line of the month, alive."""
        heads = (Notice("Name"), Notice("Value"), Notice("Unit"), Notice("Formula"))
        page = self.cells.sheet(
            self.layout.sheets.month,
            self._say(Notice("The month that is looked at")),
            self._heads(*heads, Notice("Source"), Notice("Key")),
        )
        self.cells.sentences(page, 3, 4)
        for line in self._result.case.model.lines:
            row, figure = self.layout.lines[line.key], self._result.statement.figure(line.key)
            self._named(page, row, figure)
            self._line(page, (row, VALUE), self.layout.month_formula(line), figure)
            page.write_string(row, 3, line.formula)
            page.write_string(row, 4, self._say(line.source) if line.source else "")
            page.write_string(row, 5, line.key)

    def plan(self) -> None:
        """The months, alive."""
        case = self._result.case
        lines = plan_lines(case.model)
        page = self.cells.sheet(
            self.layout.sheets.plan,
            self._say(Notice("Month by month")),
            [
                self._say(Notice("Month")),
                *(self._words.with_unit(self._say(line.label), line.unit) for line in lines),
            ],
        )
        page.set_column(0, 0, 8)
        page.set_row(MONTHS_ROW - 1, 62)
        page.freeze_panes(MONTHS_ROW, 1)
        arithmetic = DecimalArithmetic(serving=case.serving.steps)
        months = run_months(case.model, case.decimals(), arithmetic)
        for month in range(HORIZON_MONTHS):
            page.write_number(MONTHS_ROW + month, 0, month + 1)
            for line in lines:
                self.cells.formula(
                    page,
                    (MONTHS_ROW + month, self.layout.columns[line.key]),
                    self.layout.plan_formula(line, month),
                    months[month][line.key],
                    line.unit,
                    "" if line.key in self._missing else None,
                )

    def _heads(self, *heads: Notice) -> list[str]:
        return [self._say(head) for head in heads]

    def _named(self, page: Any, row: int, figure: Figure) -> None:
        page.write_string(row, 0, self._say(figure.label))
        page.write_string(row, 2, self._words.unit(figure.unit))

    def _line(self, page: Any, place: tuple[int, int], text: str, figure: Figure) -> None:
        """A computed figure; its reason stands there where it has no value."""
        otherwise = None
        if figure.key in self._missing:
            otherwise = self._say(figure.note or self._otherwise(figure.key))
        value = figure.value
        number = value if value is None or isinstance(value, Decimal) else float(value)
        self.cells.formula(page, place, text, number, figure.unit, otherwise)

    def _otherwise(self, key: str) -> Notice:
        if key in self.layout.lines:
            return self._result.case.model.line(key).otherwise or MISSING
        return MISSING

    def _cell(self, key: str) -> str:
        if key in self.layout.inputs:
            return self.layout.input_cell(key)
        return self.layout.line_cell(key)

    def _write_rate(self, page: Any, currency: Currency, rates: ExchangeRates) -> None:
        page.write_string(1, 3, self._say(Notice("{code} for one USD", code=currency.value)))
        self.cells.number(page, (1, 4), rates.per_usd(currency), Unit.RATIO)
        page.write_string(2, 3, f"{rates.as_of.isoformat()}: {self._say(rates.source)}")

    def _foreign(self, page: Any, row: int, figure: Figure, per_usd: Decimal) -> None:
        amount = None if figure.value is None else Decimal(str(figure.value)) * per_usd
        self.cells.formula(page, (row, 3), f"B{row + 1}*{_RATE_CELL}", amount, figure.unit, "")
