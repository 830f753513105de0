"""The map of what people ask: a dot per query, similar ones together, by whether it is answered.

Colours come from the page's theme, light or dark; the sign tells the same as the colour. The module
draws and computes no places.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from components import format as fmt
from components import query_words
from components.i18n import _
from studio.prototypes.search.analytics import AskedQuery, QueryReport

if TYPE_CHECKING:
    import plotly.graph_objects as go

N_LABELS = 6
LARGEST_DOT = 34  # pixels across
HEIGHT = 460
APART = 0.16  # of the map's height; nearer labels would lie on each other


def show(report: QueryReport, shown: Sequence[AskedQuery], *, key: str) -> AskedQuery | None:
    """Draw the map and give the query that was clicked; None while none was.

    Args:
        report: all of it, for the names of the themes.
        shown: the queries to draw.
        key: of the widget.
    """
    event = st.plotly_chart(
        _figure(report, shown),
        key=key,
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False, "scrollZoom": False},
        alt=query_words.summary(report),
    )
    points = event.selection.points if event else []
    chosen = points[0].get("customdata") if points else None
    wanted = chosen[0] if chosen else None
    return next((query for query in shown if query.query == wanted), None)


def _figure(report: QueryReport, shown: Sequence[AskedQuery]) -> go.Figure:
    import plotly.graph_objects as go

    most = max((query.n_asked for query in shown), default=1)
    figure = go.Figure()
    for is_covered, name, symbol in (
        (True, _("answered"), "circle"),
        (False, _("not answered"), "diamond"),
    ):
        queries = [query for query in shown if query.is_covered is is_covered]
        figure.add_scatter(
            x=[query.place[0] for query in queries],
            y=[query.place[1] for query in queries],
            mode="markers",
            name=name,
            marker={
                "symbol": symbol,
                "size": [query.n_asked for query in queries],
                "sizemode": "area",
                "sizeref": most / LARGEST_DOT**2 * 2,
                "sizemin": 4,
                "opacity": 0.75,
                "line": {"width": 1, "color": "rgba(128,128,128,0.6)"},
            },
            customdata=[
                [
                    query.query,
                    fmt.count(query.n_asked),
                    report.themes[query.theme].name,
                    f"{query.relevance:.2f}",
                    query.nearest or "–",
                ]
                for query in queries
            ],
            hovertemplate=_hover(),
        )
    for theme, query in _labels(report, shown):
        x, y = query.place
        radius = LARGEST_DOT / 2 * (query.n_asked / most) ** 0.5
        figure.add_annotation(
            x=x,
            y=y,
            text=_escaped(theme),
            showarrow=False,
            yshift=radius + 10,
            font={"size": 12},
        )
    axis = {"visible": False, "fixedrange": True}
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 4, "r": 4, "t": 34, "b": 4},
        xaxis=axis,
        yaxis=axis,
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "itemsizing": "constant"},
        clickmode="event+select",
        dragmode=False,
    )
    return figure


def _hover() -> str:
    """The text beside a dot that is pointed at or touched."""
    lines = (
        _("asked {n} times", n="%{customdata[1]}"),
        _("theme: {theme}", theme="%{customdata[2]}"),
        _(
            "nearest: {title}, relevance {value}",
            title="%{customdata[4]}",
            value="%{customdata[3]}",
        ),
    )
    return "<b>%{customdata[0]}</b><br>" + "<br>".join(lines) + "<extra></extra>"


def _labels(report: QueryReport, shown: Sequence[AskedQuery]) -> list[tuple[str, AskedQuery]]:
    """Names of the most asked themes with the query they stand at, none near another."""
    if not shown:
        return []
    xs, ys = zip(*(query.place for query in shown), strict=True)
    width, height = max(xs) - min(xs) or 1.0, max(ys) - min(ys) or 1.0
    most_asked: dict[int, AskedQuery] = {}
    for query in shown:
        most_asked.setdefault(query.theme, query)
    placed: list[tuple[str, AskedQuery]] = []
    for number, query in sorted(most_asked.items()):
        x, y = query.place
        is_free = all(
            abs(y - other.place[1]) / height > APART or abs(x - other.place[0]) / width > 2 * APART
            for _name, other in placed
        )
        if is_free:
            placed.append((report.themes[number].name, query))
        if len(placed) == N_LABELS:
            break
    return placed


def _escaped(text: str) -> str:
    """A text that Plotly does not take for markup."""
    short = text if len(text) <= 26 else text[:25] + "…"
    return short.replace("&", "&amp;").replace("<", "&lt;")
