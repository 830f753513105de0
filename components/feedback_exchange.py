"""One opinion in full: the exchange with what was found, what was said of it, and what to make of it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import streamlit as st

from components import cache, chat_bubble, notice, session, who
from components import feedback_words as words
from components import format as fmt
from components.i18n import _, translate
from components.safe_markdown import plain_lines
from studio.acting import Role
from studio.errors import StudioError
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.workbench import AnyPrototype
from studio.workspace.feedback_record import FeedbackRecord, Retrieved

SETTLED = "feedback.settled"
HEIGHT = 120
MAX_QUESTION, MAX_ANSWER = 4000, 8000
N_ITEMS = 1500  # that can be chosen from; a longer list is slow to open


def show(prototype: AnyPrototype, record: FeedbackRecord) -> None:
    """Draw an opinion and the ways to accept it."""
    left, right = st.columns([6, 5], gap="medium")
    with left:
        _exchange(record)
    with right:
        _opinion(record)
        _decide(prototype, record)


def undo(feedback_id: str) -> None:
    """Take back what was made of an opinion; for callbacks."""
    _do(lambda: cache.workbench().feedback.undo(feedback_id))
    session.keep_value(SETTLED, None)


def _exchange(record: FeedbackRecord) -> None:
    exchange = record.exchange
    with chat_bubble.show("user"):
        st.markdown(plain_lines(exchange.question))
    with chat_bubble.show("assistant"):
        st.markdown(plain_lines(exchange.answer) or f":gray[{_('Nothing was answered.')}]")
    st.markdown("**" + _("What was found") + "**")
    if not exchange.retrieved:
        st.caption(_("Nothing was found for it."))
    for one in exchange.retrieved:
        _found(one)
    st.caption(_took(record))


def _found(one: Retrieved) -> None:
    name = _("{name}, page {page}", name=one.name, page=one.page) if one.page else one.name
    label = notice.plain(name)
    if one.relevance is not None:
        label += " · " + _("relevance {value}", value=f"{one.relevance:.2f}")
    if not one.text:
        st.caption(label)
        return
    with st.expander(label, type="compact"):
        st.markdown(plain_lines(one.text))


def _took(record: FeedbackRecord) -> str:
    """Time and cost of the request, as far as the ledger knows them."""
    bench = cache.workbench()
    calls = bench.prices().attach(bench.ledger.frame(request_id=record.request_id))
    when = fmt.exact_time(record.created_at)
    if calls.empty:
        return notice.plain(when)
    tokens = int(calls["tokens_in"].sum()), int(calls["tokens_out"].sum())
    is_unknown = bool(calls["cost"].isna().any())
    cost = None if is_unknown else sum(calls["cost"], Decimal(0))
    parts = [
        when,
        _(
            "{tokens_in} tokens in, {tokens_out} out",
            tokens_in=fmt.count(tokens[0]),
            tokens_out=fmt.count(tokens[1]),
        ),
        _("cost unknown") if cost is None else fmt.money(cost),
    ]
    return notice.plain(" · ".join(parts))


def _opinion(record: FeedbackRecord) -> None:
    opinion = record.opinion
    said = words.thumbs()[opinion.thumb]
    if opinion.reason:
        said += f" · {words.reason(opinion.reason)}"
    st.markdown(f"{words.THUMB_ICONS[opinion.thumb]} **{notice.plain(said)}**")
    if opinion.correction:
        st.caption(_("It should have said:"))
        st.markdown(plain_lines(opinion.correction))
    if opinion.comment:
        st.caption(_("Comment:"))
        st.markdown(plain_lines(opinion.comment))


def _decide(prototype: AnyPrototype, record: FeedbackRecord) -> None:
    may_decide = who.may(Role.EDITOR)
    if record.state != "new":
        _decided(record, may_take_back=may_decide)
        return
    if not may_decide:
        st.caption(_("An editor or an owner decides what becomes of it."))
        return
    is_chatbot = isinstance(prototype, Chatbot)
    labels = [_("Answer it from now on")] if is_chatbot else []
    has_cases = prototype.kind in ("chatbot", "search")
    if has_cases:
        labels.append(_("Keep as a test"))
    if labels:
        tabs = iter(st.tabs(labels))
        if is_chatbot:
            with next(tabs):
                _answer_form(record)
        if has_cases:
            with next(tabs):
                _case_form(record)
    st.button(
        _("Put aside"),
        key=f"_feedback.dismiss.{record.id}",
        icon=":material/archive:",
        type="tertiary",
        on_click=_dismiss,
        args=(record.id,),
    )


def _decided(record: FeedbackRecord, *, may_take_back: bool) -> None:
    told = {
        "curated": _("The team's answer is given to this question and to those like it."),
        "case": _("This is an evaluation case: the bench under Tune measures with it."),
        "dismissed": _("This was put aside."),
    }[record.state]
    notice.show(told, "success" if record.state != "dismissed" else "info")
    if may_take_back:
        st.button(
            _("Take back"), key=f"_feedback.take_back.{record.id}", on_click=undo, args=(record.id,)
        )


def _answer_form(record: FeedbackRecord) -> None:
    """A question and an answer to edit before they are used."""
    opinion, exchange = record.opinion, record.exchange
    suggested = opinion.correction or (exchange.answer if opinion.thumb == "up" else "")
    with st.form(f"feedback_answer_{record.id}", border=False):
        question = st.text_area(
            _("Question"), exchange.question, height=80, max_chars=MAX_QUESTION,
            key=f"_feedback.question.{record.id}",
        )  # fmt: skip
        answer = st.text_area(
            _("Answer of the team"), suggested, height=HEIGHT, max_chars=MAX_ANSWER,
            placeholder=_("What should be answered"), key=f"_feedback.answer.{record.id}",
        )  # fmt: skip
        st.caption(
            _(
                "Given word for word to this question, and to others where they come close enough in"
                " meaning. It costs the reading of the question and nothing else."
            )
        )
        if st.form_submit_button(_("Give this answer from now on"), type="primary"):
            if _do(lambda: cache.workbench().feedback.accept_answer(record.id, question, answer)):
                session.keep_value(SETTLED, record.id)
            st.rerun()


def _case_form(record: FeedbackRecord) -> None:
    """Which results are right for the question."""
    items = cache.workbench().feedback.case_items(record.id)[:N_ITEMS]
    if not items:
        st.caption(_("There is nothing indexed that could be right. Add documents first."))
        return
    titles = {one.item: one.title for one in items}
    found = [one.item for one in items if one.was_found]
    is_up = record.opinion.thumb == "up"
    with st.form(f"feedback_case_{record.id}", border=False):
        right = st.multiselect(
            _("What is right for this question?"),
            list(titles),
            default=found[:1] if is_up else None,
            format_func=lambda item: (
                _("{title} (was found)", title=titles[item]) if item in found else titles[item]
            ),
            placeholder=_("Choose documents or rows"),
            key=f"_feedback.right.{record.id}",
        )
        st.caption(
            _("What was found and is not chosen counts as wrong. The bench under Tune uses it.")
        )
        if st.form_submit_button(_("Keep as an evaluation case"), type="primary"):
            if _do(lambda: cache.workbench().feedback.accept_case(record.id, right)):
                session.keep_value(SETTLED, record.id)
            st.rerun()


def _dismiss(feedback_id: str) -> None:
    if _do(lambda: cache.workbench().feedback.dismiss(feedback_id)):
        session.keep_value(SETTLED, feedback_id)


def _do(act: Callable[[], object]) -> bool:
    """Do something; what cannot be done is said. Gives whether it was done."""
    try:
        act()
    except StudioError as error:
        session.flash(translate(error.notice))
        return False
    return True
