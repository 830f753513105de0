"""The door of a demo with a password."""

from __future__ import annotations

import streamlit as st

from components import cache, notice, visitor
from components.i18n import _
from studio.errors import StudioError
from studio.sharing.passwords import MAX_LENGTH


def show(slug: str) -> None:
    """Ask for the password; the page runs again once it was right."""
    with st.container(key="demo_password"), st.form("demo_password_form"):
        given = st.text_input(
            _("Password"), type="password", max_chars=MAX_LENGTH, key="_demo.password"
        )
        is_sent = st.form_submit_button(_("Open the demo"), type="primary", width="stretch")
    if not is_sent:
        return
    try:
        cache.workbench().sharing.let_in(slug, visitor.token(), str(given or ""), visitor.address())
    except StudioError as error:
        notice.show(error.notice, "warning")
        return
    st.rerun()
