"""A small picture of the demo as it will look. Texts enter as text, never as markup."""

from __future__ import annotations

import html

import streamlit as st

from components import demo_head, i18n
from components.i18n import _
from studio.workspace.publication_record import PublicationChoices


def show(choices: PublicationChoices, *, has_box: bool) -> None:
    """Draw the preview; the style sheets of the demo and of the publish page must be loaded.

    Args:
        choices: what was entered.
        has_box: whether visitors type something in one line.
    """
    st.html(markup(choices, has_box=has_box))


def markup(choices: PublicationChoices, *, has_box: bool) -> str:
    """The preview as HTML, see `show`."""
    parts = [demo_head.markup(choices).replace("<h1>", "<h2>").replace("</h1>", "</h2>")]
    if choices.greeting:
        parts.append(f"<div class='greeting'>{html.escape(choices.greeting)}</div>")
    if choices.starter_questions:
        starters = "".join(f"<span>{html.escape(one)}</span>" for one in choices.starter_questions)
        parts.append(f"<div class='starters'>{starters}</div>")
    if has_box:
        with i18n.speaking(choices.language):
            box = html.escape(_("Ask a question"))
        parts.append(f"<div class='box'><span>{box}</span><i>↑</i></div>")
    return f"<div class='demo-preview'>{''.join(parts)}</div>"
