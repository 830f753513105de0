"""What could be mended in texts, with examples of before and after, and the way to do it.

Draws what was found; what is done about it is the caller's business, and it can always be undone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence

import streamlit as st

from components import care_words
from studio.prototypes.data_care import CareFinding

MAX_SHOWN = 160
SPACES = re.compile(r"^ +| {2,}| +$")
"""Spaces that a browser draws as one or as none."""
STYLE = "font-size:.875rem;opacity:.75;overflow-wrap:anywhere"


def show(findings: Sequence[CareFinding], control: Callable[[CareFinding], object]) -> None:
    """Draw each finding with its examples, and below it what the caller draws to mend it.

    Args:
        findings: what was found; nothing is drawn where there is none.
        control: draws what mends a finding, or takes that back.
    """
    for finding in findings:
        with st.container(border=True, gap="xsmall"):
            st.markdown(":material/cleaning_services: " + care_words.found(finding))
            for before, after in finding.examples:
                sign = "≈" if finding.kind == "repeats" else "→"
                # No markdown: it makes links of addresses in the texts.
                st.html(f"<div style='{STYLE}'>{_shown(before)} {sign} {_shown(after)}</div>")
            control(finding)


def _shown(text: str) -> str:
    """A text with its invisible signs as codes, so that before and after can be told apart."""
    shown = SPACES.sub(lambda found: "␣" * len(found[0]), text[: 2 * MAX_SHOWN])
    line = "".join(_sign(one) for one in shown)
    short = line if len(line) <= MAX_SHOWN else line[: MAX_SHOWN - 1] + "…"
    return html.escape(f"“{short}”")


def _sign(one: str) -> str:
    if one == "\n":
        return "⏎"
    if one == "\t":
        return "⇥"
    if one == "\u00a0" or one == "\u3000":
        return "␣"
    return one if one.isprintable() else f"‹{ord(one):04x}›"
