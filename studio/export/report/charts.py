"""Charts of a report as SVG: drawn once, readable in print, without a script.

Every text is escaped. Colours are those of the studio's charts; a line's style tells the same as its
colour: measured solid, predicted dashed.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

BLUE, ORANGE, GRAY, RED = "#2f8fcf", "#d96f14", "#7d8a8b", "#d4504e"
WIDTH = 720
_ROW = 30
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


def bars(rows: Sequence[Bar], title: str) -> Markup:
    """Horizontal bars from zero; nothing where there is nothing to draw."""
    most = max((row.value for row in rows), default=0)
    if most <= 0:
        return Markup("")
    room = WIDTH - _LABELS - _VALUES
    lines = []
    for number, row in enumerate(rows):
        y = number * _ROW
        width = max(1.0, room * row.value / most)
        lines.append(_label(row.label, y))
        lines.append(
            f'<rect x="{_LABELS}" y="{y + 6}" width="{width:.1f}" height="{_ROW - 12}" fill="{BLUE}"/>'
        )
        lines.append(_text(_LABELS + width + 6, y + _ROW / 2, row.text))
    return _svg(lines, len(rows) * _ROW, title)


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

    lines = []
    height = len(rows) * _ROW
    if middle is not None:
        lines.append(
            f'<line x1="{x(middle):.1f}" x2="{x(middle):.1f}" y1="0" y2="{height}" stroke="{GRAY}"'
            ' stroke-dasharray="3 3"/>'
        )
    for number, row in enumerate(rows):
        y = number * _ROW + _ROW / 2
        lines.append(_label(row.label, number * _ROW))
        lines.append(
            f'<line x1="{x(row.low):.1f}" x2="{x(row.high):.1f}" y1="{y}" y2="{y}"'
            f' stroke="{row.color}" stroke-width="6" stroke-opacity="0.45"/>'
        )
        lines.append(f'<circle cx="{x(row.value):.1f}" cy="{y}" r="4.5" fill="{row.color}"/>')
        lines.append(_text(WIDTH - _VALUES + 4, y, row.text))
    return _svg(lines, height, title)


def line(values: Sequence[float], title: str, say: Callable[[float], str], unit: str) -> Markup:
    """Predicted values from step 0 on, dashed, with zero, the least and the last value named."""
    if len(values) < 2 or not all(map(math.isfinite, values)):
        return Markup("")
    height, left, bottom = 220, 90, 24
    least, most = min(0.0, *values), max(0.0, *values)
    span = (most - least) or 1.0
    room = WIDTH - left - 20

    def point(step: int) -> tuple[float, float]:
        y = 10 + (height - bottom - 20) * (most - values[step]) / span
        return left + room * step / (len(values) - 1), y

    zero = 10 + (height - bottom - 20) * most / span
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(point, range(len(values))))
    lines = [
        f'<line x1="{left}" x2="{WIDTH - 20}" y1="{zero:.1f}" y2="{zero:.1f}" stroke="{GRAY}"/>',
        f'<polyline points="{path}" fill="none" stroke="{BLUE}" stroke-width="2.5"'
        ' stroke-dasharray="7 4"/>',
        _text(left - 8, zero, f"0 {unit}", anchor="end"),
    ]
    lowest = min(range(len(values)), key=values.__getitem__)
    for step in sorted({0, lowest, len(values) - 1}):
        x, y = point(step)
        anchor = "end" if step > len(values) / 2 else "start"
        lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{BLUE}"/>')
        lines.append(_text(x, y - 12 if y > 30 else y + 16, say(values[step]), anchor=anchor))
    for step in range(0, len(values), 12):
        lines.append(_text(point(step)[0], height - 8, str(step), anchor="middle"))
    return _svg(lines, height, title)


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


def _svg(lines: Sequence[str], height: float, title: str) -> Markup:
    return Markup(
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(lines)}</svg>"
    )
