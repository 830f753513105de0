"""Search: give it tables and documents, set how it ranks, and try it beside its settings.

Address: `/search?prototype=<slug>`; without a prototype one is chosen or made.
"""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import (
    addressed,
    builder_switch,
    builder_view,
    prototype_chooser,
    prototype_header,
    query_report,
    search_bench,
    search_panel,
    search_steps,
    shell,
)
from components.i18n import _
from studio.prototypes.search.search import Search


def build(search: Search) -> None:
    """The builder: settings on the left, the search itself on the right."""
    settings = search.settings
    prototype_header.show(search, datetime.now(UTC))
    builder_switch.show()
    left, right = st.columns([5, 9], gap="medium")
    with left, st.container(key="panel_settings"):
        search_steps.show(search, settings)
    with right, st.container(key="panel_try"):
        match builder_view.choose(
            {"try": _("Try it"), "bench": _("Tune"), "queries": _("What people ask")}
        ):
            case "bench":
                search_bench.show(search)
            case "queries":
                query_report.show(search)
            case _:
                search_panel.show(search)


with shell.page(""):
    opened = addressed.prototype(Search)
    if opened is None:
        prototype_chooser.show(Search.kind, datetime.now(UTC))
    else:
        build(opened)
