"""Drafts of judgements: queries made from the documents, which count once a person confirms them."""

from __future__ import annotations

import streamlit as st

from components import notice, session
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.evaluation.drafting import Draft
from studio.workbench import AnyDocumented

N_DRAFTS = 20
N_SHOWN = 5


def show(prototype: AnyDocumented) -> None:
    """Draw the drafts that wait, a few at a time."""
    waiting = session.drafts(prototype.id)
    with st.expander(
        _("Drafts from your documents"),
        expanded=bool(waiting),
        key=f"_bench.{prototype.id}.drafts",
    ):
        st.caption(
            _(
                "Queries made of headings and telling words, with the result each was taken from. Say"
                " them as your users would, then confirm them one by one. They count only then, and"
                " favour search by words if left as they are."
            )
        )
        for draft in waiting[:N_SHOWN]:
            _row(prototype, draft)
        if len(waiting) > N_SHOWN:
            n_more = len(waiting) - N_SHOWN
            st.caption(ngettext("and {n} more", "and {n} more", n_more))
        if not waiting:
            st.button(
                _("Make drafts"),
                key=f"_bench.{prototype.id}.draft",
                icon=":material/edit_note:",
                on_click=_make,
                args=(prototype,),
            )


def _row(prototype: AnyDocumented, draft: Draft) -> None:
    key = f"_bench.{prototype.id}.draft.{draft.item_id}.{draft.query}"
    with st.container(border=True, gap="xsmall"):
        session.default_widget_value(f"{key}.query", draft.query)
        st.text_input(_("Query"), key=f"{key}.query", max_chars=1000, help=translate(draft.note))
        st.caption(notice.plain(_("finds: {name}", name=draft.item_name)))
        with st.container(horizontal=True):
            st.button(
                _("Confirm"),
                key=f"{key}.confirm",
                on_click=_confirm,
                args=(prototype, draft, f"{key}.query"),
            )
            st.button(_("Discard"), key=f"{key}.discard", on_click=_drop, args=(prototype, draft))


def _make(prototype: AnyDocumented) -> None:
    try:
        made = prototype.bench.drafts(N_DRAFTS)
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    session.set_drafts(prototype.id, made)
    if not made:
        session.flash(_("No further drafts can be made from these documents."))


def _confirm(prototype: AnyDocumented, draft: Draft, key: str) -> None:
    try:
        prototype.bench.confirm(draft, str(session.widget_value(key) or ""))
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        _drop(prototype, draft)


def _drop(prototype: AnyDocumented, draft: Draft) -> None:
    waiting = [one for one in session.drafts(prototype.id) if one != draft]
    session.set_drafts(prototype.id, waiting)
