"""The answers of a chatbot's team: hits and switch of each, what they spared, and a new one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from components import cache, notice, session, who
from components import format as fmt
from components import setting_words as setting
from components.i18n import _, ngettext, translate
from components.safe_markdown import plain_lines
from components.setting_field import bind
from studio.acting import Role
from studio.errors import StudioError
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import RANGES, ChatbotSettings
from studio.workspace.feedback_record import CuratedRecord

DELETED = "feedback.deleted_answer"
HEIGHT = 100
MAX_QUESTION, MAX_ANSWER = 4000, 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deleted:
    """An answer that was deleted just now."""

    curated_id: str
    question: str


def show(bot: Chatbot, now: datetime) -> None:
    """Draw the answers of the team; `now` says how long ago one was given."""
    may_change = who.may(Role.EDITOR)
    left, right = st.columns([2, 1], gap="large")
    with right:
        if may_change:
            switch(bot, bot.settings)
        else:
            st.caption(_("An editor or an owner of this studio writes and changes these answers."))
    with left:
        if may_change:
            _undo()
        answers = bot.team_answers.list()
        if answers:
            _saving(bot)
        else:
            notice.show(
                _(
                    "No answers of the team yet. Accept a correction under Feedback, or write one"
                    " here; the same question, and those like it, get it from then on."
                )
            )
        if may_change:
            _new(bot, is_open=not answers)
        for record in answers:
            _answer(record, now, may_change=may_change)


def switch(bot: Chatbot, settings: ChatbotSettings) -> None:
    """Draw whether they are given, and how near a question must be."""
    st.toggle(
        setting.label("uses_team_answers"),
        help=_("Off: every question is searched for and answered by the model, as before."),
        **bind(bot, settings, "uses_team_answers"),
    )
    low, high = RANGES["team_similarity"]
    st.slider(
        setting.label("team_similarity"),
        low,
        high,
        step=0.01,
        disabled=not settings.uses_team_answers,
        help=_(
            "How much a question must mean the same (cosine). The same words always count. A question"
            " with another number, or with a “not” more or less, never does, nor does one in which"
            " nothing but a name is another. Where the model does not read the language, words are"
            " compared instead, and 0.15 less is enough."
        ),
        **bind(bot, settings, "team_similarity"),
    )
    st.caption(
        _(
            "At 0.80, none of the sample's 144 different questions is taken for another, in English or"
            " in Chinese, and about one in three that are asked in other words is recognised: write"
            " down the other ways in which people ask, too. With less, more are recognised, and some"
            " get the answer to another question."
        )
    )


def _saving(bot: Chatbot) -> None:
    found = bot.team_answers.saving()
    with st.container(horizontal=True, key="team_saving"):
        st.metric(_("Times given"), fmt.count(found.n_hits), width=150)
        if found.n_measured and found.n_hits:
            st.metric(_("Time saved"), fmt.duration(found.ms / 1000), width=150)
            st.metric(_("Tokens saved"), fmt.count(round(found.tokens)), width=150)
            saved = _("unknown") if found.cost_usd is None else fmt.money(found.cost_usd)
            st.metric(_("Money saved"), saved, width=190)
    if found.n_hits and found.n_measured:
        st.caption(
            ngettext(
                "Against the mean of {n} measured answer that was searched for and written.",
                "Against the mean of {n} measured answers that were searched for and written.",
                found.n_measured,
            )
        )
    elif found.n_hits:
        st.caption(_("What that saves shows once the model itself has answered something."))


def _new(bot: Chatbot, *, is_open: bool) -> None:
    with (
        st.expander(_("Write an answer"), expanded=is_open, icon=":material/add:"),
        st.form(f"team_new_{bot.id}", border=False, clear_on_submit=True),
    ):
        question = st.text_input(_("Question"), max_chars=MAX_QUESTION, key="_team.new.question")
        answer = st.text_area(
            _("Answer of the team"), height=HEIGHT, max_chars=MAX_ANSWER, key="_team.new.answer"
        )
        if st.form_submit_button(_("Give this answer from now on"), type="primary"):
            language = bot.settings.language
            _do(lambda: bot.team_answers.add(question, answer, language=language))
            st.rerun()


def _answer(record: CuratedRecord, now: datetime, *, may_change: bool) -> None:
    with st.container(border=True, gap="small", key=f"team_answer_{record.id}"):
        st.markdown(f"**{notice.plain(record.question)}**")
        st.markdown(plain_lines(record.answer))
        with st.container(horizontal=True, vertical_alignment="center"):
            said = _hits(record, now)
            if record.feedback_id:
                said += " · " + _("from feedback")
            if not record.is_on and not may_change:
                said += " · " + _("switched off")
            st.caption(said, width="content")
            if not may_change:
                return
            st.space("stretch")
            key = f"_team.on.{record.id}"
            session.fill_widget(key, record.is_on)
            st.toggle(_("Given"), key=key, on_change=_switched, args=(record.id, key))
            with st.popover(":material/edit:", type="tertiary", help=_("Edit"),
                            key=f"_team.edit.{record.id}"):  # fmt: skip
                _edit(record)
            st.button(
                ":material/delete:",
                key=f"_team.delete.{record.id}",
                type="tertiary",
                help=_("Delete"),
                on_click=_delete,
                args=(record,),
            )


def _hits(record: CuratedRecord, now: datetime) -> str:
    given = ngettext("given {n} time", "given {n} times", record.n_hits)
    if record.last_hit_at is None:
        return given
    return _("{given}, last {ago}", given=given, ago=fmt.ago(record.last_hit_at, now))


def _edit(record: CuratedRecord) -> None:
    with st.form(f"team_edit_{record.id}", border=False):
        question = st.text_area(_("Question"), record.question, max_chars=MAX_QUESTION, height=80)
        answer = st.text_area(
            _("Answer of the team"), record.answer, max_chars=MAX_ANSWER, height=HEIGHT
        )
        if st.form_submit_button(_("Save"), type="primary"):
            store = cache.workbench().workspace.curated_answers
            _do(lambda: store.edit(record.id, question, answer))
            st.rerun()


def _switched(curated_id: str, key: str) -> None:
    is_on = bool(session.widget_value(key))
    store = cache.workbench().workspace.curated_answers
    _do(lambda: store.switch(curated_id, is_on=is_on))


def _delete(record: CuratedRecord) -> None:
    cache.workbench().workspace.curated_answers.delete(record.id)
    session.keep_value(DELETED, _Deleted(curated_id=record.id, question=record.question))


def _undo() -> None:
    deleted: _Deleted | None = session.kept_value(DELETED)
    if deleted is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            _("Deleted: {question}", question=notice.plain(deleted.question[:90])), width="content"
        )
        st.button(_("Undo"), key="_team.undo", on_click=_restore, args=(deleted.curated_id,))


def _restore(curated_id: str) -> None:
    cache.workbench().workspace.curated_answers.restore(curated_id)
    session.keep_value(DELETED, None)


def _do(act: Callable[[], object]) -> None:
    try:
        act()
    except StudioError as error:
        session.flash(translate(error.notice))
