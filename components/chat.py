"""The chatbot on its builder's page: as its users will see it, with what each answer took."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from components import (
    answer_stream,
    answer_view,
    chat_refusal,
    chat_room,
    exchanges,
    feedback_form,
    notice,
    session,
)
from components import format as fmt
from components.i18n import _
from studio.prototypes.chatbot.answer import Answer, Citation
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.workspace.records import TurnRecord

N_EARLIER = 8
MAX_WORDS = 60


def show(bot: Chatbot, settings: ChatbotSettings, conversation_id: str | None) -> None:
    """Draw the chat; answers a waiting question and follows a running answer at the end.

    Args:
        bot: who answers.
        settings: its settings now.
        conversation_id: the conversation in the address, or None before the first question.
    """
    turns = bot.turns(conversation_id) if conversation_id else ()

    def draw(answer: Answer, key: str) -> Citation | None:
        opened = answer_view.show(answer, key=key, settings=settings)
        if answer.kind != "greeting":
            exchange = exchanges.of_answer(answer, settings.language)
            feedback_form.show(bot, answer.figures.request_id, exchange)
        return opened

    def ask(question: str, with_stop_button: bool) -> None:
        answer_stream.ask(bot, question, conversation_id, with_stop_button=with_stop_button)

    _head(bot, conversation_id if turns else None)
    chat_room.show(
        chat_room.ChatRoom(
            bot=bot,
            owner_id=bot.id,
            name="chat",
            widgets=f"_chat.{bot.id}",
            turns=turns,
            conversation_id=conversation_id,
            greeting=bot.greeting,
            starters=settings.starter_questions,
            draw_answer=draw,
            ask=ask,
            problem="error",
        )
    )


def last_best_relevance(turns: Sequence[TurnRecord]) -> float | None:
    """The relevance of the best passage for the last question; None where there is none."""
    for turn in reversed(turns):
        if "answer" in turn.extra:
            return Answer.from_json(turn.extra["answer"]).figures.best_relevance
    return None


def _head(bot: Chatbot, conversation_id: str | None) -> None:
    """What stands above the conversation: the way to earlier ones, and to a new one."""
    with st.container(horizontal=True, vertical_alignment="center", key="chat_head"):
        _earlier(bot, conversation_id)
        st.space("stretch")
        st.button(
            _("Clear conversation"),
            key="_chat.clear",
            type="tertiary",
            icon=":material/refresh:",
            disabled=conversation_id is None,
            help=_("It is kept and stands among the earlier conversations."),
            on_click=_clear,
            args=(bot, conversation_id),
        )


def _earlier(bot: Chatbot, conversation_id: str | None) -> None:
    """Draw the list of other conversations; nothing where there is none."""
    others = [one for one in bot.conversations(N_EARLIER + 1) if one.id != conversation_id]
    if not others:
        return
    now = datetime.now(UTC)
    with st.popover(
        _("Earlier conversations"), type="tertiary", icon=":material/history:", key="_chat.earlier"
    ):
        for one in others[:N_EARLIER]:
            words = textwrap.shorten(one.first_words, MAX_WORDS, placeholder="…")
            words = words if words != "…" else one.first_words[:MAX_WORDS] + "…"  # one long word
            st.button(
                notice.plain(f"{words} · {fmt.ago(one.last_said_at, now)}"),
                key=f"_chat.open.{one.id}",
                type="tertiary",
                on_click=_open,
                args=(bot.id, one.id),
            )


def _open(bot_id: str, conversation_id: str) -> None:
    _leave(bot_id)
    st.query_params["conversation"] = conversation_id


def _clear(bot: Chatbot, conversation_id: str) -> None:
    """Begin anew; the old conversation stays in the workspace."""
    _leave(bot.id)
    bot.end_conversation(conversation_id)
    if "conversation" in st.query_params:
        del st.query_params["conversation"]


def _leave(bot_id: str) -> None:
    """Drop what waits or was refused in the conversation that is left."""
    session.set_waiting_question(bot_id, None)
    chat_refusal.forget(bot_id)
