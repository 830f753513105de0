"""Chatbot: give it documents, set how it behaves, and try it beside its settings.

Address: `/chatbot?prototype=<slug>&conversation=<id>`; without a prototype one is chosen or made.
"""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import (
    builder_switch,
    cache,
    chat,
    chatbot_chooser,
    chatbot_steps,
    notice,
    prototype_header,
    shell,
)
from studio.errors import NotFound
from studio.prototypes.chatbot.chatbot import Chatbot


def open_addressed() -> Chatbot | None:
    """The chatbot that the address names; None without one, or (said in a box) when it is gone."""
    slug = st.query_params.get("prototype")
    if not slug:
        return None
    try:
        return cache.workbench().prototype(slug)
    except NotFound as error:
        notice.show(error.notice, "warning")
        return None


def addressed_conversation(bot: Chatbot) -> str | None:
    """The conversation that the address names; one that is not this chatbot's leaves the address."""
    conversation_id = st.query_params.get("conversation")
    if not conversation_id:
        return None
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
        chat.show(bot, settings, conversation)


with shell.page(""):
    chatbot = open_addressed()
    if chatbot is None:
        chatbot_chooser.show(datetime.now(UTC))
    else:
        build(chatbot)
