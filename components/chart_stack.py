"""Bars of what a request costs or takes, one on top of the other by stage.

Knows no prototype: names and values come as they are to be drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components import chart_frame as frame
from components import format as fmt

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW_PX = 62
FRAME_PX = 120
PATTERNS: Mapping[frame.Origin, str] = {"measured": "", "predicted": "/", "assumed": "."}
"""Bars have no line style: what was not measured is hatched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: its name, its parts by name (0 or more each, in the axis' unit), what each rests on."""

    name: str
    parts: Mapping[str, float]
    origins: Mapping[str, frame.Origin]


def figure(bars: Sequence[Bar], x: frame.Axis) -> go.Figure:
    """Horizontal bars, the first on top, each with its name and sum above it.

    A part has the same colour in every bar; parts are in the order in which they first appear.
    """
    names = list(dict.fromkeys(part for bar in bars for part in bar.parts))
    chart = frame.figure(x, frame.Axis(title=""), height=FRAME_PX + ROW_PX * max(1, len(bars)))
    for i, part in enumerate(names):
        chart.add_bar(
            orientation="h",
            name=part,
            y=[bar.name for bar in bars],
            x=[bar.parts.get(part, 0.0) for bar in bars],
            marker={
                "color": frame.PALETTE[i % len(frame.PALETTE)],
                "pattern": {
                    "shape": [PATTERNS[bar.origins.get(part, "measured")] for bar in bars],
                    "size": 5,
                },
            },
            hovertemplate=frame.hover(f"%{{y}}, {part}", f"%{{x:{x.hover}}}{x.suffix}"),
        )
    for bar in bars:
        total = fmt.number(sum(bar.parts.values()))
        chart.add_annotation(
            x=0,
            y=bar.name,
            text=f"{frame.escaped(bar.name)}: <b>{total}</b>",
            showarrow=False,
            xanchor="left",
            yshift=ROW_PX * 0.43,
        )
    frame.names_on(chart, [bar.name for bar in bars])
    chart.update_yaxes(showticklabels=False)  # the names stand above their bars
    chart.update_layout(barmode="stack", bargap=0.55, showlegend=len(names) > 1)
    chart.update_xaxes(rangemode="tozero")
    return chart
