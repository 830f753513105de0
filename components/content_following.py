"""Something that is being written: follow it, stop it, and learn how it ended.

What is written runs beside the page and outlives it; the shelf keeps it under the prototype and what it
is for, so that a reload and another window take up the same one. The module knows nothing of what is
written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from components import cache, notice, progress, shell
from components.i18n import _
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.writing import Glimpse, Writing

T = TypeVar("T")

LOOK_S = 0.4  # between two looks at a text that grows


def begin(content: Content, purpose: str, start: Callable[[], Writing[Any]]) -> None:
    """Start something and keep it under its purpose, unless that is still being written.

    Raises:
        StudioError: it cannot be started.
    """
    if not is_running(content, purpose):
        cache.writings().put(_name(content, purpose), start())


def find(content: Content, purpose: str) -> Writing[Any] | None:
    """What is or was written for this purpose last; None for nothing that is remembered."""
    return cache.writings().get(_name(content, purpose))


def is_running(content: Content, purpose: str) -> bool:
    """Whether something is being written for this purpose."""
    writing = find(content, purpose)
    return writing is not None and not writing.is_done


def forget(content: Content, purpose: str) -> None:
    """Put away what was written for this purpose."""
    cache.writings().drop(_name(content, purpose))


def result(content: Content, purpose: str) -> Any:  # of what was started
    """What came of it; None while there is nothing, and (said in a box) when it failed."""
    writing = find(content, purpose)
    if writing is None or not writing.is_done:
        return None
    try:
        return writing.result()
    except StudioError as error:
        notice.show(error.notice, "info" if writing.is_cancelled else "error")
        return None


def watch(content: Content, purpose: str, draw: Callable[[Glimpse], None] | None = None) -> bool:
    """Draw what is being written and keep the drawing fresh; the page runs again when it ends.

    Args:
        content: whose it is.
        purpose: what it is for.
        draw: draws the texts as they stand; by default only the progress is drawn.

    Returns:
        Whether something is being written.
    """
    if not is_running(content, purpose):
        return False

    @st.fragment(run_every=LOOK_S)
    @shell.guarded()
    def panel() -> None:
        writing = find(content, purpose)
        if writing is None or writing.is_done:
            st.rerun()
        glimpse = writing.glimpse()
        progress.show(glimpse.progress)
        st.button(
            _("Stopping") if writing.is_cancelled else _("Stop"),
            key=f"_content.stop.{purpose}.{content.id}",
            icon=":material/stop_circle:",
            on_click=writing.cancel,
            disabled=writing.is_cancelled,
        )
        if draw is not None:
            draw(glimpse)

    panel()
    return True


def _name(content: Content, purpose: str) -> str:
    return f"{content.id}.{purpose}"
