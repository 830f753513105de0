"""The load of the model service over a time: calls a second, and how long people waited.

Knows no ledger: the moments come as they are to be drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from components import chart_frame as frame
from components.i18n import _
from studio.ledger.load import LoadMoment

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 260


def calls(moments: Sequence[LoadMoment]) -> go.Figure:
    """Calls a second of people and, on top of them, of background work."""
    y = frame.Axis(title=_("Model calls"), unit=_("per second"), starts_at_zero=True)
    chart = frame.figure(frame.Axis(title=_("Time (UTC)")), y, height=HEIGHT)
    width_ms = [one.seconds * 1000 for one in moments]
    for name, color, values in (
        (_("asked by people"), frame.BLUE, [one.people_per_s for one in moments]),
        (_("asked by jobs"), frame.ORANGE, [one.background_per_s for one in moments]),
    ):
        chart.add_bar(
            name=name,
            x=[one.starts_at for one in moments],
            y=values,
            width=width_ms,
            offset=0,
            marker={"color": color},
            hovertemplate=frame.hover(
                f"<b>{name}</b>", "%{x|%H:%M:%S}", f"%{{y:{y.hover}}}{y.suffix}"
            ),
        )
    chart.update_layout(barmode="stack", bargap=0)
    _show_time(chart, moments)
    return chart


def latency(moments: Sequence[LoadMoment]) -> go.Figure:
    """How long calls of people took, and how much of it they waited; gaps where nobody asked."""
    y = frame.Axis(title=_("Time of a call"), unit="ms", starts_at_zero=True)
    chart = frame.figure(frame.Axis(title=_("Time (UTC)")), y, height=HEIGHT)
    for name, color, values in (
        (_("half of them (p50)"), frame.BLUE, [one.p50_ms for one in moments]),
        (_("95 of 100 (p95)"), frame.ORANGE, [one.p95_ms for one in moments]),
        (_("waiting for their turn (p95)"), frame.GRAY, [one.queue_p95_ms for one in moments]),
    ):
        style = frame.line(name, color, "measured") | {"mode": "lines+markers"}
        chart.add_scatter(
            x=[one.starts_at for one in moments],
            y=values,
            **style,
            marker={"size": 5},
            hovertemplate=frame.hover(
                f"<b>{name}</b>", "%{x|%H:%M:%S}", f"%{{y:{y.hover}}}{y.suffix}"
            ),
        )
    _show_time(chart, moments)
    return chart


def _show_time(chart: go.Figure, moments: Sequence[LoadMoment]) -> None:
    last = moments[-1]
    chart.update_xaxes(
        type="date",
        tickformat="%H:%M",
        range=[
            moments[0].starts_at.isoformat(),
            (last.starts_at + timedelta(seconds=last.seconds)).isoformat(),
        ],
    )
