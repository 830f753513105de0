"""Which of several kept drafts is looked at: the newest, unless somebody chooses an older one."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import format as fmt
from components import session
from components.i18n import _
from studio.prototypes.content.content import Content
from studio.workspace.records import DraftHead

N_CHARACTERS = 60  # of a title in the list


def choose(content: Content, name: str, heads: tuple[DraftHead, ...]) -> str | None:
    """Draw the choice where there are several; gives the id, None where there is nothing.

    Args:
        content: whose they are.
        name: what tells these drafts from others of the prototype.
        heads: those that are kept, the newest first.
    """
    if not heads:
        return None
    kept = _kept(content, name)
    known = {head.id: head for head in heads}
    wanted: str = session.kept_value(kept, heads[0].id)
    if wanted not in known:
        wanted = heads[0].id
    if len(heads) == 1:
        return wanted
    key = f"_{kept}"
    session.fill_widget(key, wanted)
    now = datetime.now(UTC)
    st.selectbox(
        _("Kept, the newest first"),
        list(known),
        format_func=lambda one: _name(known[one], now),
        key=key,
        on_change=_look_at,
        args=(kept, key),
    )
    return wanted


def show_newest(content: Content, name: str) -> None:
    """Look at the newest from now on: a new one is being made."""
    session.keep_value(_kept(content, name), None)


def _name(head: DraftHead, now: datetime) -> str:
    title = head.title if len(head.title) <= N_CHARACTERS else head.title[: N_CHARACTERS - 1] + "…"
    return f"{title} · {fmt.ago(head.created_at, now)}"


def _look_at(kept: str, key: str) -> None:
    session.keep_value(kept, session.widget_value(key))


def _kept(content: Content, name: str) -> str:
    return f"content.draft.{name}.{content.id}"
