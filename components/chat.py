"""The chatbot on its builder's page: as its users will see it, with what each answer took."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import answer_stream, answer_view, chat_room, exchanges, feedback_form, session
from components.i18n import _
from studio.prototypes.chatbot.answer import Answer, Citation
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.workspace.records import TurnRecord


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

    _head(bot, has_turns=bool(turns))
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


def _head(bot: Chatbot, *, has_turns: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="chat_head"):
        st.space("stretch")
        st.button(
            _("Clear conversation"),
            key="_chat.clear",
            type="tertiary",
            icon=":material/refresh:",
            disabled=not has_turns,
            on_click=_clear,
            args=(bot.id,),
        )


def _clear(bot_id: str) -> None:
    """Begin anew; the old conversation stays in the workspace."""
    session.set_waiting_question(bot_id, None)
    if "conversation" in st.query_params:
        del st.query_params["conversation"]
