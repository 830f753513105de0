"""Charts of the data of a recommender: the long tail, users by activity, events by month.

Everything in them was measured, so it is drawn solid. Knows no prototype.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from babel import dates

from components import format as fmt
from components import recommendation_words as words
from components.bench_chart import BASELINE_COLOR, COLOR
from components.i18n import _
from studio.prototypes.recommendation.data.profile import Profile

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT_PX = 260
N_NAMED_MONTHS = 6
"""Months that all have their name below the axis, also on a phone."""
CONFIG = {"displayModeBar": False, "scrollZoom": False}


def long_tail(profile: Profile, *, key: str) -> None:
    """Draw which share of the events the most frequent share of the items has."""
    import plotly.graph_objects as go

    x, y = zip(*profile.curve, strict=True)
    chart = go.Figure(
        go.Scatter(
            x=x,
            y=y,
            mode="lines",
            line={"color": COLOR, "width": 2.5},
            fill="tozeroy",
            fillcolor="rgba(61,155,209,0.15)",
            hovertemplate=_("{items} of the items have {events} of the events").format(
                items="%{x:.0%}", events="%{y:.0%}"
            )
            + "<extra></extra>",
        )
    )
    chart.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": BASELINE_COLOR, "dash": "dot", "width": 1},
        hoverinfo="skip",
    )
    # Right of the line and below it, so that neither crosses the other at any width.
    chart.add_annotation(
        x=0.6, y=0.6, text=_("all alike"), showarrow=False, xanchor="left", yanchor="top", yshift=-6
    )
    chart.update_layout(
        xaxis={
            "title": _("Share of items, most frequent first"),
            "tickformat": ".0%",
            "range": [0, 1.01],
        },
        yaxis={"title": _("Share of events"), "tickformat": ".0%", "range": [0, 1.05]},
    )
    _draw(chart, key)


def bands(profile: Profile, *, key: str) -> None:
    """Draw how many users used how many items."""
    import plotly.graph_objects as go

    chart = go.Figure(
        go.Bar(
            x=words.bands(),
            y=profile.bands,
            marker={"color": COLOR},
            text=[fmt.count(n) for n in profile.bands],
            textposition="outside",
            textangle=0,
            constraintext="none",
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    chart.update_layout(
        xaxis={"title": _("Items of a user"), "type": "category"},
        yaxis={"title": _("Users"), "rangemode": "tozero"},
    )
    _draw(chart, key)


def months(profile: Profile, *, key: str) -> None:
    """Draw the events of each month."""
    import plotly.graph_objects as go

    names = [
        dates.format_skeleton("yMMM", month.starts, locale=fmt.locale()) for month in profile.months
    ]
    are_few = len(profile.months) <= N_NAMED_MONTHS
    chart = go.Figure(
        go.Bar(
            x=[f"{one.starts:%Y-%m}" if are_few else one.starts for one in profile.months],
            y=[month.n_events for month in profile.months],
            marker={"color": COLOR},
            customdata=names,
            hovertemplate="%{customdata}: %{y}<extra></extra>",
        )
    )
    chart.update_layout(
        # A date axis of a month or two names the months around them, too.
        xaxis={"title": _("Month"), "type": "category"}
        if are_few
        else {"title": _("Month"), "tickformat": "%Y-%m"},
        yaxis={"title": _("Events"), "rangemode": "tozero"},
    )
    _draw(chart, key)


def _draw(chart: go.Figure, key: str) -> None:
    chart.update_layout(
        height=HEIGHT_PX, margin={"l": 0, "r": 12, "t": 16, "b": 0}, showlegend=False
    )
    chart.update_xaxes(fixedrange=True)
    chart.update_yaxes(fixedrange=True)
    st.plotly_chart(chart, key=key, config=CONFIG)
