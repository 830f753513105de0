"""Which other prototypes have opinions that nobody has read yet, so that none waits unseen."""

from __future__ import annotations

import streamlit as st

from components import cache, notice, session
from components.i18n import _
from studio.workbench import AnyPrototype
from studio.workspace.feedback_record import FeedbackFilter

N_NAMED = 5
N_LOOKED_AT = 50


def newest() -> str:
    """The id of the prototype of the newest opinion that waits; empty where none does."""
    bench = cache.workbench()
    known = {record.id for record in bench.prototypes()}
    waiting = bench.feedback.list(FeedbackFilter(state="new"), limit=N_LOOKED_AT)
    return next((one.prototype_id for one in waiting if one.prototype_id in known), "")


def show(prototype: AnyPrototype) -> None:
    """Draw a button for each other prototype with opinions that wait; nothing where there are none."""
    bench = cache.workbench()
    waiting = [
        (record, n)
        for record in bench.prototypes()
        if record.id != prototype.id
        and (n := bench.feedback.count(FeedbackFilter(prototype_id=record.id, state="new")))
    ]
    if not waiting:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="feedback_elsewhere"):
        st.caption(_("New elsewhere:"), width="content")
        for record, n in waiting[:N_NAMED]:
            st.button(
                notice.plain(f"{record.name} ({n})"),
                key=f"_feedback.elsewhere.{record.slug}",
                on_click=_open,
                args=(record.slug,),
            )


def _open(slug: str) -> None:
    st.query_params["prototype"] = slug
    session.set_business_prototype(slug)
