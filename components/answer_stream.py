"""A question on its way to an answer: wait for what it needs, show the text as it is written, stop it.

The answer itself is made beside the page and outlives it. This module only follows it: when the page
is reloaded or another widget is used, the next run takes up the same answer; when the visitor presses
stop, it is cancelled. The module keeps nothing but the waiting question.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeAlias

import streamlit as st
from streamlit import runtime
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import StopException, get_script_run_ctx

from components import cache, chat_bubble, chat_refusal, first_start, notice, progress, session
from components.i18n import _, ngettext
from components.safe_markdown import escape, plain_lines
from studio.errors import StudioError
from studio.jobs.runner import Job
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.stream import AnswerStream
from studio.records import Notice

Obstacle: TypeAlias = tuple[Notice | None, Job[Any] | None, Callable[[], object] | None]

LOOK_S = 0.3  # between two looks at a job that a question waits for
DRAW_S = 0.06  # between two drawings of a growing text
RESUME_S = 1.0  # after which an interrupted page takes up its answer again
DISCONNECT_S = 0.15  # a closing connection stops the script just before it counts as closed


def ask(
    bot: Chatbot, question: str, conversation_id: str | None, *, with_stop_button: bool
) -> None:
    """Answer the waiting question where the page is now, then run the page again.

    Args:
        bot: who is asked.
        question: what is asked.
        conversation_id: the conversation it belongs to; None starts one and puts it in the address.
        with_stop_button: draw a button for stopping; the chat input has one of its own.
    """
    resume_when_interrupted()
    with chat_bubble.show("user"):
        st.markdown(plain_lines(question))
    with chat_bubble.show("assistant"):
        place = st.empty()
        if with_stop_button:
            stop_button(session.set_waiting_question, bot.id, None)
        try:
            if not _wait_until_ready(bot, place):
                return
        except StopException:
            if _is_connected():
                session.set_waiting_question(bot.id, None)
            raise
        session.set_waiting_question(bot.id, None)
        try:
            if conversation_id is None:
                conversation_id = bot.start_conversation()
                st.query_params["conversation"] = conversation_id
            stream = bot.stream(question, conversation_id)
        except StudioError as error:
            chat_refusal.keep(bot.id, question, error)
        else:
            follow(stream, place)
    st.rerun()


def resume(stream: AnswerStream) -> None:
    """Follow an answer that is already in the making, from its beginning, then run the page again."""
    resume_when_interrupted()
    with chat_bubble.show("assistant"):
        place = st.empty()
        stop_button(stream.cancel)
        follow(stream, place)
    st.rerun()


def resume_when_interrupted() -> None:
    """Run the page again when its script ended without finishing: after a stop or a lost connection.

    While the script runs, the timer waits for it; a script that comes to its own end draws no timer.
    """
    is_first = True

    @st.fragment(run_every=RESUME_S)
    def timer() -> None:
        nonlocal is_first
        if not is_first:
            st.rerun()
        is_first = False

    timer()


def stop_button(stop: Callable[..., None], *args: object) -> None:
    """Draw the button that stops what is being answered, or waits to be."""
    st.button(
        _("Stop"),
        key="_chat.stop",
        type="tertiary",
        icon=":material/stop_circle:",
        on_click=stop,
        args=args,
    )


def follow(stream: AnswerStream, place: DeltaGenerator) -> None:
    """Draw the stage, then the text as it grows; returns when the answer was stored or failed."""
    text, drawn_at = "", 0.0
    try:
        for piece in stream:
            text += piece
            now = time.monotonic()
            # Drawing is also where Streamlit notices a stop, so it happens at heartbeats too.
            if now - drawn_at >= DRAW_S:
                drawn_at = now
                _draw(place, stream, text)
    except StopException:
        if _is_connected():
            stream.cancel()
        raise


def _draw(place: DeltaGenerator, stream: AnswerStream, text: str) -> None:
    if text.strip():
        place.markdown(escape(text))
    elif stream.stage == "searching":
        place.caption(":material/search: " + _("Searching the documents"))
    elif stream.n_passages:
        place.caption(
            ":material/menu_book: "
            + ngettext("Reading {n} passage", "Reading {n} passages", stream.n_passages)
        )
    else:
        place.caption(":material/hourglass_empty: " + _("Waiting for the model"))


def _wait_until_ready(bot: Chatbot, place: DeltaGenerator) -> bool:
    """Show what the question waits for; True once documents and models are ready.

    False when something failed: then the reason stands in the chat, and the question still waits.
    """
    while True:
        problem, job, repair = _missing(bot)
        if problem is not None and repair is not None:
            with place.container():
                _blocked(bot, problem, repair)
            return False
        if job is None:
            place.empty()
            return True
        with place.container():
            st.caption(_("Your question is answered as soon as this is done."))
            progress.show(job.progress)
        time.sleep(LOOK_S)


def _missing(bot: Chatbot) -> Obstacle:
    """What stands between a question and its answer: a problem with its repair, or a job to wait for."""
    if not bot.models_ready():
        bench = cache.workbench()
        job = first_start.preparation()
        if job is not None and job.state in ("failed", "cancelled"):
            return job.error or Notice("This was stopped."), None, bench.prepare_models
        return None, bench.prepare_models(), None
    index = bot.index_state()
    if index.is_usable:
        return None, None, None
    if index.state == "building":
        return None, index.job, None
    if index.state == "stale":
        return None, bot.update_index(), None
    if index.state in ("mismatch", "failed"):
        return index.notice, None, bot.update_index
    return None, None, None


def _blocked(bot: Chatbot, problem: Notice, repair: Callable[[], object]) -> None:
    notice.show(problem, "warning")
    with st.container(horizontal=True):
        st.button(_("Try again"), key="_chat.repair", type="primary", on_click=_do, args=(repair,))
        st.button(
            _("Drop the question"),
            key="_chat.drop",
            type="tertiary",
            on_click=session.set_waiting_question,
            args=(bot.id, None),
        )


def _do(action: Callable[[], object]) -> None:
    """A callback must give nothing, but what starts a job gives the job."""
    action()


def _is_connected() -> bool:
    """Whether the visitor is still there: a stop of theirs, not the end of their connection."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or not runtime.exists():
        return False
    time.sleep(DISCONNECT_S)
    return runtime.get_instance().is_active_session(context.session_id)
