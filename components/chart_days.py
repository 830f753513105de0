"""Bars for each day, stacked by name. Knows nothing of what they count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from components import chart_frame as frame
from components.i18n import _

if TYPE_CHECKING:
    import plotly.graph_objects as go


def figure(
    values: Mapping[str, Mapping[date, float]], y: frame.Axis, *, first: date, last: date
) -> go.Figure:
    """A bar for each day between two days; a name keeps its colour by its place.

    Args:
        values: name -> day -> value; days without one have no bar.
        y: the axis of the values.
        first: first day shown.
        last: last day shown, included.
    """
    chart = frame.figure(frame.Axis(title=_("Day (UTC)")), y)
    for i, (name, days) in enumerate(values.items()):
        chart.add_bar(
            name=frame.escaped(name),
            x=[day.isoformat() for day in days],
            y=list(days.values()),
            marker={"color": frame.PALETTE[i % len(frame.PALETTE)]},
            hovertemplate=frame.hover(
                f"<b>{frame.escaped(name)}</b>", "%{x|%Y-%m-%d}", f"%{{y:{y.hover}}}{y.suffix}"
            ),
        )
    half_day = "12:00"
    chart.update_layout(barmode="stack", bargap=0.3, showlegend=len(values) > 1)
    chart.update_yaxes(rangemode="tozero", nticks=6)
    chart.update_xaxes(
        type="date",
        tickformat="%m-%d",
        range=[f"{date.fromordinal(first.toordinal() - 1)} {half_day}", f"{last} {half_day}"],
    )
    return chart
