"""One small chart: how good each way is, with the interval it may lie in.

Knows no prototype: labels and intervals come as they are to be drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from components.i18n import _
from studio.evaluation.comparison import Interval

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW_PX = 44
FRAME_PX = 88
BASELINE_COLOR = "#8a9496"
COLOR = "#3d9bd1"  # seen on light and dark; position and label tell the ways apart, not colour


def show(
    rows: Sequence[tuple[str, Interval]],
    measure: str,
    *,
    key: str,
    top: float = 1.0,
    digits: int = 2,
    baseline: float | None = None,
) -> None:
    """Draw a dot with its 95% interval for each row, the first one on top.

    Args:
        rows: label and interval.
        measure: what the axis shows.
        key: of the chart.
        top: the end of the axis.
        digits: behind the point, of the figure above each dot.
        baseline: a value to compare with, drawn as a dotted line.
    """
    chart = figure(rows, measure, top=top, digits=digits)
    if baseline is not None:
        chart.add_vline(x=baseline, line={"color": BASELINE_COLOR, "dash": "dot", "width": 1})
    st.plotly_chart(
        chart,
        key=key,
        config={"displayModeBar": False, "staticPlot": False, "scrollZoom": False},
    )


def figure(
    rows: Sequence[tuple[str, Interval]], measure: str, *, top: float = 1.0, digits: int = 2
) -> go.Figure:
    """The chart; values in [0, top], measured, so drawn solid."""
    import plotly.graph_objects as go

    labels = [label for label, _one in rows]
    intervals = [interval for _name, interval in rows]
    chart = go.Figure(
        go.Scatter(
            x=[one.mean for one in intervals],
            y=labels,
            mode="markers+text",
            text=[f"{one.mean:.{digits}f}" for one in intervals],
            textposition="top center",
            marker={"size": 10, "color": COLOR},
            cliponaxis=False,  # the figure of a value at an end of the axis is wider than its dot
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [one.high - one.mean for one in intervals],
                "arrayminus": [one.mean - one.low for one in intervals],
                "color": COLOR,
                "thickness": 2,
                "width": 5,
            },
            customdata=[(one.low, one.high) for one in intervals],
            hovertemplate="%{y}<br>%{x:.3f} (%{customdata[0]:.3f} – %{customdata[1]:.3f})"
            "<extra></extra>",
        )
    )
    low = min((one.low for one in intervals), default=0.0)
    chart.update_layout(
        height=FRAME_PX + ROW_PX * len(labels),
        margin={"l": 0, "r": 20, "t": 12, "b": 0},
        xaxis={
            # Two lines: beside the labels, a phone has no room for one.
            "title": _("{measure},<br>with its 95% interval", measure=measure),
            # Room on both ends, so that a dot at 0 or at the top has its whole figure above it.
            "range": [max(-0.03 * top, low - 0.1 * top), 1.03 * top],
            "fixedrange": True,
            "zeroline": False,
        },
        yaxis={
            "range": [len(labels) - 0.4, -0.75],  # the first on top, with room for its figure
            "automargin": True,
            "fixedrange": True,
            "ticks": "",
            "showgrid": False,
        },
        showlegend=False,
    )
    return chart
