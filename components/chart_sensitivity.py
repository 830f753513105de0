"""Which assumption matters most, and how the outcomes spread.

Knows no business model: names and values come as they are to be drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components import chart_frame as frame
from components import format as fmt
from components.i18n import _

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW_PX, SWING_PX = 34, 56
"""Heights of a row with one line of text, and with two or three."""
FRAME_PX = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """An assumption, its low and high value in words, and the outcome at each."""

    name: str
    low_text: str
    high_text: str
    at_low: float
    at_high: float


def tornado(swings: Sequence[Swing], middle: float, x: frame.Axis) -> go.Figure:
    """A bar for each assumption from the outcome at its low to that at its high value.

    Args:
        swings: the widest first.
        middle: the outcome as it is assumed now.
        x: the axis of the outcome.
    """
    chart = frame.figure(x, frame.Axis(title=""), height=FRAME_PX + SWING_PX * max(1, len(swings)))
    names = [
        f"{frame.wrapped(swing.name)}<br>{_ends(swing.low_text, swing.high_text)}"
        for swing in swings
    ]
    for name, color, pattern, values, texts in (
        (
            _("low value"),
            frame.ORANGE,
            "/",
            [s.at_low for s in swings],
            [s.low_text for s in swings],
        ),
        (
            _("high value"),
            frame.BLUE,
            "",
            [s.at_high for s in swings],
            [s.high_text for s in swings],
        ),
    ):
        chart.add_bar(
            orientation="h",
            name=name,
            y=names,
            x=[value - middle for value in values],
            base=middle,
            marker={"color": color, "pattern": {"shape": pattern, "size": 5}},
            customdata=[
                (value, text, frame.escaped(swing.name))
                for value, text, swing in zip(values, texts, swings, strict=True)
            ],
            hovertemplate=frame.hover(
                "<b>%{customdata[2]}</b>: %{customdata[1]}",
                f"%{{customdata[0]:{x.hover}}}{x.suffix}",
            ),
        )
    chart.add_vline(x=middle, line={"color": frame.GRAY, "width": 1})
    frame.names_on(chart, names)
    chart.update_layout(barmode="overlay", bargap=0.35)
    return chart


def _ends(low: str, high: str) -> str:
    """Both ends of a range, the unit said once where it is the same."""
    number, _space, unit = low.partition(" ")
    same = unit and high.endswith(f" {unit}")
    return frame.escaped(f"{number if same else low} – {high}")


def shares(first: Mapping[str, float], total: Mapping[str, float]) -> go.Figure:
    """How much of the spread each assumption explains, alone and with the others (Sobol indices)."""
    names = list(total)
    labels = [frame.wrapped(name) for name in names]
    x = frame.Axis(title=_("Share of the ups and downs"), is_share=True)
    chart = frame.figure(x, frame.Axis(title=""), height=FRAME_PX + ROW_PX * max(1, len(names)))
    for label, values, color, pattern in (
        (_("alone"), first, frame.BLUE, ""),
        (_("together with others"), total, frame.GRAY, "/"),
    ):
        chart.add_bar(
            orientation="h",
            name=label,
            y=labels,
            x=[max(0.0, values.get(name, 0.0)) for name in names],
            marker={"color": color, "pattern": {"shape": pattern, "size": 5}},
            customdata=[frame.escaped(name) for name in names],
            hovertemplate=frame.hover(f"%{{customdata}}, {label}", f"%{{x:{x.hover}}}"),
        )
    frame.names_on(chart, labels)
    chart.update_layout(barmode="group", bargap=0.3)
    return chart


def spread(values: Mapping[str, tuple[float, float, float]], x: frame.Axis) -> go.Figure:
    """A dot with its interval for each name: the 10th, 50th and 90th percentile of the draws."""
    names = list(values)
    chart = frame.figure(x, frame.Axis(title=""), height=FRAME_PX + ROW_PX * max(1, len(names)))
    chart.add_scatter(
        x=[middle for _low, middle, _high in values.values()],
        y=names,
        mode="markers+text",
        text=[fmt.number(middle) for _low, middle, _high in values.values()],
        textposition="top center",
        cliponaxis=False,
        marker={"size": 10, "color": [frame.PALETTE[i % 8] for i in range(len(names))]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - middle for _low, middle, high in values.values()],
            "arrayminus": [middle - low for low, middle, _high in values.values()],
            "color": frame.GRAY,
            "thickness": 2,
            "width": 5,
        },
        customdata=[(low, high) for low, _middle, high in values.values()],
        hovertemplate=frame.hover(
            "<b>%{y}</b>",
            f"%{{x:{x.hover}}}{x.suffix}",
            f"%{{customdata[0]:{x.hover}}} – %{{customdata[1]:{x.hover}}}{x.suffix}",
        ),
    )
    chart.add_vline(x=0, line={"color": frame.GRAY, "width": 1})
    frame.names_on(chart, names)
    chart.update_layout(showlegend=False)
    return chart
