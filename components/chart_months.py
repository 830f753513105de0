"""What happens month by month: cash with its trough, users by cohort, the chance to be profitable.

Knows no business model: names and values come as they are to be drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from components import chart_frame as frame
from components import format as fmt
from components.i18n import _

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = frame.HEIGHT + 20
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "pentagon")
"""Lines that cross are told apart by a sign, too."""


def _axis() -> frame.Axis:
    return frame.Axis(title=_("Month"))


def cash(
    balance: Sequence[float], currency: str, *, band: tuple[Sequence[float], Sequence[float]] | None
) -> go.Figure:
    """The cash balance at the end of each month from the start (month 0), with its lowest point.

    Args:
        balance: month 0 first.
        currency: unit of the amounts.
        band: low and high ends of where it may lie; None without one.
    """
    months = list(range(len(balance)))
    chart = frame.figure(_axis(), frame.Axis(title=_("Cash"), unit=currency), height=HEIGHT)
    if band is not None:
        frame.band(chart, months, band[0], band[1], frame.BLUE)
    chart.add_scatter(
        x=months,
        y=list(balance),
        **frame.line(_("Cash"), frame.BLUE, "predicted"),
        hovertemplate=frame.hover(_("month {n}", n="%{x}"), f"%{{y:{frame.EXACT}}} {currency}"),
    )
    chart.add_hline(y=0, line={"color": frame.GRAY, "width": 1})
    lowest = min(months, key=lambda month: balance[month], default=None)
    if lowest is not None:
        chart.add_scatter(
            x=[lowest],
            y=[balance[lowest]],
            mode="markers+text",
            marker={"size": 10, "color": frame.RED if balance[lowest] < 0 else frame.BLUE},
            text=[_("lowest: {amount}", amount=frame.money(balance[lowest], currency))],
            textposition="top center",
            hoverinfo="skip",
        )
    chart.update_layout(showlegend=False)
    chart.update_xaxes(tickformat=",d", dtick=6)
    return chart


def lines(
    values: Mapping[str, Sequence[float]], y: frame.Axis, *, first_month: int = 1,
    origin: frame.Origin = "predicted",
) -> go.Figure:  # fmt: skip
    """A line for each name over the months; a name keeps its colour by its place."""
    chart = frame.figure(_axis(), y, height=HEIGHT)
    for i, (name, series) in enumerate(values.items()):
        chart.add_scatter(
            x=list(range(first_month, first_month + len(series))),
            y=list(series),
            **frame.line(name, frame.PALETTE[i % len(frame.PALETTE)], origin)
            | {"mode": "lines+markers"},
            marker={"symbol": SYMBOLS[i % len(SYMBOLS)], "size": 8, "maxdisplayed": 7},
            hovertemplate=frame.hover(
                f"<b>{frame.escaped(name)}</b>",
                _("month {n}", n="%{x}"),
                f"%{{y:{y.hover}}}{y.suffix}",
            ),
        )
    chart.update_xaxes(tickformat=",d", dtick=6)
    if y.is_share:
        chart.update_yaxes(range=[-0.02, 1.02])
    return chart


def cohorts(active: Sequence[Sequence[float]], y: frame.Axis, *, n_bands: int = 6) -> go.Figure:
    """Who is there, stacked by when they came; cohorts are joined to `n_bands` bands of months.

    Args:
        active: `(n_cohorts, n_months)`, those there at the start first, then the cohort of month 1;
            0 before a cohort began.
        y: the axis of their number.
        n_bands: at most so many colours.
    """
    import numpy as np

    table = np.asarray(active, dtype=float)
    chart = frame.figure(_axis(), y, height=HEIGHT)
    if not table.size:
        return chart
    began = np.arange(1, len(table))
    bands = np.array_split(began, min(n_bands, len(began))) if len(began) else []
    if table[0].any():
        bands = [np.array([0]), *bands]
    for i, rows in enumerate(bands):
        first, last = int(rows[0]), int(rows[-1])
        name = _("came in {first}–{last}", first=fmt.count(first), last=fmt.count(last))
        if last == 0:
            name = _("there at the start")
        chart.add_scatter(
            x=list(range(1, table.shape[1] + 1)),
            y=table[rows].sum(axis=0),
            name=name,
            mode="lines",
            stackgroup="cohorts",
            line={"width": 0.5, "color": frame.PALETTE[i % len(frame.PALETTE)]},
            hovertemplate=frame.hover(
                name, _("month {n}", n="%{x}"), f"%{{y:{y.hover}}}{y.suffix}"
            ),
        )
    chart.update_xaxes(tickformat=",d", dtick=6)
    return chart
