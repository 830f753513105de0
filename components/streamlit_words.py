"""What Streamlit 1.67 says by itself, in the user's language, for eyes and for screen readers.

Its widgets have English words and labels and no setting for them, so a script in the page replaces
them as they appear. The same script tells the browser the page's language and theme and mends the
roles of the navigation's list. Only words of Streamlit are touched: those named here, in the places
the script knows. The module draws nothing that is seen.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

from components import i18n
from components.i18n import _

SCRIPT = Path(__file__).parent / "streamlit_words.js"
LANGUAGE_TAGS = {"en": "en", "zh": "zh-Hans"}


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


@cache
def _rules(language: str) -> list[list[str]]:
    with i18n.speaking(language):
        return [list(pair) for pair in rules()]


def show() -> None:
    """Hand the page its words; called once in each run."""
    mount = st.components.v2.component("streamlit_words", html="<span hidden></span>", js=_script())
    mount(
        data={
            "language": LANGUAGE_TAGS[i18n.language()],
            "rules": _rules(i18n.language()),
        },
        key="streamlit-words",
    )


def rules() -> list[tuple[str, str]]:
    """What Streamlit says, as a regular expression for the whole text, and what stands there instead.

    `{0}` in the replacement is what the expression's first group found, `{1}` what its second did.
    """
    group = "{0}"
    return [
        # The uploader
        ("Upload", _("Choose files")),
        (r"(\d+(?:\.\d+)?)\s?MB per file", _("at most {limit} MB per file", limit=group)),
        ("Drag and drop files here", _("Let go to upload the files")),
        (r"File must be (.+) or smaller\.", _("The file is larger than {limit}.", limit=group)),
        ("file upload", _("Choose files")),
        ("Add files", _("Add files")),
        # Fields
        ("Open", _("Open the list")),
        ("Clear value", _("Clear")),
        ("Error", _("Not possible")),
        (
            r": Number is below the allowed range\. .+ greater than or equal to (.+)\.",
            _(": it must be {least} or more.", least=group),
        ),
        (
            r": Number is above the allowed range\. .+ less than or equal to (.+)\.",
            _(": it must be {most} or less.", most=group),
        ),
        (
            r": Number is outside the allowed range\. .+ between (.+) and (.+)\.",
            _(": it must be between {least} and {most}.", least=group, most="{1}"),
        ),
        ("No results", _("Nothing found")),
        ("Select all", _("Select all")),
        (r"Select (\d+) matches", _("Select the {n} found", n=group)),
        (r"Add: (.+)", _("Add: {value}", value=group)),
        ("Show password", _("Show the password")),
        ("Hide password", _("Hide the password")),
        ("Copy to clipboard", _("Copy")),
        ("Help", _("Explanation")),
        ("Help for (.+)", _("Explanation of {label}", label=group)),
        # Icons that are a button's only label
        ("close icon", _("Remove")),
        ("edit icon", _("Rename")),
        ("article icon", _("Report and passages")),
        ("expand_less icon", _("Close the report")),
        ("check_circle icon", _("Read")),
        ("error icon", _("Read in part")),
        ("block icon", _("Refused")),
        # The chat
        ("Send message", _("Send")),
        ("Stop script", _("Stop")),
        ("Chat message from user", _("Message of the visitor")),
        ("Chat message from assistant", _("Message of the chatbot")),
        # When the server is gone
        ("Connection error", _("The studio does not answer")),
        (
            r"Is Streamlit still running\?[^:]*:",
            _("If it was stopped, start it again in the terminal; what you made is kept:"),
        ),
        ("streamlit run yourscript.py", "streamlit run studio/app.py"),
        (
            r"Streamlit server is not responding\. Are you connected to the internet\?",
            _("Look whether this device is connected. The page goes on by itself."),
        ),
        # The frame
        ("Sidebar", _("Sidebar")),
        ("Collapse sidebar", _("Close the sidebar")),
        ("Expand sidebar", _("Open the sidebar")),
        ("App pages", _("Pages")),
        ("Main menu", _("Main menu")),
        ("Notifications", _("Notices")),
        ("Close", _("Close")),
        ("Skip to main content", _("Skip to the content")),
    ]
