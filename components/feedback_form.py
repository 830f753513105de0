"""Below an answer: a thumb and a comment, and after a thumb down why, and what it should have said.

    feedback_form.show(bot, answer.figures.request_id, exchanges.of_answer(answer, "en"))

A thumb is kept at the click; what is typed, when it is sent. Used by the builders and by demos, where
`publication` and `account` say whose opinion it is. The module draws and keeps through the workbench.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import streamlit as st

from components import cache, route, session
from components.i18n import _, translate
from studio.errors import StudioError
from studio.feedback.feedback import MAX_TEXT
from studio.feedback.reasons import REASONS, reasons_of
from studio.workbench import AnyPrototype
from studio.workspace.feedback_record import Exchange, FeedbackRecord, Opinion
from studio.workspace.publication_record import PublicationRecord

_THUMBS = {"down": 0, "up": 1}
HEIGHT = 80  # px of a text box
FORM, SENT = "form", "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """Which answer, and whose opinion of it."""

    prototype: AnyPrototype
    request_id: str
    exchange: Exchange
    publication_id: str | None
    account: str
    version: int

    @property
    def key(self) -> str:
        """Tells its widgets from those of other answers."""
        named = f"{self.prototype.id}|{self.request_id}|{self.exchange.part}|{self.account}"
        return hashlib.sha256(named.encode()).hexdigest()[:16]

    def given(self) -> FeedbackRecord | None:
        """What was said of it so far."""
        return cache.workbench().feedback.given(
            self.prototype.id, self.request_id, self.exchange.part, self.account
        )


def list_id(prototype: AnyPrototype, exchange: Exchange) -> str:
    """What a list of results is known by: the same list for the same question is the same answer.

    A page asks again at every run, so that the request's own id changes under the reader's hands.
    """
    said = f"{prototype.id}|{prototype.version}|{exchange.question}|{exchange.answer}"
    return f"list-{hashlib.sha256(said.encode()).hexdigest()[:24]}"


def show(
    prototype: AnyPrototype,
    request_id: str,
    exchange: Exchange,
    publication: PublicationRecord | None = None,
    *,
    account: str = "",
    label: str = "",
) -> None:
    """Draw the thumbs, and what belongs to them.

    Args:
        prototype: what answered; for a demo, as it is served there.
        request_id: which of its requests.
        exchange: what was asked, answered and found.
        publication: the demo in which it was answered; None on the builder's own page.
        account: the visitor's account in a demo, see `Visit.account`; empty for the builder.
        label: a question before the thumbs; none by default.
    """
    answer = _Answer(
        prototype=prototype,
        request_id=request_id,
        exchange=exchange,
        publication_id=None if publication is None else publication.id,
        account=account,
        version=prototype.version,
    )
    given, key = answer.given(), answer.key
    with st.container(gap="small", key=f"feedback_{key}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if label:
                st.caption(label, width="content")
            widget = f"_feedback.thumb.{key}"
            session.fill_widget(widget, None if given is None else _THUMBS[given.opinion.thumb])
            st.feedback("thumbs", key=widget, on_change=_keep_thumb, args=(answer, widget))
        state = session.kept_value(f"feedback.{key}")
        if given is not None:
            if state == FORM:
                _form(answer, given)
            else:
                _said(answer, given, is_fresh=state == SENT)


def _form(answer: _Answer, given: FeedbackRecord) -> None:
    """A comment; after a thumb down also why, and what it should have said. All may stay empty."""
    key, opinion = answer.key, given.opinion
    with st.form(f"feedback_form_{key}", border=True):
        if opinion.thumb == "down":
            _what_is_wrong(answer, opinion)
        st.text_area(
            _("Anything else (optional)") if opinion.thumb == "down" else _("Comment (optional)"),
            opinion.comment,
            height=HEIGHT,
            max_chars=MAX_TEXT,
            key=f"_feedback.comment.{key}",
        )
        with st.container(horizontal=True):
            st.form_submit_button(
                _("Send"),
                type="primary",
                on_click=_send,
                args=(answer, opinion),
                key=f"_feedback.send.{key}",
            )
            st.form_submit_button(
                _("Only the thumb"),
                type="tertiary",
                on_click=session.keep_value,
                args=(f"feedback.{key}", SENT),
                key=f"_feedback.close.{key}",
            )


def _what_is_wrong(answer: _Answer, opinion: Opinion) -> None:
    key, reasons = answer.key, reasons_of(answer.prototype.kind)
    st.pills(
        _("What is not right?"),
        reasons,
        default=opinion.reason if opinion.reason in reasons else None,
        format_func=lambda reason: translate(REASONS[reason]),
        key=f"_feedback.reason.{key}",
    )
    if answer.prototype.kind in ("chatbot", "content"):
        st.text_area(
            _("What should it have said?"),
            opinion.correction,
            height=HEIGHT,
            max_chars=MAX_TEXT,
            key=f"_feedback.correction.{key}",
        )


def _said(answer: _Answer, given: FeedbackRecord, *, is_fresh: bool) -> None:
    """Thanks, and the ways on: to change it, and for the builder to the page where it is read."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if is_fresh:
            st.caption(_("Thank you, this was kept."), width="content")
        opinion = given.opinion
        is_down = opinion.thumb == "down"
        has_words = bool(opinion.reason or opinion.correction or opinion.comment)
        st.button(
            _("Change") if has_words else _("Say why") if is_down else _("Add a comment"),
            key=f"_feedback.change.{answer.key}",
            type="tertiary",
            on_click=session.keep_value,
            args=(f"feedback.{answer.key}", FORM),
        )
        if answer.publication_id is None and is_down:
            st.page_link(
                route.FEEDBACK_PAGE,
                label=_("Use this feedback"),
                icon=":material/rate_review:",
                query_params={"prototype": answer.prototype.slug, "feedback": given.id},
            )


def _keep_thumb(answer: _Answer, widget: str) -> None:
    value = session.widget_value(widget)
    feedback, exchange = cache.workbench().feedback, answer.exchange
    if value is None:
        feedback.take_back(answer.prototype.id, answer.request_id, exchange.part, answer.account)
        session.keep_value(f"feedback.{answer.key}", None)
        return
    given = answer.given()
    opinion = Opinion(thumb="up") if given is None else given.opinion
    is_up = int(value) == _THUMBS["up"]
    if _keep(answer, replace(opinion, thumb="up" if is_up else "down")):
        session.keep_value(f"feedback.{answer.key}", SENT if is_up else FORM)


def _send(answer: _Answer, before: Opinion) -> None:
    key = answer.key
    typed = replace(before, comment=str(session.widget_value(f"_feedback.comment.{key}") or ""))
    if before.thumb == "down":
        typed = replace(
            typed,
            reason=str(session.widget_value(f"_feedback.reason.{key}") or ""),
            correction=str(session.widget_value(f"_feedback.correction.{key}") or ""),
        )
    if _keep(answer, typed):
        session.keep_value(f"feedback.{key}", SENT)


def _keep(answer: _Answer, opinion: Opinion) -> bool:
    """Keep an opinion; what cannot be kept is said. Gives whether it was kept."""
    try:
        cache.workbench().feedback.give(
            answer.prototype.id,
            answer.request_id,
            answer.exchange,
            opinion,
            version=answer.version,
            publication_id=answer.publication_id,
            account=answer.account,
        )
    except StudioError as error:
        session.flash(translate(error.notice))
        return False
    return True
