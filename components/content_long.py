"""Long text: write one from an outline, section by section, or summarise one of any length."""

from __future__ import annotations

import streamlit as st

from components import content_limits, content_outline, content_summary
from components.i18n import _
from studio.prototypes.content.content import Content


def show(content: Content) -> None:
    """Draw one of the two."""
    parts = {"write": _("Write"), "summarise": _("Summarise")}
    part = st.segmented_control(
        _("What to do"),
        list(parts),
        default="write",
        required=True,
        format_func=parts.__getitem__,
        label_visibility="collapsed",
        key=f"_content.long.{content.id}",
    )
    content_limits.show(content, "summary" if part == "summarise" else "outline")
    if part == "summarise":
        content_summary.show(content)
    else:
        content_outline.show(content)
