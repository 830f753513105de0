"""A conversation with a chatbot: greeting, starter questions, what was said, the input.

The builder and the demo draw it alike; what differs is handed in: how an answer looks and how a question
is asked. The conversation is read from the workspace at every run; the module keeps none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import answer_stream, chat_bubble, chat_refusal, citation, notice, session
from components.i18n import _
from components.safe_markdown import plain_lines
from studio.errors import InvalidInput
from studio.prototypes.chatbot.answer import Answer, Citation
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.question import checked_question
from studio.records import Notice
from studio.workspace.records import TurnRecord

HISTORY_HEIGHT = 520  # px; style sheets fit it to the window


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRoom:
    """One conversation on a page.

    Attributes:
        bot: who answers.
        owner_id: whose waiting question it is: of the prototype or of the publication.
        name: what its containers are called in style sheets, "chat" or "demo".
        widgets: what the keys of its widgets begin with.
        turns: what was said so far.
        conversation_id: None before the first question.
        greeting: what the chatbot says first.
        starters: questions to begin with.
        draw_answer: draws an answer (with a key of its own) and gives the citation clicked just now.
        ask: answers a question; is told whether to draw a button for stopping.
        problem: how loud a failed answer is said.
        input_place: where the input stands; None for below the conversation.
    """

    bot: Chatbot
    owner_id: str
    name: str
    widgets: str
    turns: Sequence[TurnRecord]
    conversation_id: str | None
    greeting: str
    starters: Sequence[str]
    draw_answer: Callable[[Answer, str], Citation | None]
    ask: Callable[[str, bool], None]
    problem: Literal["warning", "error"]
    input_place: DeltaGenerator | None = None


def show(room: ChatRoom) -> None:
    """Draw it; answers a waiting question and follows a running answer at the end."""
    bot, talk = room.bot, room.conversation_id
    running = bot.running(talk) if talk is not None else None
    question = session.waiting_question(room.owner_id)
    if question or running is not None:
        chat_refusal.forget(room.owner_id)
    has_border = room.input_place is None
    with st.container(
        height=HISTORY_HEIGHT, key=f"{room.name}_history", border=has_border, autoscroll=True
    ):
        with chat_bubble.show("assistant"):
            st.markdown(plain_lines(room.greeting))
        starters = st.empty()  # always there, so that nothing stale stays below a growing answer
        if not room.turns and not question and running is None:
            with starters:
                _starters(room)
        clicked = _history(room)
        end = st.container()
    typed = _input(room)
    if clicked is not None:
        citation.open_passage(clicked, bot.document)
    with end:
        if running is not None:
            answer_stream.resume(running)
        elif question:
            room.ask(question, typed is None)
        elif not chat_refusal.show(room.owner_id, room.widgets, room.problem):
            _unanswered(room)


def _input(room: ChatRoom) -> str | None:
    key = f"{room.widgets}.question"
    place = nullcontext() if room.input_place is None else room.input_place
    with place:
        typed = st.chat_input(
            _("Ask a question"),
            key=key,
            submit_mode="stop",
            on_submit=_submitted,
            args=(room.owner_id, key),
        )
    return None if typed is None else str(typed)


def _submitted(owner_id: str, key: str) -> None:
    """Have the question wait; one that cannot be read is refused with the reason.

    The input itself sets no limit: it would take a longer text away without a word.
    """
    question = str(session.widget_value(key) or "").strip()
    if not question:
        return
    try:
        checked_question(question)
    except InvalidInput as error:
        chat_refusal.keep(owner_id, question, error)
    else:
        session.set_waiting_question(owner_id, question)


def _starters(room: ChatRoom) -> None:
    with st.container(horizontal=True, key=f"{room.name}_starters"):
        for i, question in enumerate(room.starters):
            st.button(
                notice.plain(question),
                key=f"{room.widgets}.starter.{i}",
                on_click=session.set_waiting_question,
                args=(room.owner_id, question),
            )


def _history(room: ChatRoom) -> Citation | None:
    """Draw the turns; gives the citation clicked just now, or None."""
    clicked = None
    for i, turn in enumerate(room.turns):
        with chat_bubble.show("user" if turn.role == "user" else "assistant"):
            if "answer" in turn.extra:
                answer = Answer.from_json(turn.extra["answer"])
                clicked = room.draw_answer(answer, f"{turn.conversation_id[:8]}_{i}") or clicked
            elif "error" in turn.extra:
                notice.show(Notice.from_json(turn.extra["error"]), room.problem)
            else:
                st.markdown(plain_lines(turn.content))
    return clicked


def _unanswered(room: ChatRoom) -> None:
    """A question whose answer was lost, because the studio was closed while writing it."""
    if not room.turns or room.turns[-1].role != "user":
        return
    with chat_bubble.show("assistant"):
        st.caption(_("This question was not answered, because the studio was closed meanwhile."))
        st.button(
            _("Ask again"),
            key=f"{room.widgets}.ask_again",
            on_click=session.set_waiting_question,
            args=(room.owner_id, room.turns[-1].content),
        )
