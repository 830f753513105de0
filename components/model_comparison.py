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
from studio.economics.figure import Figure, Unit
from studio.economics.plan import HORIZON_MONTHS

ROW_HEIGHT = 35
FIRST_PX, MODEL_PX = 230, 111
"""Widths of the columns: all six models stand beside each other on a laptop."""


def rows() -> dict[str, str]:
    """The figures that are compared, in their order, as they are called for every model."""
    return {
        "customers": _("Customers looked at"),
        "revenue": _("Revenue"),
        "cogs": _("Variable cost"),
        "fixed_cost": _("Fixed cost"),
        "profit": _("Profit before CAC"),
        "gross_margin": _("Gross margin"),
        "unit_margin": _("Left of each"),
        "break_even": _("Break-even, customers"),
        "minimum_price": _("Lowest price for the margin"),
        "ltv_to_cac": _("LTV/CAC"),
        "payback": _("Pays back after"),
        "profitable_month": _("First profitable month"),
        "runway": _("Month without cash"),
        "capital_needed": _("Money needed besides"),
        "losing_share": _("Customers who cost more"),
        "request_cost": _("Cost of a request"),
        "replicas": _("Servers at the peak"),
        "p95_ms": _("95 of 100 answers within"),
    }


def short_names() -> dict[str, str]:
    """What models are called at the head of a narrow column, where their name is too long for it."""
    return {
        "api": _("API calls"),
        "freemium": _("Freemium"),
        "consulting": _("Consulting"),
    }


def show(results: Sequence[ModelResult], shown: ShownCurrency, *, key: str) -> None:
    """Draw the table, and below it the provenance of the figure that is chosen in it."""
    labels = rows()
    names = [translate(result.case.model.name) for result in results]
    heads = [
        short_names().get(r.case.model.key, name) for r, name in zip(results, names, strict=True)
    ]
    table = {row: [figure_of(result, row) for result in results] for row in labels}
    common = {row: _common_unit(figures, shown) for row, figures in table.items()}
    first = _("Figure")
    event = st.dataframe(
        {
            first: [_labelled(label, common[row]) for row, label in labels.items()],
            **{
                head: [_cell(table[row][i], common[row], shown) for row in labels]
                for i, head in enumerate(heads)
            },
        },
        hide_index=True,
        height=ROW_HEIGHT * (len(labels) + 1) + 3,
        column_config={
            first: st.column_config.TextColumn(pinned=True, width=FIRST_PX),
            **{
                head: st.column_config.TextColumn(width=MODEL_PX, help=name)
                for head, name in zip(heads, names, strict=True)
            },
        },
        on_select="rerun",
        selection_mode="single-cell",
        key=f"{key}_table",
        alt=_("The business models side by side, one column each"),
    )
    place = _chosen(event, heads)
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
    """The unit that all figures of a row are shown in, at least their currency; else empty."""
    known = [figure for figure in figures if figure is not None and figure.value is not None]
    units = {figure_text.parts(figure, shown, in_column=True)[1] for figure in known}
    if len(units) == 1:
        return units.pop()
    return shown.code if units and all(unit.startswith(shown.code) for unit in units) else ""


def _labelled(label: str, unit: str) -> str:
    """A row's label with the unit of all its figures, where they have one."""
    return _("{label} ({unit})", label=label, unit=unit) if unit else label


def _cell(figure: Figure | None, common_unit: str, shown: ShownCurrency) -> str:
    """The figure for the table, without the unit where it stands at the row's beginning."""
    if figure is None:
        return ""
    if figure.value is None:
        if figure.unit is Unit.MONTHS and _ends_at_horizon(figure):
            return _("> {n}", n=HORIZON_MONTHS)
        is_never = figure.note is not None and figure.note.template.startswith("never")
        return _("never") if is_never else figure_text.cell(figure, shown)  # why: on a click
    number, unit = figure_text.parts(figure, shown, in_column=True)
    if common_unit and unit.startswith(common_unit):
        return number + unit.removeprefix(common_unit)  # " a month", or "/月"
    return f"{number} {unit}" if unit else number


def _ends_at_horizon(figure: Figure) -> bool:
    """Whether it only does not come about in the months that are planned."""
    return figure.note is not None and figure.note.values.get("n") == HORIZON_MONTHS


def _chosen(event: Any, names: list[str]) -> tuple[int, int] | None:  # Any: it exports no type
    """Row and model of the cell that is chosen; None where none is, or a label."""
    cells = event.selection.cells
    if not cells or cells[0][1] not in names:
        return None
    return int(cells[0][0]), names.index(cells[0][1])
