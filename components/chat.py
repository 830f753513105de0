"""The chatbot as its users will see it: greeting, starter questions, conversation, input.

The conversation is read from the workspace at every run; the module keeps none of it. Asking and
following an answer is in `answer_stream`.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import (
    answer_stream,
    answer_view,
    chat_bubble,
    citation,
    exchanges,
    feedback_form,
    notice,
    session,
)
from components.i18n import _
from components.safe_markdown import plain_lines
from studio.prototypes.chatbot.answer import Answer, Citation
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.records import Notice
from studio.workspace.records import TurnRecord

HISTORY_HEIGHT = 520  # px; style sheets fit it to the window
MAX_QUESTION = 4000


def show(bot: Chatbot, settings: ChatbotSettings, conversation_id: str | None) -> None:
    """Draw the chat; answers a waiting question and follows a running answer at the end.

    Args:
        bot: who answers.
        settings: its settings now.
        conversation_id: the conversation in the address, or None before the first question.
    """
    turns = bot.turns(conversation_id) if conversation_id else ()
    running = bot.running(conversation_id) if conversation_id else None
    question = session.waiting_question(bot.id)
    _head(bot, has_turns=bool(turns))
    with st.container(height=HISTORY_HEIGHT, key="chat_history", border=True, autoscroll=True):
        with chat_bubble.show("assistant"):
            st.markdown(plain_lines(bot.greeting))
        starters = st.empty()  # always there, so that nothing stale stays below a growing answer
        if not turns and not question and running is None:
            with starters:
                _starters(bot, settings)
        clicked = _history(bot, settings, turns)
        end = st.container()
    key = f"_chat.input.{bot.id}"
    typed = st.chat_input(
        _("Ask a question"),
        key=key,
        max_chars=MAX_QUESTION,
        submit_mode="stop",
        on_submit=_submitted,
        args=(bot.id, key),
    )
    if clicked is not None:
        citation.open_passage(clicked, bot.document)
    with end:
        if running is not None:
            answer_stream.resume(running)
        elif question:
            answer_stream.ask(bot, question, conversation_id, with_stop_button=typed is None)
        else:
            _unanswered(bot, turns)


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


def _submitted(bot_id: str, key: str) -> None:
    question = str(session.widget_value(key) or "").strip()
    if question:
        session.set_waiting_question(bot_id, question)


def _starters(bot: Chatbot, settings: ChatbotSettings) -> None:
    with st.container(horizontal=True, key="chat_starters"):
        for i, question in enumerate(settings.starter_questions):
            st.button(
                notice.plain(question),
                key=f"_chat.starter.{bot.id}.{i}",
                on_click=session.set_waiting_question,
                args=(bot.id, question),
            )


def _history(
    bot: Chatbot, settings: ChatbotSettings, turns: Sequence[TurnRecord]
) -> Citation | None:
    """Draw the turns; gives the citation clicked just now, or None."""
    clicked = None
    for i, turn in enumerate(turns):
        with chat_bubble.show("user" if turn.role == "user" else "assistant"):
            if "answer" in turn.extra:
                answer = Answer.from_json(turn.extra["answer"])
                key = f"{turn.conversation_id[:8]}_{i}"
                opened = answer_view.show(answer, key=key, settings=settings)
                clicked = opened or clicked
                if answer.kind != "greeting":
                    exchange = exchanges.of_answer(answer, settings.language)
                    feedback_form.show(bot, answer.figures.request_id, exchange)
            elif "error" in turn.extra:
                notice.show(Notice.from_json(turn.extra["error"]), "error")
            else:
                st.markdown(plain_lines(turn.content))
    return clicked


def _unanswered(bot: Chatbot, turns: Sequence[TurnRecord]) -> None:
    """A question whose answer was lost, because the studio was closed while writing it."""
    if not turns or turns[-1].role != "user":
        return
    with chat_bubble.show("assistant"):
        st.caption(_("This question was not answered, because the studio was closed meanwhile."))
        st.button(
            _("Ask again"),
            key="_chat.ask_again",
            on_click=session.set_waiting_question,
            args=(bot.id, turns[-1].content),
        )
