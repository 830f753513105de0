"""Time under load: percentiles over requests a second, the promised limit, and where it breaks.

Knows no prototype: names and values come as they are to be drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components import chart_frame as frame
from components.i18n import _

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 380
COLORS = (frame.BLUE, frame.ORANGE, frame.PINK)
HEADROOM = 3.0
"""The vertical axis ends at this many times the limit: what is above is late anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A load at which something happens, and its name."""

    load: float
    name: str


def figure(
    loads: Sequence[float],
    seconds: Mapping[str, Sequence[float | None]],
    x: frame.Axis,
    *,
    limit_s: float | None,
    here: Mark | None = None,
    breaks: Mark | None = None,
    measured: Sequence[tuple[float, float]] = (),
    band: float = 0.0,
) -> go.Figure:
    """Lines over the load, dashed as they are predicted; measured points, where there are, solid.

    Args:
        loads: in the axis' unit, ascending.
        seconds: name of a percentile -> its values at the loads, None where it is unstable.
        x: the axis of the load.
        limit_s: the time that was promised; None for none.
        here: the load that is looked at.
        breaks: where it becomes unstable; what lies right of it is shaded.
        measured: (load, seconds) as measured.
        band: relative half-width of the uncertainty, drawn around each line.
    """
    chart = frame.figure(
        x, frame.Axis(title=_("Time"), unit="s", starts_at_zero=True), height=HEIGHT
    )
    for color, (name, values) in zip(COLORS, seconds.items(), strict=False):
        if band:
            _band(chart, loads, values, band, color)
        chart.add_scatter(
            x=list(loads),
            y=list(values),
            **frame.line(name, color, "predicted"),
            hovertemplate=frame.hover(
                name, f"%{{y:{frame.EXACT}}} s", f"%{{x:{x.hover}}}{x.suffix}"
            ),
        )
    if measured:
        chart.add_scatter(
            x=[load for load, _s in measured],
            y=[value for _load, value in measured],
            mode="markers",
            name=_("measured"),
            marker={"size": 9, "color": frame.GREEN, "symbol": "circle"},
            hovertemplate=frame.hover(f"%{{y:{frame.EXACT}}} s", f"%{{x:{x.hover}}}{x.suffix}"),
        )
    if limit_s is not None:
        frame.limit(chart, limit_s, _("promised: {value} s", value=f"{limit_s:g}"))
    if here is not None:
        frame.limit(chart, here.load, here.name, axis="x")
    right = loads[-1] if loads else 1.0
    if breaks is not None and breaks.load < right:
        chart.add_vrect(
            x0=breaks.load, x1=right, fillcolor=frame.faint(frame.RED, 0.14), line_width=0,
            annotation_text=frame.escaped(breaks.name), annotation_position="top left",
        )  # fmt: skip
    chart.update_yaxes(range=[0, _top_s(seconds, limit_s)])
    chart.update_xaxes(range=[0, right])
    return chart


def _top_s(seconds: Mapping[str, Sequence[float | None]], limit_s: float | None) -> float:
    """Where the vertical axis ends: near saturation times have no end."""
    lines = [[value for value in values if value is not None] for values in seconds.values()]
    idle = max((line[0] for line in lines if line), default=1.0)
    # Where nothing is late, or all is: some times what it takes with little to do.
    limit_s = idle if limit_s is None else limit_s
    most = HEADROOM * max(limit_s, idle)
    top = min(max((max(line) for line in lines if line), default=limit_s), most)
    return max(top, limit_s) * 1.15


def _band(
    chart: go.Figure,
    loads: Sequence[float],
    values: Sequence[float | None],
    band: float,
    color: str,
) -> None:
    known = [(load, value) for load, value in zip(loads, values, strict=True) if value is not None]
    low, high = ([value * (1 + sign * band) for _load, value in known] for sign in (-1, 1))
    frame.band(chart, [load for load, _value in known], low, high, color)


def replicas(loads: Sequence[float], needed: Sequence[int], x: frame.Axis) -> go.Figure:
    """How many replicas a load needs, as steps."""
    chart = frame.figure(
        x, frame.Axis(title=_("Replicas"), starts_at_zero=True), height=HEIGHT // 2 + 10
    )
    chart.add_scatter(
        x=list(loads),
        y=list(needed),
        **frame.line(_("Replicas"), frame.VIOLET, "predicted"),
        line_shape="hv",
        hovertemplate=frame.hover("%{y}", f"%{{x:{x.hover}}}{x.suffix}"),
    )
    chart.update_yaxes(tickformat=",d", **({"dtick": 1} if max(needed, default=1) <= 4 else {}))
    chart.update_xaxes(range=[0, loads[-1] if loads else 1])
    chart.update_layout(showlegend=False)
    return chart
