"""All business models side by side: a column each, and a click on any figure tells where it comes from.

The module draws; economics computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from components import figure_text, notice
from components.i18n import _, translate
from components.shown_currency import ShownCurrency
from studio.economics.comparison import ModelResult
from studio.economics.figure import Figure

ROW_HEIGHT = 35


def rows() -> dict[str, str]:
    """The figures that are compared, in their order, as they are called for every model."""
    return {
        "customers": _("Customers looked at"),
        "revenue": _("Revenue"),
        "cogs": _("Variable cost (COGS)"),
        "fixed_cost": _("Fixed cost"),
        "profit": _("Profit, before winning customers"),
        "gross_margin": _("Gross margin"),
        "unit_margin": _("Left of each customer"),
        "break_even": _("Break-even, customers"),
        "minimum_price": _("Lowest price for the margin"),
        "ltv_to_cac": _("LTV/CAC"),
        "payback": _("Pays back after"),
        "profitable_month": _("First profitable month"),
        "runway": _("Month without cash"),
        "capital_needed": _("Money needed besides"),
        "losing_share": _("Customers who cost money"),
        "request_cost": _("Cost of a request"),
        "replicas": _("Servers at the peak"),
        "p95_ms": _("95 of 100 answers within"),
    }


def show(results: Sequence[ModelResult], shown: ShownCurrency, *, key: str) -> None:
    """Draw the table, and below it the provenance of the figure that is chosen in it."""
    labels = rows()
    names = [translate(result.case.model.name) for result in results]
    table = {row: [figure_of(result, row) for result in results] for row in labels}
    common = {row: _common_unit(figures, shown) for row, figures in table.items()}
    first, second = _("Figure"), _("Unit")
    event = st.dataframe(
        {
            first: list(labels.values()),
            second: [common[row] for row in labels],
            **{
                name: [_cell(table[row][i], common[row], shown) for row in labels]
                for i, name in enumerate(names)
            },
        },
        hide_index=True,
        height=ROW_HEIGHT * (len(labels) + 1) + 3,
        column_config={first: st.column_config.TextColumn(pinned=True)},
        on_select="rerun",
        selection_mode="single-cell",
        key=f"{key}_table",
        alt=_("The business models side by side, one column each"),
    )
    place = _chosen(event, names)
    figure = table[list(labels)[place[0]]][place[1]] if place else None
    if place is None or figure is None:
        st.caption(_("Click any figure to see where it comes from."))
        return
    with st.container(border=True, key=f"{key}_provenance"):
        st.caption(notice.plain(names[place[1]]))
        st.markdown(figure_text.provenance(figure, shown))


def figure_of(result: ModelResult, key: str) -> Figure | None:
    """A figure of a result; None where the model has none of that key."""
    try:
        return result.figure(key)
    except KeyError:
        return None


def _common_unit(figures: Sequence[Figure | None], shown: ShownCurrency) -> str:
    """The unit that all figures of a row have; empty where they differ."""
    units = {figure_text.unit(figure.unit, shown.code) for figure in figures if figure is not None}
    return units.pop() if len(units) == 1 else ""


def _cell(figure: Figure | None, common_unit: str, shown: ShownCurrency) -> str:
    """The figure for the table, without the unit where it stands at the row's beginning."""
    if figure is None:
        return ""
    if figure.value is None:
        return figure_text.cell(figure, shown)
    number, unit = figure_text.parts(figure, shown)
    return number if unit == common_unit or not unit else f"{number} {unit}"


def _chosen(event: Any, names: list[str]) -> tuple[int, int] | None:  # Any: it exports no type
    """Row and model of the cell that is chosen; None where none is, or a label."""
    cells = event.selection.cells
    if not cells or cells[0][1] not in names:
        return None
    return int(cells[0][0]), names.index(cells[0][1])
