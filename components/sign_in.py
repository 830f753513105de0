"""What stands in the place of every page while nobody is signed in: the ways in.

The password has a page of its own (`sign_in_door`), as only the server can set a cookie; providers begin
here. The address stays, so that the way leads back to it.
"""

from __future__ import annotations

from html import escape
from urllib.parse import quote, urlencode, urlsplit

import streamlit as st

from components import i18n, notice, session, shell, sign_in_door, who
from components.i18n import _


def show() -> None:
    """Draw the ways in; where there is only the form, go there."""
    with shell.bounded(), st.container(key="sign_in"):
        st.caption("Prototype Studio")
        providers, form = who.providers(), _form_address()
        st.title(_("Sign in"), anchor=False)
        if session.provided_user().get("is_logged_in"):
            _unknown_person()
        for name in providers:
            label = _("Sign in with {provider}", provider=name.title()) if name else _provider()
            if st.button(label, key=f"_sign_in.{name}", type="primary"):
                st.login(name or None)
        link = f'<a href="{escape(form)}" target="_self">{escape(_("Sign in with a password"))}</a>'
        if providers:
            st.html(f"<p>{link}</p>")
        else:
            script = f"<script>window.location.replace({form!r})</script>"
            st.html(f"<p>{link}</p>{script}", unsafe_allow_javascript=True)


def _provider() -> str:
    return _("Sign in with your organisation's account")


def _unknown_person() -> None:
    email = who.provided_email()
    if email:
        text = _(
            "{email} is not among the people of this studio. Ask an owner to add this address.",
            email=email,
        )
    else:
        text = _("Your provider does not vouch for an e-mail address, so nobody knows who you are.")
    notice.show(text, "warning")
    st.button(_("Use another account"), key="_sign_in.other", on_click=st.logout)


def _form_address() -> str:
    page = urlsplit(st.context.url or "").path.rstrip("/").rpartition("/")[2]
    query = urlencode(st.query_params.to_dict())
    wanted = page + (f"?{query}" if query else "")
    return f"./{sign_in_door.PATH}?lang={i18n.language()}&next={quote(wanted, safe='')}"
