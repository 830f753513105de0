"""A demo on a screen that many people use: it begins anew when somebody has gone.

The browser notices that nobody touches it; the studio clears the conversation. A page that is opened
again after the time (a screen that was off) begins anew as well.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

import streamlit as st

from components import demo_use, session
from components.i18n import _
from studio.sharing.visit import Visit

SCRIPT = Path(__file__).parent / "demo_kiosk.js"
FIRST_LOOK = "demo.first_look"
STYLE = """
.idle { position: fixed; left: 50%; bottom: 6rem; transform: translateX(-50%); z-index: 1000;
  max-width: 90vw; padding: .6rem 1rem; border-radius: .6rem; background: #1d2526; color: #ffffff;
  font: 1rem/1.4 sans-serif; width: max-content; }
.idle[hidden] { display: none; }
"""


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def watch(visit: Visit, now: datetime) -> None:
    """Begin anew when nobody is there any more; the screen warns shortly before.

    Args:
        visit: whose conversation ends then.
        now: the aware time, for a page that was opened again.
    """
    if session.kept_value(FIRST_LOOK) is None:
        session.keep_value(FIRST_LOOK, now)
        if visit.was_left(now):
            visit.begin_anew()
    mount = st.components.v2.component(
        "kiosk", html="<div class='idle' hidden></div>", css=STYLE, js=_script()
    )
    result = mount(
        data={
            "idle_s": visit.publication.idle_reset_s,
            "begun": demo_use.is_begun(visit),
            "warning": _("Starting over in {seconds} s. Touch the screen to go on.", seconds="{0}"),
        },
        key="demo-kiosk",
        on_left_change=_nothing,
    )
    if result.left:
        demo_use.start_over(visit)
        st.rerun()


def _nothing() -> None:
    """A trigger exists only with a callback; the run that follows acts on it."""
