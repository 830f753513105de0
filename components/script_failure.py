"""What is drawn when a click's own work failed: nothing else of the page is, so it shows the way on."""

from __future__ import annotations

import streamlit as st

from components import shell, sign_in, who
from components.i18n import _


def show(error: Exception) -> bool:
    """Say what went wrong and offer the page again, or the way in for who has to sign in.

    Returns True: the failure was shown (what `st.App(on_script_error=...)` wants to hear).
    """
    if who.must_sign_in():
        sign_in.show()
        return True
    shell.show_failure(error)
    st.button(_("Back to the page"), key="_failure.back")  # any click draws the page anew
    return True
