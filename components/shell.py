"""The frame of every page: its heading, what stands in the sidebar, and the error boundary.

A page's body runs `with shell.page(title):`; a fragment is decorated with `@shell.guarded()`, because
its reruns happen outside the page. The module knows no page.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from components import cache, i18n, notice, people_badge, session, streamlit_words, who
from components.i18n import _
from studio.errors import AccessDenied, Cancelled, StudioError

log = logging.getLogger(__name__)

STYLE = Path(__file__).parent / "style.css"
LANGUAGE_WIDGET = "_shell.language"


@contextmanager
def page(title: str, intro: str = "") -> Iterator[None]:
    """Draw a page's heading, then run its body inside the error boundary.

    An empty title draws none (for pages with a heading of their own).
    """
    with guarded():
        if title:
            st.title(title, anchor=False)
        if intro:
            st.markdown(f":gray[{intro}]")
        say_flash()
        yield


def say_flash() -> None:
    """Say once what a callback has left to say; a fragment with callbacks of its own does so too."""
    text = session.take_flash()
    if text:
        st.toast(notice.plain(text))


@contextmanager
def guarded() -> Iterator[None]:
    """The boundary of all that is drawn: nobody who has to sign in gets past it, no failure gets out.

    Works as `with guarded():` and as the decorator `@guarded()`.
    """
    if who.must_sign_in():  # a part of a page reruns without the rest of it
        raise AccessDenied("You are not signed in. Reload the page to sign in.")
    with bounded():
        yield


@contextmanager
def bounded() -> Iterator[None]:
    """The error boundary: a failure becomes a box with what happened and what to do, never a trace."""
    with i18n.speaking(i18n.language()):  # asked for once and not for every text
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the one boundary: nothing may reach the user as a trace
            show_failure(error)


def show_failure(error: Exception) -> bool:
    """Say what went wrong: the error's own sentence, or for the unexpected an id to find in the log.

    Returns True: the failure was shown (what `st.App(on_script_error=...)` wants to hear).
    """
    if isinstance(error, Cancelled):
        st.info(i18n.translate(error.notice))
    elif isinstance(error, StudioError):
        st.error(i18n.translate(error.notice), icon=":material/error:")
    else:
        error_id = secrets.token_hex(4)
        log.error("Unexpected failure %s", error_id, exc_info=error)
        st.error(
            _(
                "Something unexpected happened. Your work is saved. Reload the page; if it happens"
                " again, look for {error_id} in the log.",
                error_id=error_id,
            ),
            icon=":material/error:",
        )
    return True


def sidebar() -> None:
    """What stands below the navigation on every page: the demo label and the language.

    Streamlit's own words get their language here too.
    """
    with st.sidebar, guarded():
        streamlit_words.show()
        people_badge.show()
        if cache.workbench().settings.is_demo:
            st.warning(
                _("Demo mode. Answers come from a stand-in, not from a model."),
                icon=":material/science:",
            )
        language_switch(LANGUAGE_WIDGET)


def language_switch(key: str) -> None:
    """A switch between the languages; changes the whole studio at once."""
    session.fill_widget(key, i18n.language())
    st.segmented_control(
        _("Language"),
        list(i18n.LANGUAGES),
        format_func=i18n.LANGUAGES.__getitem__,
        key=key,
        required=True,
        label_visibility="collapsed",
        on_change=_language_changed,
        args=(key,),
    )


def _language_changed(key: str) -> None:
    i18n.choose_language(session.widget_value(key, "en"))


def style() -> None:
    """Load the few rules of our own style sheet."""
    st.html(STYLE)
