"""A visitor's question on its way to an answer: within the limits, followed as it is written.

A visitor starts nothing but the answer: where an index is being built or models load, the question
waits; nothing is repaired from here.
"""

from __future__ import annotations

import time
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import answer_stream, cache, chat_bubble, chat_refusal, demo_use, progress, session
from components.i18n import _
from components.safe_markdown import plain_lines
from studio.errors import StudioError
from studio.jobs.runner import Job
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.sharing.visit import Visit

LOOK_S = 0.5  # between two looks at what a question waits for


def ask(visit: Visit, question: str, *, with_stop_button: bool) -> None:
    """Answer the waiting question where the page is now, then run the page again.

    Args:
        visit: who asks.
        question: what is asked.
        with_stop_button: draw a button for stopping; the chat input has one of its own.
    """
    bot: Chatbot = visit.prototype
    answer_stream.resume_when_interrupted()
    with chat_bubble.show("user"):
        st.markdown(plain_lines(question))
    with chat_bubble.show("assistant"):
        place = st.empty()
        if with_stop_button:
            answer_stream.stop_button(session.set_waiting_question, visit.publication.id, None)
        _wait(bot, place)
        session.set_waiting_question(visit.publication.id, None)
        try:
            talk = visit.started_conversation()
            stream = demo_use.asked(
                visit,
                lambda admitted: admitted.stream(question, talk),
                lambda begun: begun.stage == "done",
            )
        except StudioError as error:
            chat_refusal.keep(visit.publication.id, question, error)
        else:
            answer_stream.follow(stream, place)
    st.rerun()


def _wait(bot: Chatbot, place: DeltaGenerator) -> None:
    """Show what the question waits for until it can be asked."""
    while (job := _obstacle(bot)) is not None:
        with place.container():
            st.caption(_("Your question is answered as soon as this is done."))
            progress.show(job.progress)
        time.sleep(LOOK_S)
    place.empty()


def _obstacle(bot: Chatbot) -> Job[Any] | None:
    """The work that must end before an answer can begin; None when there is none."""
    if not bot.models_ready():
        job = cache.workbench().prepare_models()
        return None if job.state.is_final else job
    index = bot.index_state()
    if not index.is_usable and index.state == "building" and index.job is not None:
        return None if index.job.state.is_final else index.job
    return None
