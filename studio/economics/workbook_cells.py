"""Writing cells of a workbook: formats by unit, formulas with their results, texts as texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from studio.economics.figure import Figure, Number, Unit
from studio.economics.workbook_layout import FIRST_ROW, VALUE
from studio.records import Notice

_FORMATS = {
    Unit.SHARE: "0.0%",
    Unit.SHARE_PER_MONTH: "0.0%",
    Unit.USD_PER_REQUEST: "#,##0.000000",
    Unit.USD_PER_USER_MONTH: "#,##0.0000",
    Unit.REQUESTS_PER_S: "#,##0.0000",
    Unit.USERS: "#,##0",
    Unit.REPLICAS: "#,##0",
    Unit.REQUESTS_PER_MONTH: "#,##0",
}
_USUAL = "#,##0.00"
MISSING = Notice("no value")
SENTENCE_WIDTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookWords:
    """How the workbook speaks.

    Attributes:
        title: of the summary, such as the prototype's name.
        say: a notice in the user's language.
        unit: the name of a unit, with amounts in USD.
    """

    title: str
    say: Callable[[Notice], str] = str
    unit: Callable[[Unit], str] = lambda unit: unit.value.replace("_", " ").replace("usd", "USD")

    def with_unit(self, text: str, of: Unit) -> str:
        """The head of a column of numbers: with its unit, where it has one."""
        unit = self.unit(of)
        return f"{text} ({unit})" if unit else text


class Cells:
    """Writes the cells of one workbook.

    Args:
        book: XlsxWriter's.
        words: language and units.
    """

    def __init__(self, book: Any, words: WorkbookWords) -> None:
        self._book, self._words = book, words
        self._head = book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._formats: dict[tuple[str, bool], Any] = {}

    def sheet(self, name: str, title: str, heads: list[str], explanation: str = "") -> Any:
        """A new sheet with a title, and the heads of its columns in the row above the first."""
        page = self._book.add_worksheet(name)
        page.write_string(0, 0, title, self._title)
        page.write_string(1, 0, explanation)
        self.heads(page, FIRST_ROW - 1, heads)
        page.set_column(0, 0, 46)
        page.set_column(1, max(1, len(heads) - 1), 18)
        return page

    def sentences(self, page: Any, *columns: int) -> None:
        """Make room in columns that hold whole sentences."""
        for column in columns:
            page.set_column(column, column, SENTENCE_WIDTH)

    def heads(self, page: Any, row: int, heads: list[str]) -> None:
        """The heads of columns."""
        for column, head in enumerate(heads):
            page.write_string(row, column, head, self._head)

    def number(self, page: Any, place: tuple[int, int], value: Number, unit: Unit) -> None:
        """A number that is not computed in the workbook."""
        page.write_number(*place, float(value), self._format(unit))

    def entry(self, page: Any, row: int, figure: Figure) -> None:
        """A number that the reader may change; the reason where it has no value."""
        cell = self._format(figure.unit, is_entry=True)
        if figure.value is None:
            page.write_string(row, VALUE, self._words.say(figure.note or MISSING), cell)
        else:
            page.write_number(row, VALUE, float(figure.value), cell)

    def formula(
        self,
        page: Any,
        place: tuple[int, int],
        text: str,
        value: Decimal | float | str | None,
        unit: Unit,
        otherwise: str | None = None,
    ) -> None:
        """A formula with its result beside it.

        Args:
            page: the sheet.
            place: row and column, counted from 0.
            text: the formula without its equals sign.
            value: the result; None where there is none.
            unit: decides how it is shown.
            otherwise: what stands there when the formula gives an error; None shows the error.
        """
        if otherwise is not None:
            quoted = otherwise.replace('"', '""')
            text = f'IFERROR({text},"{quoted}")'
        shown = (otherwise or "") if value is None else value
        shown = float(shown) if isinstance(shown, Decimal) else shown
        page.write_formula(*place, f"={text}", self._format(unit), shown)

    def _format(self, unit: Unit, *, is_entry: bool = False) -> Any:
        key = (_FORMATS.get(unit, _USUAL), is_entry)
        if key not in self._formats:
            look = {"num_format": key[0], "align": "right"}
            if is_entry:
                look |= {"font_color": "#0B3D91", "bg_color": "#EAF1FB"}
            self._formats[key] = self._book.add_format(look)
        return self._formats[key]
