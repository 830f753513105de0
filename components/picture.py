"""A small picture of the studio's own making, with the words that a screen reader says for it."""

from __future__ import annotations

import base64
import html

import streamlit as st


def show(png: bytes, alt: str, width_px: int) -> None:
    """Draw a picture; `st.image` of Streamlit 1.67 gives it no words."""
    st.html(markup(png, alt, f"width:{width_px}px"))


def markup(png: bytes, alt: str, style: str = "") -> str:
    """The picture as HTML; nothing is fetched for it."""
    data = base64.b64encode(png).decode("ascii")
    look = f" style='{html.escape(style, quote=True)}'" if style else ""
    return f"<img src='data:image/png;base64,{data}' alt='{html.escape(alt, quote=True)}'{look}>"
