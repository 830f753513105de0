"""The passages of a prototype on a map: themes, and passages unlike any other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import streamlit as st

from components import cache, chart_frame, notice, progress
from components import format as fmt
from components.i18n import _, ngettext
from studio.explaining.explaining import MAP_JOB
from studio.explaining.passage_map import MappedPassage, PassageMap
from studio.jobs.runner import JobState
from studio.workbench import AnyDocumented

if TYPE_CHECKING:
    import plotly.graph_objects as go

N_THEMES = 7
MAX_TEXT = 120
HEADING = re.compile(r"^#{1,6}\s+", re.MULTILINE)
"""The mark of a heading, which tells nothing in a line."""
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star")


def show(prototype: AnyDocumented) -> None:
    """Draw the button, the work, and the map that was made last."""
    st.caption(
        _(
            "Each dot is a passage; what the search model takes to be alike lies together. The two axes"
            " have no meaning of their own."
        )
    )
    explaining = cache.workbench().explaining
    job = explaining.latest(MAP_JOB, prototype.id)
    if not progress.is_active(job):
        st.button(
            _("Draw the map") if job is None else _("Draw it again"),
            type="primary" if job is None else "secondary",
            key=f"_explain.map.{prototype.id}",
            on_click=_draw_map,
            args=(prototype.id,),
        )
    progress.watch(
        lambda: explaining.latest(MAP_JOB, prototype.id), key=f"explain.map.{prototype.id}"
    )
    if job is not None and job.state is JobState.DONE:
        _result(job.result(), prototype)


def _draw_map(prototype_id: str) -> None:
    cache.workbench().explaining.start_map(prototype_id)


def _result(found: PassageMap, prototype: AnyDocumented) -> None:
    chart_frame.show(
        figure(found),
        key=f"_explain.map_chart.{prototype.id}",
        alt=ngettext(
            "A map of {n} passage by meaning.",
            "A map of {n} passages by meaning.",
            len(found.passages),
        ),
    )
    if found.n_passages > len(found.passages):
        st.caption(
            _(
                "{n} of {total} passages are drawn.",
                n=fmt.count(len(found.passages)),
                total=fmt.count(found.n_passages),
            )
        )
    st.markdown("**" + _("Least like any other") + "**")
    st.caption(
        _("Often a leftover, a table that was cut badly, or a subject that only one document has.")
    )
    for one in found.outliers:
        with st.container(gap="xxsmall"):
            st.markdown(f"{notice.plain(_short(one.text))}")
            st.caption(
                notice.plain(one.item)
                + " · "
                + _("nearest passage {value}", value=f"{one.nearest:.2f}")
            )


def figure(found: PassageMap) -> go.Figure:
    """The map: the largest themes by colour and sign, the others grey."""
    chart = chart_frame.figure(chart_frame.Axis(title=""), chart_frame.Axis(title=""), height=460)
    shown = [*range(min(N_THEMES, len(found.themes))), -1]
    for theme in shown:
        members = [
            one
            for one in found.passages
            if (one.theme == theme if theme >= 0 else one.theme >= N_THEMES)
        ]
        if members:
            _add(chart, members, found.themes[theme] if theme >= 0 else _("other"), theme)
    chart.update_xaxes(visible=False)
    chart.update_yaxes(visible=False)
    return chart


def _add(chart: go.Figure, members: list[MappedPassage], name: str, theme: int) -> None:
    color = chart_frame.PALETTE[theme] if theme >= 0 else chart_frame.GRAY
    chart.add_scatter(
        x=[one.place[0] for one in members],
        y=[one.place[1] for one in members],
        mode="markers",
        name=chart_frame.escaped(name[:30]),
        marker={
            "size": 7,
            "color": color,
            "symbol": SYMBOLS[theme] if theme >= 0 else "circle-open",
            "opacity": 0.8,
        },
        customdata=[
            (chart_frame.escaped(one.item), chart_frame.escaped(_short(one.text)))
            for one in members
        ],
        hovertemplate=chart_frame.hover("<b>%{customdata[0]}</b>", "%{customdata[1]}"),
    )


def _short(text: str) -> str:
    line = " ".join(HEADING.sub("", text).split())
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1] + "…"
