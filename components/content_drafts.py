"""Which of the kept drafts is looked at: the newest, unless somebody chooses an older one.

One can be deleted, and brought back until something else is.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import format as fmt
from components import notice, session
from components.i18n import _, translate
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.drafts import Drafts
from studio.workspace.records import DraftHead

N_CHARACTERS = 60  # of a title in the list


def choose(content: Content, name: str, drafts: Drafts[Any]) -> str | None:
    """Draw the choice, the way to delete what is chosen, and the way back from that.

    Args:
        content: whose they are.
        name: what tells these drafts from others of the prototype.
        drafts: those that are kept.

    Returns:
        The id of the one that is looked at; None where there is nothing.
    """
    _undo(content, name, drafts)
    heads = drafts.list()
    if not heads:
        return None
    kept = _kept(content, name)
    known = {head.id: head for head in heads}
    wanted: str = session.kept_value(kept, heads[0].id)
    if wanted not in known:
        wanted = heads[0].id
    key = f"_{kept}"
    session.fill_widget(key, wanted)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            _("Kept, the newest first"),
            list(known),
            format_func=lambda one: _name(known[one]),
            key=key,
            on_change=_look_at,
            args=(kept, key),
        )
        st.button(
            _("Delete"),
            key=f"{key}.delete",
            icon=":material/delete:",
            type="tertiary",
            on_click=_delete,
            args=(content, name, drafts, known[wanted]),
        )
    return wanted


def _delete(content: Content, name: str, drafts: Drafts[Any], head: DraftHead) -> None:
    try:
        drafts.delete(head.id)
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    show_newest(content, name)
    session.keep_value(_deleted(content, name), head)


def _undo(content: Content, name: str, drafts: Drafts[Any]) -> None:
    """Draw the way back for the draft that was deleted last, if any was."""
    head: DraftHead | None = session.kept_value(_deleted(content, name))
    if head is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        told = _("{name} was deleted.", name=f"**{notice.plain(_short(head.title))}**")
        st.markdown(told, width="content")
        st.button(
            _("Undo"),
            key=f"_{_deleted(content, name)}.undo",
            on_click=_restore,
            args=(content, name, drafts, head),
        )


def _restore(content: Content, name: str, drafts: Drafts[Any], head: DraftHead) -> None:
    session.keep_value(_deleted(content, name), None)
    try:
        drafts.restore(head.id)
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        session.keep_value(_kept(content, name), head.id)


def show_newest(content: Content, name: str) -> None:
    """Look at the newest from now on: a new one is being made."""
    session.keep_value(_kept(content, name), None)


def _name(head: DraftHead) -> str:
    return f"{_short(head.title)} · {fmt.when(head.created_at)}"


def _short(title: str) -> str:
    return title if len(title) <= N_CHARACTERS else title[: N_CHARACTERS - 1] + "…"


def _look_at(kept: str, key: str) -> None:
    session.keep_value(kept, session.widget_value(key))


def _kept(content: Content, name: str) -> str:
    return f"content.draft.{name}.{content.id}"


def _deleted(content: Content, name: str) -> str:
    return f"content.deleted_draft.{name}.{content.id}"
