"""Charts of a report as SVG: drawn once, readable in print, without a script.

Every text is escaped. Colours are those of the studio's charts; a line's style tells the same as its
colour: measured solid, predicted dashed.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

BLUE, ORANGE, GRAY, RED = "#2f8fcf", "#d96f14", "#7d8a8b", "#d4504e"
WIDTH = 720
_ROW = 30
_TOP = 26  # room above a line for what is said at its highest point
_LABELS = 250
_VALUES = 130
_COLUMNS = 36  # of a label; Chinese characters take two


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar with its label and its value in words."""

    label: str
    value: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A point between two ends, on one line."""

    label: str
    low: float
    value: float
    high: float
    text: str
    color: str = BLUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A line: its name, "" for the only one, and its values."""

    values: Sequence[float]
    label: str = ""
    color: str = BLUE


def bars(rows: Sequence[Bar], title: str) -> Markup:
    """Horizontal bars from zero; nothing where there is nothing to draw."""
    most = max((row.value for row in rows), default=0)
    if most <= 0:
        return Markup("")
    room = WIDTH - _LABELS - _VALUES
    drawn = []
    for number, row in enumerate(rows):
        y = number * _ROW
        width = max(1.0, room * row.value / most)
        drawn.append(_label(row.label, y))
        drawn.append(
            f'<rect x="{_LABELS}" y="{y + 6}" width="{width:.1f}" height="{_ROW - 12}" fill="{BLUE}"/>'
        )
        drawn.append(_text(_LABELS + width + 6, y + _ROW / 2, row.text))
    return _svg(drawn, len(rows) * _ROW, title)


def ranges(rows: Sequence[Range], title: str, *, middle: float | None = None) -> Markup:
    """Points with what lies between their ends, on a common scale from the least to the greatest.

    Args:
        rows: from top to bottom.
        title: what is seen, for who cannot see it.
        middle: where a line is drawn through all rows, such as the result without a change.
    """
    if not rows:
        return Markup("")
    ends = [end for row in rows for end in (row.low, row.high, row.value)]
    ends += [] if middle is None else [middle]
    least, most = min(ends), max(ends)
    span = (most - least) or 1.0
    room = WIDTH - _LABELS - _VALUES - 12

    def x(value: float) -> float:
        return _LABELS + 6 + room * (value - least) / span

    drawn = []
    height = len(rows) * _ROW
    if middle is not None:
        drawn.append(
            f'<line x1="{x(middle):.1f}" x2="{x(middle):.1f}" y1="0" y2="{height}" stroke="{GRAY}"'
            ' stroke-dasharray="3 3"/>'
        )
    for number, row in enumerate(rows):
        y = number * _ROW + _ROW / 2
        drawn.append(_label(row.label, number * _ROW))
        drawn.append(
            f'<line x1="{x(row.low):.1f}" x2="{x(row.high):.1f}" y1="{y}" y2="{y}"'
            f' stroke="{row.color}" stroke-width="6" stroke-opacity="0.45"/>'
        )
        drawn.append(f'<circle cx="{x(row.value):.1f}" cy="{y}" r="4.5" fill="{row.color}"/>')
        drawn.append(_text(WIDTH - _VALUES + 4, y, row.text))
    return _svg(drawn, height, title)


def lines(
    xs: Sequence[float],
    series: Sequence[Series],
    title: str,
    unit: str,
    *,
    ticks: Sequence[tuple[float, str]],
    marks: Sequence[tuple[float, float, str]] = (),
) -> Markup:
    """Predicted lines over a common axis from zero, dashed, each named at its end.

    Nothing where there are fewer than two points, or one has no value.

    Args:
        xs: rising.
        series: each with a value for every x.
        title: what is seen, for who cannot see it.
        unit: of the values.
        ticks: x and its name.
        marks: x, value and what is said at that point.
    """
    values = [value for one in series for value in one.values]
    if len(xs) < 2 or not values or not all(map(math.isfinite, values)):
        return Markup("")
    height, left, bottom, right = 230, 90, 26, 110 if len(series) > 1 else 20
    least, most = min(0.0, *values), max(0.0, *values)
    x_span, y_span = (xs[-1] - xs[0]) or 1.0, (most - least) or 1.0

    def x_of(x: float) -> float:
        return left + (WIDTH - left - right) * (x - xs[0]) / x_span

    def y_of(value: float) -> float:
        return _TOP + (height - bottom - 10 - _TOP) * (most - value) / y_span

    drawn = [
        f'<line x1="{left}" x2="{WIDTH - right}" y1="{y_of(0):.1f}" y2="{y_of(0):.1f}"'
        f' stroke="{GRAY}"/>',
        _text(left - 8, y_of(0), f"0 {unit}", anchor="end"),
    ]
    for one in series:
        path = " ".join(
            f"{x_of(x):.1f},{y_of(value):.1f}" for x, value in zip(xs, one.values, strict=True)
        )
        drawn.append(
            f'<polyline points="{path}" fill="none" stroke="{one.color}" stroke-width="2.5"'
            ' stroke-dasharray="7 4"/>'
        )
        if one.label:
            drawn.append(_text(WIDTH - right + 6, y_of(one.values[-1]), one.label))
    for x, value, said in marks:
        anchor = "end" if x_of(x) > WIDTH / 2 else "start"
        drawn.append(f'<circle cx="{x_of(x):.1f}" cy="{y_of(value):.1f}" r="4.5" fill="{ORANGE}"/>')
        drawn.append(_text(x_of(x), y_of(value) - 13, said, anchor=anchor))
    drawn += [_text(x_of(x), height - 8, name, anchor="middle") for x, name in ticks]
    return _svg(drawn, height, title)


def _label(text: str, y: float) -> str:
    return _text(_LABELS - 8, y + _ROW / 2, _fitted(text), anchor="end")


def _fitted(text: str) -> str:
    """The text, or as much of it as fits beside a row."""
    used = 0
    for at, character in enumerate(text):
        used += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used > _COLUMNS:
            return f"{text[:at]}…"
    return text


def _text(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" dominant-baseline="middle">'
        f"{escape(text)}</text>"
    )


def _svg(drawn: Sequence[str], height: float, title: str) -> Markup:
    return Markup(
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(drawn)}</svg>"
    )
