"""How content people are with each version: the share of thumbs up with its interval, as a chart."""

from __future__ import annotations

import streamlit as st

from components import bench_chart, cache, feedback_list, notice
from components.i18n import _, ngettext
from studio.workbench import AnyPrototype

ENOUGH = 20
"""Thumbs below which an interval is wider than half the axis, so that a reader is told."""


def show(prototype: AnyPrototype) -> None:
    """Draw the chart, of everybody's thumbs or of those given in one place."""
    headlines = feedback_list.headlines_of(prototype)
    places = {"any": _("Everybody"), "": _("You"), **headlines}
    chosen = "any"
    if len(places) > 2:
        picked = st.pills(
            _("Whose thumbs"),
            list(places),
            default="any",
            required=True,
            format_func=lambda one: notice.plain(places[one]),
            key="_satisfaction.place",
        )
        chosen = "any" if picked is None else str(picked)
    found = cache.workbench().feedback.satisfaction(
        prototype.id, publication_id=None if chosen == "any" else chosen
    )
    if not found:
        notice.show(_("No thumbs yet. They stand below every answer."))
        return
    rows = [
        (
            _("Version {n}", n=one.version)
            + " · "
            + ngettext("{n} thumb", "{n} thumbs", one.n_up + one.n_down),
            one.share,
        )
        for one in found
    ]
    bench_chart.show(
        rows, _("Share of thumbs up"), key=f"satisfaction_{prototype.id}_{chosen}", digits=2
    )
    st.caption(
        _(
            "The line is where the share lies with 95% certainty (Wilson's interval). Versions whose"
            " lines overlap widely cannot be told apart yet."
        )
    )
    if max(one.n_up + one.n_down for one in found) < ENOUGH:
        st.caption(_("With fewer than {n} thumbs this says little.", n=ENOUGH))
