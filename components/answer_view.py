"""One stored answer as its reader sees it: why it came about so, its text, what it took.

Gives the citation that was clicked; opening it is up to the caller, because a page can show only one
dialog. The module knows neither the model nor the store.
"""

from __future__ import annotations

import streamlit as st

from components import answer_strip, citation, notice
from components.i18n import _, translate
from studio.prototypes.chatbot.answer import Answer, Citation
from studio.prototypes.chatbot.settings import ChatbotSettings


def show(answer: Answer, *, key: str, settings: ChatbotSettings) -> Citation | None:
    """Draw an answer with everything that belongs to it.

    Args:
        answer: what was answered.
        key: tells its widgets from those of other answers.
        settings: the chatbot's settings now, for the hint when nothing was found.

    Returns:
        The citation clicked just now, or None.
    """
    clicked = None
    if answer.kind == "curated":
        _of_the_team(answer)
    elif answer.note is not None:
        st.caption(notice.plain(translate(answer.note)))
    elif answer.kind == "quoted":
        st.caption(_("Quoted from your documents."))
    if answer.sentences or answer.quotes:
        clicked = citation.show(answer, key=f"_chat.answer.{key}")
    if answer.kind == "not_found":
        _not_found(answer, settings)
    _ending(answer)
    if answer.kind != "greeting":
        answer_strip.show(answer.figures, key=key)
    return next((c for c in answer.citations if c.number == clicked), None)


def _of_the_team(answer: Answer) -> None:
    """Say whose words these are, and how near the question is to theirs."""
    similarity = answer.similarity or 0.0
    near = (
        _("the same question")
        if similarity == 1.0
        else _("a question like it, {similarity}", similarity=f"{similarity:.2f}")
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(_("Answered by the team"), icon=":material/verified:", color="green")
        st.caption(near, width="content")


def _ending(answer: Answer) -> None:
    if answer.finish_reason == "cancelled":
        st.caption(_("You stopped this answer."))
    elif answer.finish_reason == "length":
        st.caption(_("Cut at the length limit. A longer limit can be set under Behaviour."))
    if citation.has_unsourced(answer):
        st.caption(_("Dotted: no passage of your documents says this."))


def _not_found(answer: Answer, settings: ChatbotSettings) -> None:
    """Say how near the best passage came, and what can be done."""
    best = answer.figures.best_relevance
    if best is None:
        st.caption(_("There is nothing to search in yet. Add a document under Data."))
    elif best < settings.min_relevance:
        st.caption(
            _(
                "The best passage has a relevance of {best}; {threshold} is needed. Add a document"
                " that answers this, or lower the threshold under Quality.",
                best=f"{best:.2f}",
                threshold=f"{settings.min_relevance:.2f}",
            )
        )
    else:
        st.caption(_("With the settings as they are now, a passage would be found: ask again."))
