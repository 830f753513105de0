"""What can be built: one card per kind of prototype that has a page.

Draws and starts; what a kind is stands in `studio.prototypes`.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from components import cache, i18n, route
from components.i18n import _
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.prototypes.registry import KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTexts:
    """How a kind is introduced; `icon` is a Material icon, `explanation` one sentence."""

    kind: str
    name: str
    icon: str
    explanation: str
    new_label: str
    new_name: str


def texts() -> dict[str, KindTexts]:
    """The introduction of every kind, in the user's language, in the order of the navigation."""
    chatbot = KindTexts(
        kind="chatbot",
        name=_("Chatbot"),
        icon=":material/forum:",
        explanation=_(
            "Answers questions from your own documents and shows the passages behind each answer."
        ),
        new_label=_("New chatbot"),
        new_name=_("My chatbot"),
    )
    return {chatbot.kind: chatbot}


def show() -> None:
    """Draw the cards. A click on a button opens the page of the new or the sample prototype."""
    introductions = texts()
    for kind in (introductions[name] for name in KINDS if name in introductions):
        with st.container(border=True, key=f"kind-{kind.kind}"):
            st.header(f"{kind.icon} {kind.name}", anchor=False)
            st.write(kind.explanation)
            with st.container(horizontal=True):
                if st.button(
                    _("Try the sample"),
                    key=f"_home.sample.{kind.kind}",
                    type="primary",
                    help=_("Opens a finished prototype with the documents of a fictional company."),
                ):
                    _open_sample()
                if st.button(kind.new_label, key=f"_home.new.{kind.kind}"):
                    _open_new(kind)


def _open_new(kind: KindTexts) -> None:
    settings = ChatbotSettings(language="zh" if i18n.language() == "zh" else "en")
    bot = cache.workbench().create_chatbot(kind.new_name, settings)
    route.to_prototype(kind.kind, bot.slug)


def _open_sample() -> None:
    with st.spinner(_("Opening the sample")):
        bot = cache.workbench().sample_chatbot(i18n.language())
    route.to_prototype(bot.kind, bot.slug)
