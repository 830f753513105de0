"""Every evaluation as a dot: how good it is against how long an answer takes or what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import streamlit as st

from components import chart_frame as frame
from components import evaluation_words as words
from components.i18n import _, ngettext
from studio.prototypes.evaluation.comparing import RunPoint

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 340
FEW = 4
"""Dots that are all named; of more, whose names would lie on each other, the best ones are."""


def show(
    points: Sequence[RunPoint],
    measure: str,
    names: Mapping[str, str],
    *,
    against: Literal["time", "cost"],
) -> None:
    """Draw the dots; those that nothing beats in quality, time and cost are filled.

    Args:
        points: the evaluations.
        measure: that speaks for the quality.
        names: of the evaluations, by id.
        against: what the horizontal axis shows.
    """
    names = {one.run.id: _named(one, names) for one in points}
    shown = [one for one in points if against == "time" or one.cost_usd]
    if len(shown) < len(points):
        n = len(points) - len(shown)
        st.caption(
            ngettext(
                "{n} evaluation has no known cost above 0 and is not in the chart.",
                "{n} evaluations have no known cost above 0 and are not in the chart.",
                n,
            )
        )
    if not shown:
        return
    best = ", ".join(names[one.run.id] for one in shown if one.is_best)
    frame.show(
        figure(shown, measure, names, against=against),
        key=f"_evaluation.pareto.{against}",
        alt=_("Quality against time or cost of an answer. Nothing beats: {names}", names=best),
    )
    st.caption(
        _(
            "Filled: no other one is at least as good, as quick and as cheap (Pareto); costs are"
            " compared where both are known. Bars: 95%."
        )
    )


def _named(point: RunPoint, names: Mapping[str, str]) -> str:
    name = names[point.run.id]
    return _("{name} (cost unknown)", name=name) if point.cost_usd is None else name


def figure(
    points: Sequence[RunPoint],
    measure: str,
    names: Mapping[str, str],
    *,
    against: Literal["time", "cost"],
) -> go.Figure:
    """The chart; the horizontal axis is logarithmic."""
    x_measure = "latency_ms" if against == "time" else "cost_usd"
    x_axis = (
        frame.Axis(title=_("Time of an answer"), unit="s", is_log=True)
        if against == "time"
        else frame.Axis(title=_("Cost of an answer"), unit="USD", is_log=True)
    )
    chart = frame.figure(
        x_axis, frame.Axis(title=words.label(measure), is_share=True), height=HEIGHT
    )
    for at, one in enumerate(points):
        color = frame.PALETTE[at % len(frame.PALETTE)]
        x, y = one.run.interval(x_measure), one.run.interval(measure)
        scale = 1000 if against == "time" else 1
        chart.add_scatter(
            x=[x.mean / scale],
            y=[y.mean],
            mode="markers+text",
            text=[frame.escaped(names[one.run.id]) if one.is_best or len(points) <= FEW else ""],
            textposition="top center",
            name=frame.escaped(names[one.run.id]),
            showlegend=False,
            cliponaxis=False,  # the name of one at 100% stands above the axis
            marker={
                "size": 12,
                "color": color,
                "symbol": "circle" if one.is_best else "circle-open",
                "line": {"width": 2},
            },
            error_y=_bar(y.mean, y.low, y.high, color),
            error_x=_bar(x.mean / scale, x.low / scale, x.high / scale, color),
            hovertemplate=frame.hover(
                f"<b>{frame.escaped(names[one.run.id])}</b>",
                frame.escaped(words.span(measure, y)),
                frame.escaped(words.span(x_measure, x)),
            ),
        )
    chart.update_yaxes(range=[-0.02, 1.08])
    chart.update_xaxes(dtick="D2")  # labels at 1, 2 and 5: few evaluations span a decade
    return chart


def _bar(mean: float, low: float, high: float, color: str) -> dict[str, object]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - mean],
        "arrayminus": [mean - low],
        "color": frame.faint(color, 0.5),
        "thickness": 1,
        "width": 3,
    }
