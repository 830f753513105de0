"""How every chart of the studio looks: axes with their units, line styles, colours, margins.

The one place that shapes a Plotly figure; the modules `chart_*` add what is to be seen. Colours are of
middle lightness, so that they hold a contrast of 3 on a white and on a dark page, and in a file that is
opened elsewhere; a line's style or a sign tells the same as its colour.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from components import format as fmt
from components.i18n import _

if TYPE_CHECKING:
    import plotly.graph_objects as go

BLUE, ORANGE, GREEN, PINK = "#2f8fcf", "#d96f14", "#12996c", "#c5659b"
VIOLET, GOLD, GRAY, RED = "#8673d3", "#a88400", "#7d8a8b", "#d4504e"
PALETTE = (BLUE, ORANGE, GREEN, PINK, VIOLET, GOLD, GRAY, RED)

Origin = Literal["measured", "predicted", "assumed"]
DASHES: Mapping[Origin, str] = {"measured": "solid", "predicted": "dash", "assumed": "dot"}
"""Measured solid, predicted dashed, assumed dotted: the same on every chart."""

NUMBER = ",.3~r"  # plain decimals: an SI prefix before a currency reads as nonsense
EXACT = ",.6~r"
SHARE = ".0%"
LEAST_TICKS = 3
NEVER_FIRST = "，。、；：）》”"
"""No line begins with one of these."""
HEIGHT = 320
MARGIN = {"l": 8, "r": 16, "t": 28, "b": 8}
BAND_ALPHA = 0.16
GRID_ALPHA = 0.8
"""The strongest field of a grid: what stands on it is read on a light and on a dark page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """What an axis shows, in what unit ("" for shares and names), and how it is divided."""

    title: str
    unit: str = ""
    is_log: bool = False
    is_share: bool = False
    starts_at_zero: bool = False

    @property
    def label(self) -> str:
        """The title with its unit."""
        return _("{title} ({unit})", title=self.title, unit=self.unit) if self.unit else self.title

    @property
    def hover(self) -> str:
        """D3 format of the exact value."""
        return ".2%" if self.is_share else EXACT

    @property
    def suffix(self) -> str:
        """What follows an exact value."""
        return "" if self.is_share or not self.unit else f" {self.unit}"

    def layout(self) -> dict[str, Any]:  # Plotly's own vocabulary
        """The axis as Plotly wants it."""
        made: dict[str, Any] = {
            "title": {"text": self.label},
            "fixedrange": True,
            "automargin": True,
            "tickformat": SHARE if self.is_share else NUMBER,
        }
        if self.is_log:
            made |= {"type": "log", "dtick": 1}
        elif self.starts_at_zero:
            made["rangemode"] = "tozero"
        return made


def figure(x: Axis, y: Axis, *, height: int = HEIGHT) -> go.Figure:
    """An empty figure with these axes; a legend, where there is one, stands above it."""
    import plotly.graph_objects as go

    made = go.Figure()
    made.update_layout(
        height=height,
        margin=MARGIN,
        xaxis=x.layout(),
        yaxis=y.layout(),
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": None},
        hoverlabel={"align": "left"},
        dragmode=False,
    )
    return made


def log_ticks(low: float, high: float) -> list[float]:
    """Numbers that divide a logarithmic axis between two values above 0, at least three where it can.

    Powers of ten over a wide range, then 1, 2 and 5 of each, then all digits; over the narrowest four
    numbers of two digits.
    """
    import math

    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits in ((1,), (1, 2, 5), range(1, 10)):
        every = (float(f"{digit}e{exponent}") for exponent in exponents for digit in digits)
        found = [value for value in every if low <= value <= high]
        if len(found) >= LEAST_TICKS:
            return found
    ratio = high / low
    return sorted({float(f"{low * ratio ** ((i + 0.5) / 4):.2g}") for i in range(4)})


def names_on(chart: go.Figure, names: Sequence[str]) -> None:
    """Let the vertical axis list names, the first on top, with the room that they need."""
    chart.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=list(reversed(names)),
        tickformat="",
        ticks="",
        showgrid=False,
    )


def wrapped(name: str, width: int = 26) -> str:
    """A name in lines of about that many Latin letters, half as many Chinese characters."""
    import unicodedata

    rows, room = [""], 0
    for part in re.findall(r"[ -~]+? |[ -~]+|.", name):
        wide = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in part)
        if room + wide > width and rows[-1] and part not in NEVER_FIRST:
            rows.append("")
            room = 0
        rows[-1] += part
        room += wide
    return "<br>".join(escaped(row.strip()) for row in rows)


def grid_colours() -> list[list[object]]:
    """The colours of a grid, from none of it to all of it."""
    return [[0, faint(BLUE, 0)], [1, faint(BLUE, GRID_ALPHA)]]


def texts_on(
    chart: go.Figure, x: Sequence[str], y: Sequence[str], texts: Sequence[Sequence[str]]
) -> None:
    """Write texts onto the fields of a grid in the page's own colour.

    A heatmap chooses the colour of its texts as if it lay on white, which nobody reads on a dark page;
    style.css gives the texts of a chart theirs, by the chart's key.

    Args:
        chart: with the grid.
        x: the names of its columns.
        y: the names of its rows.
        texts: a row for each of `y`, "" for nothing.
    """
    fields = [
        (column, row, text)
        for row, cells in zip(y, texts, strict=True)
        for column, text in zip(x, cells, strict=True)
        if text
    ]
    chart.add_scatter(
        x=[column for column, _row, _text in fields],
        y=[row for _column, row, _text in fields],
        text=[text for _column, _row, text in fields],
        mode="text",
        hoverinfo="skip",
        showlegend=False,
    )


def line(name: str, color: str, origin: Origin, width: float = 2.5) -> dict[str, Any]:
    """Arguments of a line: its name, colour, and what it rests on as its style."""
    return {
        "name": name,
        "mode": "lines",
        "line": {"color": color, "dash": DASHES[origin], "width": width},
    }


def band(chart: go.Figure, x: Sequence[float], low: Sequence[float], high: Sequence[float],
         color: str) -> None:  # fmt: skip
    """Add the interval around a line, from `low` to `high` at each `x`."""
    chart.add_scatter(
        x=[*x, *reversed(x)],
        y=[*high, *reversed(low)],
        mode="lines",  # of a few points Plotly draws each as a dot
        fill="toself",
        fillcolor=faint(color),
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )


def faint(color: str, alpha: float = BAND_ALPHA) -> str:
    """A colour to lie behind a line."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {alpha})"


def label_end(chart: go.Figure, x: float, y: float, text: str, color: str, *,
              is_log_y: bool = False) -> None:  # fmt: skip
    """Name a line where it ends, instead of in a legend."""
    import math

    chart.add_annotation(
        x=x,
        y=math.log10(y) if is_log_y else y,  # annotations on a log axis take exponents
        text=escaped(text),
        font={"color": color, "size": 12},
        showarrow=False,
        xanchor="right",
        yanchor="bottom",
    )


def limit(
    chart: go.Figure,
    value: float,
    text: str,
    *,
    axis: Literal["x", "y"] = "y",
    is_named_left: bool = False,
) -> None:
    """Draw a limit with its name: a dotted line across the figure, as limits are assumed.

    `is_named_left` puts the name of an upright line on its left, where another stands close by.
    """
    settings = {"line": {"color": GRAY, "dash": "dot", "width": 1.5}}
    if axis == "y":
        chart.add_hline(
            y=value, annotation_text=escaped(text), annotation_position="top left", **settings
        )
    else:
        chart.add_vline(
            x=value,
            annotation_text=escaped(text),
            annotation_position="top left" if is_named_left else "top right",
            **settings,
        )


def escaped(text: str) -> str:
    """A text that Plotly does not take for markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def hover(*lines: str) -> str:
    """A hover text of several lines without Plotly's second box."""
    return "<br>".join(lines) + "<extra></extra>"


def money(value: float, currency: str) -> str:
    """A short amount for a label inside a chart."""
    return f"{fmt.number(value)} {currency}"


def show(chart: go.Figure, *, key: str, alt: str) -> None:
    """Draw a figure; `alt` says in a sentence what is to be seen, for those who cannot see it."""
    st.plotly_chart(chart, key=key, alt=alt, config={"displayModeBar": False, "scrollZoom": False})
