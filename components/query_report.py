"""What people ask, by theme, and what the documents do not answer.

Joins the list that is kept, the job that makes the report, and the report; each is drawn elsewhere.
"""

from __future__ import annotations

import streamlit as st

from components import index_panel, notice, progress, query_figures, query_source
from components.i18n import _
from studio.errors import StudioError
from studio.prototypes.search.search import Search


def show(search: Search) -> None:
    """Draw the report on a list of queries, or the way to bring one."""
    state = search.index_state()
    if state.n_passages == 0:
        index_panel.show_nothing(search, state)
        return
    try:
        kept = search.queries.kept()
    except StudioError as error:  # a damaged file must not bar the way to another one
        notice.show(error.notice, "error")
        kept = None
    if kept is None:
        query_source.show_empty(search)
        return
    query_source.show(search, kept)
    if search.queries.job() is None:  # another process made the last one: its vectors are kept
        search.queries.start()
    progress.watch(search.queries.job, key=f"queries.{search.id}", retry=search.queries.start)
    report = search.queries.report()
    if report is None:
        return
    if not search.queries.is_current(report):
        notice.show(_("The list or the index has changed since this was counted."), "warning")
        st.button(
            _("Count again"),
            key=f"_queries.again.{search.id}",
            type="primary",
            on_click=_start,
            args=(search,),
        )
    query_figures.show(search, report)


def _start(search: Search) -> None:
    search.queries.start()
