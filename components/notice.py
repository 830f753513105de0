"""Sentences of the library as boxes on a page.

The module draws; it neither translates (i18n does) nor decides what is wrong.
"""

from __future__ import annotations

from typing import Literal

import streamlit as st

from components.i18n import translate
from studio.records import Notice

MARKUP = frozenset("\\`*_{}[]()<>#+-.!|$~:&")
"""Signs that Streamlit's Markdown may read as something else than themselves."""

Tone = Literal["info", "success", "warning", "error"]

ICONS: dict[Tone, str] = {
    "info": ":material/info:",
    "success": ":material/check_circle:",
    "warning": ":material/warning:",
    "error": ":material/error:",
}


def show(notice: Notice | str, tone: Tone = "info") -> None:
    """Draw a sentence in a box; a plain string is taken as already translated."""
    text = translate(notice) if isinstance(notice, Notice) else notice
    {"info": st.info, "success": st.success, "warning": st.warning, "error": st.error}[tone](
        text, icon=ICONS[tone]
    )


def plain(text: str) -> str:
    """Text of a user made literal for labels and headings: every sign stands for itself."""
    return "".join(f"\\{sign}" if sign in MARKUP else sign for sign in text)
