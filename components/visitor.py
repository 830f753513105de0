"""Who looks at a demo: the token of this browser, and whether this session may see anything else.

The cookie is set by the front door before the page is drawn; where a browser keeps none (in the frame of
another site without HTTPS) a token is made that lasts as long as the page stays open.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from components import session
from studio.sharing.front_door import DEMO_PATH
from studio.sharing.visitor import COOKIE, is_token, new_token


def token() -> str:
    """The token of this visitor; never shown, never part of an address."""
    kept = st.context.cookies.get(COOKIE, "")
    if is_token(kept):
        return kept
    made = session.visitor_token()
    if made is None:
        made = new_token()
        session.set_visitor_token(made)
    return made


def address() -> str:
    """Where this browser is; empty on this machine, also for what a proxy on it passes on."""
    return st.context.ip_address or ""


def sees_only_demos() -> bool:
    """Whether this session gets the demo page and no other; `ui.py` asks before it names any page.

    It does once it was opened at a demo's address, and stays so. Whoever types the address of a builder
    page begins another session: keeping strangers out of that is the business of signing in, which
    belongs here, as another reason to answer True (nobody has signed in, and must).
    """
    if not session.is_demo_session() and _path().rpartition("/")[2] == DEMO_PATH:
        session.set_demo_session()
    return session.is_demo_session()


def _path() -> str:
    return urlsplit(st.context.url or "").path.rstrip("/")
