"""Whom a page is drawn for: who is signed in, a demo's visitor, or whoever sits at this machine.

Asked anew each time, so that signing out, a changed role or a removed account counts at once, in every
open tab. Outside a page there is nobody, and the studio itself acts.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit import config
from streamlit.auth_util import is_authlib_installed
from streamlit.runtime.scriptrunner import get_script_run_ctx

from components import cache, session
from studio.access.rules import SignInRule
from studio.acting import NOBODY, VISITOR, Actor, Role
from studio.config import Settings
from studio.errors import StudioError

COOKIE = "studio_sign_in"

SHARED_AUTH_KEYS = frozenset({"redirect_uri", "cookie_secret", "expose_tokens"})
"""What stands in the section `[auth]` beside the providers."""


def find_actor() -> Actor | None:
    """Whom the calling thread draws a page for; None where it draws none.

    Without signing in (off, or not needed on this machine) it is an owner without a name.
    """
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    if session.is_demo_session():
        return VISITOR
    if not is_asked():
        return None
    return signed_in() or NOBODY


def signed_in() -> Actor | None:
    """The person who is signed in, by a password or through a provider; None while nobody is."""
    accounts = cache.workbench().accounts
    return accounts.holder(_token()) or accounts.provided(provided_email())


def is_asked() -> bool:
    """Whether this page asks for signing in."""
    headers = {name.lower(): value for name, value in session.headers().items()}
    if not headers:  # no browser: a test of the page
        return cache.workbench().settings.sign_in == "required"
    return rule(cache.workbench().settings).is_required(headers.get("host", ""), frozenset(headers))


def must_sign_in() -> bool:
    """Whether what is drawn is to be held back until somebody has signed in.

    False where the studio cannot be opened at all: the page says why, and has nothing to show.
    """
    if get_script_run_ctx(suppress_warning=True) is None or session.is_demo_session():
        return False
    try:
        return is_asked() and signed_in() is None
    except StudioError:
        return False


def may(role: Role) -> bool:
    """Whether whoever looks may do what takes a role; for showing only what can be done."""
    actor = find_actor()
    return actor is None or actor.role >= role


def sign_out() -> None:
    """End this browser's sign-in, by whichever way it began; every tab of it is out at once."""
    cache.workbench().accounts.sign_out(_token())
    if provided_email():
        st.logout()


def provided_email() -> str:
    """The e-mail address that a provider vouches for; empty without one, or if it is not verified."""
    user: Mapping[str, object] = session.provided_user()
    if not user.get("is_logged_in") or user.get("email_verified") is False:
        return ""
    return str(user.get("email") or "")


def providers() -> tuple[str, ...]:
    """The providers that `.streamlit/secrets.toml` configures; "" is the one without a name."""
    section = session.auth_secrets()
    if not section or not is_authlib_installed():
        return ()
    named = [name for name, value in section.items() if isinstance(value, Mapping)]
    is_default = "client_id" in section
    own = [name for name in named if name not in SHARED_AUTH_KEYS and "client_id" in section[name]]
    return tuple(([""] if is_default else []) + own)


def rule(settings: Settings) -> SignInRule:
    """When this server asks for signing in."""
    return SignInRule(
        mode=settings.sign_in, bind_address=str(config.get_option("server.address") or "")
    )


def _token() -> str:
    return session.cookies().get(COOKIE, "")
