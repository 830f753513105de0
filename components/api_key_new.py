"""A new key: its form, and the key itself, which is shown once and never again."""

from __future__ import annotations

import streamlit as st

from components import api_key_fields, cache, notice, session, who
from components.i18n import _, translate
from studio.acting import Role
from studio.errors import StudioError
from studio.workspace.api_key_record import KeyGrants, NewApiKey

PREFIX = "_api.new"
NAME = f"{PREFIX}.name"
MADE = "api.made"
MAX_NAME = 80


def show(*, is_first: bool) -> None:
    """Draw the key just made, or the form; it stands open while there is no key yet."""
    if not who.may(Role.OWNER):
        st.caption(
            _("Only an owner of this studio makes keys, changes their limits and revokes them.")
        )
        return
    made: NewApiKey | None = session.kept_value(MADE)
    if made is not None:
        _show_made(made)
        return
    with st.expander(_("Create a key"), icon=":material/add:", expanded=is_first, key="api_new"):
        st.caption(
            _(
                "One key for each customer: so each has its own meter and limits, and can be revoked"
                " alone. A day is one of UTC."
            )
        )
        with st.form("_api.new.form", border=False):
            st.text_input(
                _("Whose key it is"),
                key=NAME,
                max_chars=MAX_NAME,
                placeholder=_("Name of the customer"),
            )
            api_key_fields.show(PREFIX, KeyGrants())
            st.form_submit_button(_("Create the key"), type="primary", on_click=_create)


def _create() -> None:
    try:
        grants = api_key_fields.read(PREFIX)
        name = str(session.widget_value(NAME) or "")
        made = cache.workbench().workspace.api_keys.create(name, grants)
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    api_key_fields.forget(PREFIX)
    session.set_widget_value(NAME, "")
    session.keep_value(MADE, made)


def _show_made(made: NewApiKey) -> None:
    with st.container(border=True, key="api_made"):
        st.markdown(_("**The key of {name}**", name=notice.plain(made.record.name)))
        st.code(made.secret, language=None, wrap_lines=True)
        notice.show(
            _(
                "Copy it now: it is shown only here, as the studio keeps nothing but a hash of it. Who"
                " has it can use what it opens, up to its limits."
            ),
            "warning",
        )
        st.button(
            _("I have copied it"),
            key="_api.made.done",
            type="primary",
            on_click=session.keep_value,
            args=(MADE, None),
        )
