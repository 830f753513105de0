"""A chatbot as a visitor meets it: the conversation is the visitor's own, the input under the thumb."""

from __future__ import annotations

import streamlit as st

from components import chat_room, citation, demo_answer, demo_feedback, exchanges
from components.demos.registry import FirstTexts
from components.i18n import _
from studio.prototypes.chatbot.answer import Answer, Citation
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.sharing.visit import Visit


def first_texts(prototype: Chatbot) -> FirstTexts:
    """Its own greeting and starter questions."""
    return FirstTexts(
        greeting=prototype.greeting, starters=tuple(prototype.settings.starter_questions)
    )


def show(visit: Visit) -> None:
    """Draw the conversation and what it takes to go on with it."""
    bot: Chatbot = visit.prototype
    publication, talk = visit.publication, visit.conversation()

    def draw(answer: Answer, key: str) -> Citation | None:
        opened = _answer(answer, key)
        if answer.kind != "greeting":
            exchange = exchanges.of_answer(answer, publication.language)
            demo_feedback.show(visit, answer.figures.request_id, exchange)
        return opened

    def ask(question: str, with_stop_button: bool) -> None:
        demo_answer.ask(visit, question, with_stop_button=with_stop_button)

    chat_room.show(
        chat_room.ChatRoom(
            bot=bot,
            owner_id=publication.id,
            name="demo",
            widgets="_demo",
            turns=bot.turns(talk) if talk is not None else (),
            conversation_id=talk,
            greeting=publication.greeting or bot.greeting,
            starters=publication.starter_questions,
            draw_answer=draw,
            ask=ask,
            problem="warning",
            input_place=st.bottom,
        )
    )


def _answer(answer: Answer, key: str) -> Citation | None:
    """Draw an answer without what only its maker needs; gives the citation clicked just now."""
    number = None
    if answer.kind == "curated":
        st.badge(_("Answered by the team"), icon=":material/verified:", color="green")
    elif answer.kind == "quoted":
        st.caption(_("Quoted from the documents."))
    if answer.sentences or answer.quotes:
        number = citation.show(answer, key=f"_demo.answer.{key}")
    if answer.finish_reason == "cancelled":
        st.caption(_("You stopped this answer."))
    elif answer.finish_reason == "length":
        st.caption(_("This answer was cut at its length limit."))
    if citation.has_unsourced(answer):
        st.caption(_("Dotted: no passage of the documents says this."))
    return next((one for one in answer.citations if one.number == number), None)
