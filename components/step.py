"""A numbered step of a builder: folded until somebody opens it, and drawn from then on.

What nobody opened is neither computed nor sent: a builder's page comes in half the time. What was
opened once stays drawn while it is folded, so that nothing that was typed in it is lost.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import session
from components.i18n import _


def show(
    label: str,
    draw: Callable[[], object],
    *,
    key: str,
    is_open: bool = False,
    goes_on: bool = False,
) -> None:
    """Draw a step.

    Args:
        label: what it is called; it may change, the step stays open or folded as it was.
        draw: draws what is in it.
        key: tells it from other steps; begins with "_step.".
        is_open: whether it begins unfolded.
        goes_on: whether something is being done in it, at whose end the page is to run again.
    """
    is_unfolded = bool(session.kept_value(key, is_open))
    # In every run: under another label Streamlit takes it for another one, which begins anew.
    session.set_widget_value(key, is_unfolded)
    box = st.expander(label, key=key, on_change=_note, args=(key,))
    with box:
        if session.remembered_yes(f"seen.{key}", is_unfolded) or goes_on:
            draw()
        else:  # what is seen between the click and the next run
            st.caption(":material/hourglass_empty: " + _("Getting ready"))


def _note(key: str) -> None:
    session.keep_value(key, session.widget_value(key))
