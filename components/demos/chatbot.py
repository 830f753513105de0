"""A chatbot as a visitor meets it: greeting, starter questions, conversation, sources.

The conversation is the visitor's own and is read from the workspace at every run.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import (
    answer_stream,
    chat_bubble,
    citation,
    demo_answer,
    demo_feedback,
    exchanges,
    notice,
    session,
)
from components.demos.registry import FirstTexts
from components.i18n import _
from components.safe_markdown import plain_lines
from studio.prototypes.chatbot.answer import Answer, Citation
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.records import Notice
from studio.sharing.visit import Visit
from studio.workspace.publication_record import PublicationRecord
from studio.workspace.records import TurnRecord

HISTORY_HEIGHT = 520  # px; the style sheet fits it to the window
MAX_QUESTION = 4000
INPUT = "_demo.question"


def first_texts(prototype: Chatbot) -> FirstTexts:
    """Its own greeting and starter questions."""
    return FirstTexts(
        greeting=prototype.greeting, starters=tuple(prototype.settings.starter_questions)
    )


def show(visit: Visit) -> None:
    """Draw the conversation and what it takes to go on with it."""
    bot: Chatbot = visit.prototype
    publication, talk = visit.publication, visit.conversation()
    turns = bot.turns(talk) if talk is not None else ()
    running = bot.running(talk) if talk is not None else None
    question = session.waiting_question(publication.id)
    with st.container(height=HISTORY_HEIGHT, key="demo_history", border=False, autoscroll=True):
        with chat_bubble.show("assistant"):
            st.markdown(plain_lines(publication.greeting or bot.greeting))
        starters = st.empty()  # always there, so that nothing stale stays below a growing answer
        if not turns and not question and running is None:
            with starters:
                _starters(publication)
        clicked = _history(visit, turns)
        end = st.container()
    with st.bottom:  # under the thumb
        typed = st.chat_input(
            _("Ask a question"),
            key=INPUT,
            max_chars=MAX_QUESTION,
            submit_mode="stop",
            on_submit=_submitted,
            args=(publication.id,),
        )
    if clicked is not None:
        citation.open_passage(clicked, bot.document)
    with end:
        if running is not None:
            answer_stream.resume(running)
        elif question:
            demo_answer.ask(visit, question, with_stop_button=typed is None)


def _submitted(publication_id: str) -> None:
    question = str(session.widget_value(INPUT) or "").strip()
    if question:
        session.set_waiting_question(publication_id, question)


def _starters(publication: PublicationRecord) -> None:
    with st.container(horizontal=True, key="demo_starters"):
        for i, question in enumerate(publication.starter_questions):
            st.button(
                notice.plain(question),
                key=f"_demo.starter.{i}",
                on_click=session.set_waiting_question,
                args=(publication.id, question),
            )


def _history(visit: Visit, turns: Sequence[TurnRecord]) -> Citation | None:
    """Draw the turns; gives the citation clicked just now, or None."""
    publication = visit.publication
    clicked = None
    for i, turn in enumerate(turns):
        with chat_bubble.show("user" if turn.role == "user" else "assistant"):
            if "answer" in turn.extra:
                answer = Answer.from_json(turn.extra["answer"])
                clicked = _answer(answer, f"{turn.conversation_id[:8]}_{i}") or clicked
                if answer.kind != "greeting":
                    exchange = exchanges.of_answer(answer, publication.language)
                    demo_feedback.show(visit, answer.figures.request_id, exchange)
            elif "error" in turn.extra:
                notice.show(Notice.from_json(turn.extra["error"]), "warning")
            else:
                st.markdown(plain_lines(turn.content))
    return clicked


def _answer(answer: Answer, key: str) -> Citation | None:
    """Draw an answer without what only its maker needs; gives the citation clicked just now."""
    number = None
    if answer.kind == "quoted":
        st.caption(_("Quoted from the documents."))
    if answer.sentences or answer.quotes:
        number = citation.show(answer, key=f"_demo.answer.{key}")
    if answer.finish_reason == "cancelled":
        st.caption(_("You stopped this answer."))
    if citation.has_unsourced(answer):
        st.caption(_("Dotted: no passage of the documents says this."))
    return next((one for one in answer.citations if one.number == number), None)
