"""What people said, to be read and decided: filters, a list that opens, a file to take away.

Draws; keeping and deciding is `studio.feedback`. What is opened is drawn by `feedback_exchange`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

import streamlit as st

from components import cache, feedback_exchange, notice, session
from components import feedback_words as words
from components import format as fmt
from components.i18n import _, ngettext
from studio.csv_file import csv_text
from studio.errors import NotFound
from studio.feedback.reasons import reasons_of
from studio.workbench import AnyPrototype
from studio.workspace.feedback_record import (
    FeedbackFilter,
    FeedbackRecord,
    FeedbackState,
    Thumb,
)

N_ON_A_PAGE = 15
FIELD_PX = 300
ANYWHERE = "any"
_FILTERS = tuple(f"_feedback.filter.{one}" for one in ("thumb", "reason", "version", "where"))


def show(prototype: AnyPrototype, now: datetime) -> None:
    """Draw what people said about a prototype; `now` says how long ago."""
    headlines = headlines_of(prototype)
    _settled()
    addressed = _addressed(prototype)
    if addressed is not None:
        st.button(_("Show all feedback"), icon=":material/arrow_back:", on_click=_leave)
        _item(prototype, addressed, headlines, now, is_open=True)
        return
    feedback = cache.workbench().feedback
    if not feedback.count(FeedbackFilter(prototype_id=prototype.id)):
        notice.show(
            _(
                "Nobody has said anything yet. Thumbs stand below every answer, on the builder's page"
                " and in demos; what people click and write comes here."
            )
        )
        return
    wanted = _filters(prototype, headlines)
    n = feedback.count(wanted)
    if not n:
        is_all_decided = wanted == FeedbackFilter(prototype_id=prototype.id, state="new")
        st.caption(
            _("Nothing new: you have decided on everything that was said.")
            if is_all_decided
            else _("Nothing matches. Choose “All”, or take a filter away.")
        )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(ngettext("{n} opinion", "{n} opinions", n))
        st.space("stretch")
        st.download_button(
            _("Download as CSV"),
            lambda: as_csv(feedback.list(wanted), headlines),
            file_name=f"feedback-{prototype.slug}.csv",
            mime="text/csv",
            icon=":material/download:",
            key="_feedback.download",
            on_click="ignore",
        )
    n_pages = math.ceil(n / N_ON_A_PAGE)
    page = st.pagination(n_pages, key="_feedback.page") if n_pages > 1 else 1
    for record in feedback.list(wanted, limit=N_ON_A_PAGE, offset=(page - 1) * N_ON_A_PAGE):
        _item(prototype, record, headlines, now, is_open=False)


def headlines_of(prototype: AnyPrototype) -> dict[str, str]:
    """The headlines of a prototype's publications by id, those that have ended among them."""
    publications = cache.workbench().workspace.publications
    return {one.id: one.headline for one in publications.list(prototype.id, include_ended=True)}


def as_csv(records: Sequence[FeedbackRecord], headlines: Mapping[str, str]) -> bytes:
    """The opinions as a file that Excel reads right, in which no cell is taken for a formula."""
    rows: list[Sequence[object]] = [
        [
            "given_at", "thumb", "reason", "question", "answer", "comment", "correction", "found",
            "state", "version", "demo", "visitor", "language", "request",
        ]
    ]  # fmt: skip
    for one in records:
        found = " | ".join(item.name for item in one.exchange.retrieved)
        rows.append(
            [
                one.updated_at.isoformat(),
                one.opinion.thumb,
                one.opinion.reason,
                one.exchange.question,
                one.exchange.answer,
                one.opinion.comment,
                one.opinion.correction,
                found,
                one.state,
                "" if one.version is None else str(one.version),
                headlines.get(one.publication_id or "", ""),
                one.account.rpartition(":")[2],
                one.exchange.language,
                one.request_id,
            ]
        )
    return csv_text(rows).encode()


def _filters(prototype: AnyPrototype, headlines: Mapping[str, str]) -> FeedbackFilter:
    """Draw the filters and give what they ask for."""
    feedback = cache.workbench().feedback
    states = words.states()
    n_new = feedback.count(FeedbackFilter(prototype_id=prototype.id, state="new"))
    session.default_widget_value("_feedback.state", "new" if n_new else "")
    state = st.segmented_control(
        _("What became of it"),
        list(states),
        format_func=lambda one: f"{states[one]} ({n_new})" if one == "new" else states[one],
        required=True,
        key="_feedback.state",
        label_visibility="collapsed",
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="feedback_filters"):
        text = st.text_input(
            _("Words"),
            key="_feedback.text",
            placeholder=_("Search in questions and answers"),
            width=FIELD_PX,
            label_visibility="collapsed",
        )
        n_set = sum(session.widget_value(key) not in (None, "", ANYWHERE) for key in _FILTERS)
        with st.popover(
            _("Filter ({n})", n=n_set) if n_set else _("Filter"),
            icon=":material/filter_list:",
            key="_feedback.filters",
        ):
            thumb = _choice(_("Thumb"), words.thumbs(), "thumb")
            reasons = {one: words.reason(one) for one in reasons_of(prototype.kind)}
            reason = _choice(_("Reason"), {"": _("Any"), **reasons}, "reason")
            numbers = sorted({one.version for one in _all(prototype) if one.version}, reverse=True)
            versions = {str(n): _("Version {n}", n=n) for n in numbers}
            version = _choice(_("Version"), {"": _("Any"), **versions}, "version")
            places = {ANYWHERE: _("Anywhere"), "": _("Your own page"), **headlines}
            where = _choice(_("Where"), places, "where")
    return FeedbackFilter(
        prototype_id=prototype.id,
        state=cast("FeedbackState | None", state or None),
        thumb=cast("Thumb | None", thumb or None),
        reason=reason or None,
        version=int(version) if version else None,
        publication_id=None if where == ANYWHERE else where,
        text=text or "",
    )


def _choice(label: str, options: Mapping[str, str], name: str) -> str:
    chosen = st.selectbox(
        label,
        list(options),
        format_func=options.__getitem__,
        key=f"_feedback.filter.{name}",
    )
    return str(chosen)


def _all(prototype: AnyPrototype) -> Sequence[FeedbackRecord]:
    return cache.workbench().feedback.list(FeedbackFilter(prototype_id=prototype.id))


def _item(
    prototype: AnyPrototype,
    record: FeedbackRecord,
    headlines: Mapping[str, str],
    now: datetime,
    *,
    is_open: bool,
) -> None:
    facts = [
        words.reason(record.opinion.reason),
        _("version {n}", n=record.version) if record.version else "",
        words.place(record, headlines),
        fmt.ago(record.updated_at, now),
        words.states()[record.state] if record.state != "new" else "",
    ]
    facts_line = notice.plain(" · ".join(filter(None, facts)))
    opened = st.expander(
        f"{words.THUMB_ICONS[record.opinion.thumb]} "
        f"**{notice.plain(words.short(record.exchange.question))}**  \n:small[{facts_line}]",
        expanded=is_open,
        key=f"_feedback.item.{record.id}",
        on_change="rerun",  # the exchange is drawn only where it is read
    )
    if opened.open:
        with opened:
            feedback_exchange.show(prototype, record)


def _settled() -> None:
    """Say what was decided just now, and offer to take it back."""
    feedback_id = session.kept_value(feedback_exchange.SETTLED)
    if not feedback_id:
        return
    try:
        record = cache.workbench().feedback.get(feedback_id)
    except NotFound:
        session.keep_value(feedback_exchange.SETTLED, None)
        return
    question = notice.plain(words.short(record.exchange.question))
    told = {
        "curated": _("From now on, the team's answer is given to: {question}", question=question),
        "case": _("Kept as an evaluation case: {question}", question=question),
        "dismissed": _("Put aside: {question}", question=question),
    }.get(record.state)
    if told is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="feedback_settled"):
        st.markdown(":material/check_circle: " + told, width="content")
        st.button(
            _("Undo"), key="_feedback.undo", on_click=feedback_exchange.undo, args=(record.id,)
        )


def _addressed(prototype: AnyPrototype) -> FeedbackRecord | None:
    """The opinion that the address names; one of another prototype leaves the address."""
    feedback_id = st.query_params.get("feedback")
    if not feedback_id:
        return None
    try:
        record = cache.workbench().feedback.get(feedback_id)
    except NotFound:
        record = None
    if record is None or record.prototype_id != prototype.id:
        _leave()
        return None
    return record


def _leave() -> None:
    if "feedback" in st.query_params:
        del st.query_params["feedback"]
