"""Every choice of serving as a dot: what it costs against how long it takes, and the best of them.

Knows no prototype: names and values come as they are to be drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components import chart_frame as frame
from components.i18n import _

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 420
N_NAMED = 5
ROOM = 1.3
"""How many times beyond the outermost dots the axes go on."""
CLOSE = 0.3, 0.05
"""Parts of the width and of the height within which names would lie on each other."""
EDGE = 0.35
"""Names of dots within this part of the width from an edge go on inwards."""
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A way of serving: its cost and its time, in the axes' units.

    `group` sorts it with its like (hosted, own GPU). The intervals are None where none is known.
    """

    key: str
    name: str
    group: str
    cost: float
    seconds: float
    cost_range: tuple[float, float] | None = None
    seconds_range: tuple[float, float] | None = None
    is_best: bool = False
    is_chosen: bool = False


def figure(choices: Sequence[Choice], cost: frame.Axis, time: frame.Axis) -> go.Figure:
    """Dots on logarithmic axes; `is_best` ones are joined by a line: nothing is cheaper and faster.

    Clicking gives the choice's key as the point's custom data.
    """
    chart = frame.figure(time, cost, height=HEIGHT)
    best = sorted((one for one in choices if one.is_best), key=lambda one: one.seconds)
    chart.add_scatter(
        x=[one.seconds for one in best],
        y=[one.cost for one in best],
        **frame.line(_("best for its price"), frame.GRAY, "predicted", 1.5),
        line_shape="hv",
        hoverinfo="skip",
    )
    for i, group in enumerate(dict.fromkeys(one.group for one in choices)):
        _dots(chart, [one for one in choices if one.group == group], group, i, (cost, time))
    for one in choices:
        if one.is_chosen:
            chart.add_scatter(
                x=[one.seconds], y=[one.cost], mode="markers", name=_("chosen"), hoverinfo="skip",
                marker={"symbol": "circle-open", "size": 20, "color": frame.RED,
                        "line": {"width": 3}},
            )  # fmt: skip
    _scale(chart, choices)
    _name_some(chart, choices)
    return chart


def _scale(chart: go.Figure, choices: Sequence[Choice]) -> None:
    """Let the axes hold every dot with its range, and say numbers along them."""
    for update, spans in (
        (chart.update_xaxes, [one.seconds_range or (one.seconds, one.seconds) for one in choices]),
        (chart.update_yaxes, [one.cost_range or (one.cost, one.cost) for one in choices]),
    ):
        ends = [end for span in spans for end in span if end > 0]
        if ends:
            low, high = min(ends) / ROOM, max(ends) * ROOM
            range_ = [math.log10(low), math.log10(high)]
            update(range=range_, tickmode="array", tickvals=frame.log_ticks(low, high))


def _dots(
    chart: go.Figure,
    ones: Sequence[Choice],
    group: str,
    i: int,
    axes: tuple[frame.Axis, frame.Axis],
) -> None:
    cost, time = axes
    color = frame.PALETTE[i % len(frame.PALETTE)]
    chart.add_scatter(
        x=[one.seconds for one in ones],
        y=[one.cost for one in ones],
        mode="markers",
        name=group,
        marker={"symbol": SYMBOLS[i % len(SYMBOLS)], "size": 10, "color": color},
        error_x=_error([(one.seconds, one.seconds_range) for one in ones], color),
        error_y=_error([(one.cost, one.cost_range) for one in ones], color),
        customdata=[[one.key, frame.escaped(one.name)] for one in ones],
        hovertemplate=frame.hover(
            "<b>%{customdata[1]}</b>",
            f"%{{y:{cost.hover}}}{cost.suffix}",
            f"%{{x:{time.hover}}}{time.suffix}",
        ),
    )


def _error(
    values: Sequence[tuple[float, tuple[float, float] | None]], color: str
) -> dict[str, object]:
    spans = [span or (value, value) for value, span in values]
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - value for (value, _span), (_low, high) in zip(values, spans, strict=True)],
        "arrayminus": [
            value - low for (value, _s), (low, _high) in zip(values, spans, strict=True)
        ],
        "color": frame.faint(color, 0.5),
        "thickness": 1,
        "width": 0,
    }


def _name_some(chart: go.Figure, choices: Sequence[Choice]) -> None:
    """Write the names beside the chosen one and a few of the best: more would lie on each other."""
    best = sorted((one for one in choices if one.is_best), key=lambda one: one.seconds)
    step = max(1, math.ceil(len(best) / N_NAMED))
    ends = [axis.range or (0.0, 1.0) for axis in (chart.layout.xaxis, chart.layout.yaxis)]
    near = [part * (high - low) for part, (low, high) in zip(CLOSE, ends, strict=True)]
    named: list[tuple[float, float]] = []
    for one in [*(one for one in choices if one.is_chosen), *best[::step]]:
        if one.cost <= 0 or one.seconds <= 0:
            continue
        x, y = _logs(one)
        if all(abs(x - left) > near[0] or abs(y - below) > near[1] for left, below in named):
            named.append((x, y))
            place = (x - ends[0][0]) / ((ends[0][1] - ends[0][0]) or 1.0)
            chart.add_annotation(
                x=x, y=y, text=frame.escaped(one.name),
                xanchor="left" if place < EDGE else "right" if place > 1 - EDGE else "center",
                showarrow=False, yshift=14, font={"size": 11},
            )  # fmt: skip


def _logs(one: Choice) -> tuple[float, float]:
    """Where a dot lies on logarithmic axes."""
    return math.log10(one.seconds), math.log10(one.cost)
