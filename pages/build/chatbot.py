"""Chatbot: give it documents, set how it behaves, and try it beside its settings.

Address: `/chatbot?prototype=<slug>&conversation=<id>`; without a prototype one is chosen or made.
"""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import (
    addressed,
    builder_switch,
    builder_view,
    cache,
    chat,
    chatbot_steps,
    prototype_chooser,
    prototype_header,
    search_bench,
    shell,
)
from components.i18n import _
from studio.errors import NotFound
from studio.prototypes.chatbot.chatbot import Chatbot


def addressed_conversation(bot: Chatbot) -> str | None:
    """The conversation that the address names, else the one to go on with, which is named there then.

    One that is not this chatbot's leaves the address.
    """
    conversation_id = st.query_params.get("conversation")
    if not conversation_id:
        conversation_id = bot.open_conversation()
        if conversation_id is not None:
            st.query_params["conversation"] = conversation_id
        return conversation_id
    try:
        record = cache.workbench().workspace.conversations.get(conversation_id)
    except NotFound:
        record = None
    if record is None or record.prototype_id != bot.id:
        del st.query_params["conversation"]
        return None
    return conversation_id


def build(bot: Chatbot) -> None:
    """The builder: settings on the left, the chatbot itself on the right."""
    settings = bot.settings
    conversation = addressed_conversation(bot)
    prototype_header.show(bot, datetime.now(UTC))
    builder_switch.show()
    left, right = st.columns([5, 9], gap="medium")
    with left, st.container(key="panel_settings"):
        turns = bot.turns(conversation) if conversation else ()
        chatbot_steps.show(bot, settings, chat.last_best_relevance(turns))
    with right, st.container(key="panel_try"):
        if builder_view.choose({"try": _("Try it"), "bench": _("Tune")}) == "bench":
            search_bench.show(bot)
        else:
            chat.show(bot, settings, conversation)


with shell.page(""):
    chatbot = addressed.prototype(Chatbot)
    if chatbot is None:
        prototype_chooser.show(Chatbot.kind, datetime.now(UTC))
    else:
        build(chatbot)
