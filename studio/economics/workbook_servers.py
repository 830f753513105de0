"""The workbook's sheet of servers: what so many carry, and the break-evens that go through them.

For each number of servers stands the number of units that pays for them, and the same if they carry it;
the least of these is the break-even.
"""

from __future__ import annotations

import ast
import math
from decimal import Decimal
from typing import Any

from studio.economics.arithmetic import DecimalArithmetic
from studio.economics.comparison import ModelResult
from studio.economics.figure import Unit
from studio.economics.formula import formula
from studio.economics.workbook_cells import MISSING, Cells, WorkbookWords
from studio.economics.workbook_layout import Layout, letters
from studio.records import Notice

_ENDLESS = 1e99  # an endless rate cannot be written; no load comes near this one


def write_servers(cells: Cells, layout: Layout, result: ModelResult, words: WorkbookWords) -> None:
    """Write the sheet."""
    say = words.say
    page = cells.sheet(
        layout.sheets.servers,
        say(Notice("Servers that a load needs")),
        [say(Notice("Break-even")), say(Notice("Value"))],
        say(Notice("The rates were computed by the studio; they do not follow other sheets.")),
    )
    heads = [Notice("Servers"), Notice("Requests per second that they carry")]
    for _ in layout.searches:
        heads += [Notice("number that pays for them"), Notice("the same, if they carry it")]
    cells.heads(page, layout.server_rows[0] - 1, [say(head) for head in heads])
    steps = result.case.serving.steps
    for size, rate, row in zip(steps.sizes, steps.max_rates, layout.server_rows, strict=True):
        page.write_number(row, 0, float(size))
        cells.number(page, (row, 1), min(float(rate), _ENDLESS), Unit.REQUESTS_PER_S)
    values = {figure.key: result.statement.value(figure.key) for figure in result.statement.figures}
    arithmetic = DecimalArithmetic(serving=result.case.serving.steps)
    for text, (line, call) in layout.searches.items():
        page.write_string(layout.search_row(text), 0, say(line.label))
        known = [
            formula(ast.unparse(argument)).evaluate(values, arithmetic) for argument in call.args
        ]
        _write_search(cells, layout, page, text, known)
        found = letters(layout.search_columns(text)[1])
        rows = layout.server_rows
        numbers = f"${found}${rows[0] + 1}:${found}${rows[-1] + 1}"
        cells.formula(
            page,
            (layout.search_row(text), 1),
            f"IF(COUNT({numbers})>0,MIN({numbers}),NA())",
            values[line.key],
            Unit.COUNT,
            say(line.otherwise or MISSING),
        )


def _write_search(
    cells: Cells, layout: Layout, page: Any, text: str, known: list[Decimal | None]
) -> None:
    """The two columns of a break-even; `known` are the values of its four arguments."""
    fixed, margin, rate, replica = layout.month_writer.arguments(layout.searches[text][1])
    paying, carried = layout.search_columns(text)
    first = letters(paying)
    steps = layout.case.serving.steps
    for size, carried_rate, row in zip(
        steps.sizes, steps.max_rates, layout.server_rows, strict=True
    ):
        at = row + 1
        pays, holds = _units(known, float(size), float(carried_rate))
        units = f"ROUNDUP(ROUND(({fixed}+$A{at}*{replica})/({margin}),9),0)"
        cells.formula(page, (row, paying), f'IF({margin}>0,{units},"")', pays, Unit.COUNT, "")
        is_carried = f"{first}{at}*({rate})<=$B{at}"
        cells.formula(
            page,
            (row, carried),
            f'IF({margin}>0,IF({is_carried},{first}{at},""),"")',
            holds,
            Unit.COUNT,
            "",
        )


def _units(
    known: list[Decimal | None], size: float, carried_rate: float
) -> tuple[float | None, float | None]:
    """What pays for so many servers, and the same if they carry it; None where nothing does."""
    values = [None if value is None else float(value) for value in known]
    fixed, margin, rate, replica = values
    if fixed is None or margin is None or rate is None or replica is None or margin <= 0:
        return None, None
    pays = float(math.ceil(round((fixed + size * replica) / margin, 9)))
    return pays, pays if pays * rate <= carried_rate else None
