"""The losses of a training as it goes on: of what is learnt, and of what is watched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from components import chart_frame as frame
from components.i18n import _
from studio.inference.training.plan import CurvePoint

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 260
MAX_POINTS = 400
FEW_UPDATES = 6


def losses(points: Sequence[CurvePoint]) -> go.Figure:
    """Both losses over the updates; the best look at what is watched is marked."""
    learnt = [point for point in points if point.part == "train"]
    watched = [point for point in points if point.part == "watched"]
    learnt = learnt[:: max(1, len(learnt) // MAX_POINTS)]
    chart = frame.figure(
        frame.Axis(title=_("Updates")), frame.Axis(title=_("Loss"), unit=_("nats")), height=HEIGHT
    )
    for part, color, name in (
        (learnt, frame.GRAY, _("learnt")),
        (watched, frame.BLUE, _("not learnt")),
    ):
        settings = frame.line(name, color, "measured", 2.5 if part is watched else 1.2)
        if part is watched:
            settings |= {"mode": "lines+markers", "marker": {"size": 8}}
        chart.add_scatter(
            x=[point.step for point in part],
            y=[point.loss for point in part],
            **settings,
            hovertemplate=frame.hover(name, _("update {n}", n="%{x}"), f"%{{y:{frame.EXACT}}}"),
        )
    best = [point for point in watched if point.is_best]
    if best:
        chart.add_scatter(
            x=[best[-1].step],
            y=[best[-1].loss],
            name=_("best"),
            mode="markers",
            marker={"size": 14, "symbol": "star", "color": frame.GREEN},
            hoverinfo="skip",
        )
    chart.update_xaxes(tickformat=",d", rangemode="tozero")
    if max((point.step for point in points), default=0) < FEW_UPDATES:
        chart.update_xaxes(dtick=1)  # there is no half an update, and 0 is not said thrice
    chart.update_traces(cliponaxis=False)  # the first look stands on the axis
    return chart
