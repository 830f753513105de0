"""Who is signed in, in the sidebar of every page, and the way out."""

from __future__ import annotations

import streamlit as st

from components import notice, people_words, who
from components.i18n import _
from studio.acting import Role


def show() -> None:
    """Draw name, role and the way out; nothing where nobody has to sign in."""
    if not who.is_asked():
        return
    actor = who.signed_in()
    if actor is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="people_badge"):
        st.markdown(
            f":material/account_circle: **{notice.plain(actor.name)}**  \n"
            f":small[:gray[{people_words.role(actor.role)}]]",
            width="stretch",
        )
        st.button(_("Sign out"), key="_badge.sign_out", type="tertiary", on_click=who.sign_out)
    if actor.role is Role.VIEWER:
        st.caption(
            _("You can look at everything and try it. What you change is not kept."),
            help=_("To build, ask an owner of this studio to make you an editor."),
        )
