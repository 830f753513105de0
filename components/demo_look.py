"""The colours of a demo: its founder's accent on what can be clicked, readable in light and dark.

Only a colour of six hexadecimal digits enters the style sheet, whatever is stored.
"""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

from studio.workspace.publication_record import DEFAULT_ACCENT

STYLE = Path(__file__).parent / "demo.css"
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


def show(accent: str) -> None:
    """Load the demo's style sheet with its accent."""
    st.html(STYLE)
    st.html(f"<style>:root{{{variables(accent)}}}</style>")


def variables(accent: str) -> str:
    """The accent and what is written on it, as CSS custom properties."""
    colour = accent if _COLOUR.fullmatch(accent) else DEFAULT_ACCENT
    return f"--demo-accent:{colour};--demo-on-accent:{on(colour)}"


def on(colour: str) -> str:
    """Black or white, whichever reads better on a colour: contrast by WCAG 2, section 1.4.3."""
    luminance = _luminance(colour)
    return "#000000" if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else "#FFFFFF"


def _luminance(colour: str) -> float:
    def linear(digits: str) -> float:
        value = int(digits, 16) / 255
        return value / 12.92 if value <= 0.03928 else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(colour[at : at + 2]) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
