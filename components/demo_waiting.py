"""What a visitor sees of a prototype that cannot answer yet; the demo opens when it can."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import shell
from components.i18n import _

LOOK_S = 3.0
"""Between two looks at whether it can answer now."""


def show(is_ready: Callable[[], bool]) -> None:
    """Say that it is being prepared, and run the page again once it is ready.

    A visitor starts nothing: whatever has to be built or repaired is its maker's.

    Args:
        is_ready: called again at every look.
    """

    @st.fragment(run_every=LOOK_S)
    @shell.guarded()
    def waiting() -> None:
        if is_ready():
            st.rerun()
        st.info(
            _("This is being prepared. It opens here as soon as it is ready."),
            icon=":material/hourglass_top:",
        )

    waiting()
