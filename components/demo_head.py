"""The head of a demo: logo, headline and who shows it. What a founder typed enters as text only."""

from __future__ import annotations

import html

import streamlit as st

from components import picture
from studio.workspace.publication_record import PublicationChoices


def show(choices: PublicationChoices) -> None:
    """Draw the head."""
    st.html(markup(choices))


def markup(choices: PublicationChoices) -> str:
    """The head as HTML: every text escaped, the logo as the studio wrote it."""
    logo = picture.markup(choices.logo, "") if choices.logo else ""
    founder = f"<p>{html.escape(choices.founder)}</p>" if choices.founder else ""
    headline = html.escape(choices.headline)
    return f"<div class='demo-head'>{logo}<div><h1>{headline}</h1>{founder}</div></div>"
