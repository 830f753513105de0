"""A question that was refused before an answer began: it stands in the chat until another is asked.

It is no part of the conversation, so that the session keeps it and nobody else ever sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from components import chat_bubble, notice, session
from components.i18n import _
from components.safe_markdown import plain_lines
from studio.errors import InvalidInput, LimitReached, StudioError
from studio.prototypes.chatbot.question import MAX_QUESTION_CHARACTERS
from studio.records import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What was asked, why it was refused, and whether asking again can help."""

    question: str
    reason: Notice
    may_repeat: bool


def keep(owner_id: str, question: str, error: StudioError) -> None:
    """Keep why a question was refused; the page runs again to draw it."""
    may_repeat = not isinstance(error, LimitReached | InvalidInput)
    said = question[:MAX_QUESTION_CHARACTERS] + "…" * (len(question) > MAX_QUESTION_CHARACTERS)
    refusal = Refusal(question=said, reason=error.notice, may_repeat=may_repeat)
    session.keep_value(_kept(owner_id), refusal)


def forget(owner_id: str) -> None:
    """Forget what was refused: something else is asked, or the chat begins anew."""
    session.keep_value(_kept(owner_id), None)


def show(owner_id: str, widgets: str, tone: Literal["warning", "error"]) -> bool:
    """Draw the question and why it was refused; False where nothing was."""
    refusal: Refusal | None = session.kept_value(_kept(owner_id))
    if refusal is None:
        return False
    with chat_bubble.show("user"):
        st.markdown(plain_lines(refusal.question))
    with chat_bubble.show("assistant"):
        notice.show(refusal.reason, tone)
        if refusal.may_repeat:
            st.button(
                _("Ask again"),
                key=f"{widgets}.again",
                on_click=session.set_waiting_question,
                args=(owner_id, refusal.question),
            )
    return True


def _kept(owner_id: str) -> str:
    return f"chat.refused.{owner_id}"
