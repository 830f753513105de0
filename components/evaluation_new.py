"""The ways to questions with right answers: a file, the sample's, feedback, drafts from documents."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import evaluation_choice, notice, session, who
from components.i18n import _, ngettext, translate
from studio.acting import Role
from studio.errors import StudioError
from studio.evaluation.drafting import Draft
from studio.prototypes.documented import DocumentedPrototype
from studio.prototypes.evaluation.evaluations import Evaluations
from studio.prototypes.evaluation.sets import ReadSet
from studio.records import Notice
from studio.sample_company import sample_judgements, sample_questions
from studio.workbench import AnyPrototype
from studio.workspace.evaluation_record import EvaluationSetRecord

N_REASONS_SHOWN = 10
N_ROWS_SHOWN = 8
N_DRAFTS = 20
N_SHOWN = 4


def show_first(prototype: AnyPrototype, evaluation: Evaluations) -> None:
    """Draw the empty state: what will be here, and the ways to a first set."""
    notice.show(_first_words(prototype.kind))
    if not _may_add():
        return
    _sample(prototype, evaluation)
    _upload(prototype, evaluation, None)
    with st.container(horizontal=True):
        st.button(
            _("Start with an empty set"),
            key=f"_evaluation.{prototype.id}.empty",
            icon=":material/add:",
            help=_("Then add questions from feedback, or drafts from your documents."),
            on_click=_create,
            args=(prototype, evaluation),
        )


def _may_add() -> bool:
    """Whether whoever looks may add questions; says who may where they may not."""
    if who.may(Role.EDITOR):
        return True
    st.caption(_("An editor or an owner of this studio adds questions and measures."))
    return False


def _first_words(kind: str) -> str:
    """What a first set is for, in the words of a kind."""
    if kind == "classifier":
        return _(
            "How good is it? Give it texts whose labels you know, and it is measured on them: labels,"
            " confidence, time and cost. 20 are a start; 50 or more tell much."
        )
    if kind == "recommendation":
        return _(
            "How good is it? Say what somebody likes and what should then be in the list, and it is"
            " measured on that: hits, their places, time and cost. 20 are a start; 50 or more tell much."
        )
    if kind == "search":
        return _(
            "How good is it? Give it queries whose right results you know, and it is measured on them:"
            " hits, their places, time and cost. 20 are a start; 50 or more tell much."
        )
    return _(
        "How good is it? Give it questions whose right answers you know, and it is measured on"
        " them: answers, sources, refusals, time and cost. 20 are a start; 50 or more tell much."
    )


def show_more(
    prototype: AnyPrototype, evaluation: Evaluations, chosen: EvaluationSetRecord
) -> None:
    """Draw the ways to more questions in a set, and to another set."""
    if not _may_add():
        return
    _upload(prototype, evaluation, chosen)
    with st.container(horizontal=True):
        st.button(
            _("Add from feedback"),
            key=f"_evaluation.{prototype.id}.feedback",
            icon=":material/rate_review:",
            help=_("Answers of the team, and results that people judged right."),
            on_click=_feedback,
            args=(evaluation, chosen.id),
        )
        st.button(
            _("Start another set"),
            key=f"_evaluation.{prototype.id}.another",
            icon=":material/add:",
            on_click=_create,
            args=(prototype, evaluation),
        )
    if isinstance(prototype, DocumentedPrototype):
        _drafts(prototype, evaluation, chosen)


def _sample(prototype: AnyPrototype, evaluation: Evaluations) -> None:
    if prototype.record.is_sample and prototype.kind in ("chatbot", "search"):
        st.button(
            _("Use the sample's questions"),
            key=f"_evaluation.{prototype.id}.sample",
            type="primary",
            icon=":material/auto_stories:",
            help=_("Questions with right answers and sources, written with the sample."),
            on_click=_use_sample,
            args=(prototype, evaluation),
        )


def _use_sample(prototype: AnyPrototype, evaluation: Evaluations) -> None:
    language = prototype.settings.language
    content = sample_questions(language)
    name = "questions.csv"
    if prototype.kind == "search":
        content, name = sample_judgements(language), "queries.csv"
    _read(prototype, evaluation, None, name, content, is_sample=True)


def _upload(
    prototype: AnyPrototype, evaluation: Evaluations, chosen: EvaluationSetRecord | None
) -> None:
    st.caption(_columns_of(prototype.kind))
    round_key = f"evaluation.{prototype.id}"
    file = st.file_uploader(
        _("Questions") if chosen is None else _("Add to this set"),
        key=f"_evaluation.upload.{prototype.id}.{session.upload_round(round_key)}",
    )
    if file is not None:
        _read(prototype, evaluation, chosen, file.name, file.getvalue())
        session.end_upload_round(round_key)
        st.rerun()
    show_report(prototype.id)


def _columns_of(kind: str) -> str:
    """The columns that a table of questions has for a kind, in words."""
    if kind == "classifier":
        return _(
            "A table (CSV, Excel, JSON, JSONL) with the columns text and label, or called as in the"
            " tables it learns from; where a text belongs to no label, say no in a column answerable."
            " Take texts that it has not learnt from."
        )
    if kind == "recommendation":
        return _(
            "A table (CSV, Excel, JSON, JSONL) with a column likes, what somebody likes (titles or ids"
            " of items), or user_id, and a column items, what should then be in the list. Several in"
            " one cell are separated by a bar with spaces: a | b."
        )
    return _(
        "A table (CSV, Excel, JSON, JSONL) with the column question; if you have them answer,"
        " gold_document (file name, or a row's title), gold_passage and answerable (yes or no)."
        " Several right answers in one cell are separated by a bar with spaces: a | b."
    )


def _read(
    prototype: AnyPrototype,
    evaluation: Evaluations,
    chosen: EvaluationSetRecord | None,
    name: str,
    content: bytes,
    *,
    is_sample: bool = False,
) -> None:
    key = _report_key(prototype.id)
    try:
        found = evaluation.sets.read(
            name,
            content,
            set_id=None if chosen is None else chosen.id,
            source="sample" if is_sample else "upload",
        )
    except StudioError as error:
        session.keep_value(key, error.notice)
        return
    session.keep_value(key, found)
    if chosen is None:  # else it is chosen, and the choice is drawn already
        session.set_widget_value(evaluation_choice.set_key(prototype.id), found.record.id)


def show_report(prototype_id: str, *, set_id: str | None = None) -> None:
    """Draw what the last file gave, and which rows were dropped and why.

    Args:
        prototype_id: whose file it was.
        set_id: draw only what went into this set.
    """
    found: ReadSet | Notice | None = session.kept_value(_report_key(prototype_id))
    if found is None:
        return
    if set_id is not None and (isinstance(found, Notice) or found.record.id != set_id):
        return
    if isinstance(found, Notice):
        notice.show(notice.plain(translate(found)), "error")
        return
    notice.show(found.read.summary, "success")
    by_reason: dict[str, list[int]] = {}
    for row in sorted((*found.read.dropped, *found.read.noted), key=lambda row: row.number):
        by_reason.setdefault(translate(row.reason), []).append(row.number)
    for reason, numbers in list(by_reason.items())[:N_REASONS_SHOWN]:
        st.caption(notice.plain(_of_rows(reason, numbers)))
    n_more = sum(map(len, list(by_reason.values())[N_REASONS_SHOWN:]))
    if n_more:
        st.caption(ngettext("and {n} more", "and {n} more", n_more))
    if by_reason:
        st.caption(_("Rows are counted without the header."))


def _of_rows(reason: str, numbers: Sequence[int]) -> str:
    """A reason with the rows that it holds for, in a line."""
    listed = _(", ").join(str(number) for number in numbers[:N_ROWS_SHOWN])
    if len(numbers) > N_ROWS_SHOWN:
        listed += f" (+{len(numbers) - N_ROWS_SHOWN})"
    return ngettext(
        "Row {rows}: {reason}",
        "Rows {rows}: {reason}",
        len(numbers),
        rows=listed,
        reason=reason,
    )


def _report_key(prototype_id: str) -> str:
    return f"evaluation.read.{prototype_id}"


def _create(prototype: AnyPrototype, evaluation: Evaluations) -> None:
    n = len(evaluation.sets.list()) + 1
    made = evaluation.sets.create(_("Questions {n}", n=n))
    session.set_widget_value(evaluation_choice.set_key(prototype.id), made.id)
    session.set_widget_value(f"_evaluation.{prototype.id}.view", "more")
    session.keep_value(_report_key(prototype.id), None)


def _feedback(evaluation: Evaluations, set_id: str) -> None:
    n = evaluation.sets.take_feedback(set_id)
    if n:
        session.flash(ngettext("{n} question was added.", "{n} questions were added.", n))
    else:
        session.flash(
            _("There is no accepted feedback that is not in the set. Accept some under Feedback.")
        )


def _drafts(prototype: AnyPrototype, evaluation: Evaluations, chosen: EvaluationSetRecord) -> None:
    """Drafts that wait, a few at a time; each becomes a question once a person confirms it."""
    key = f"evaluation.drafts.{chosen.id}"
    waiting: Sequence[Draft] = session.kept_value(key, ())
    st.markdown("**" + _("Drafts from your documents") + "**")
    st.caption(
        _(
            "Questions made of your documents, with the document each was taken from. Say them as your"
            " users would, add the right answer if you know it, and confirm them one by one."
        )
    )
    for draft in waiting[:N_SHOWN]:
        _draft(evaluation, chosen.id, draft, key)
    if len(waiting) > N_SHOWN:
        n_more = len(waiting) - N_SHOWN
        st.caption(ngettext("and {n} more", "and {n} more", n_more))
    if not waiting:
        st.button(
            _("Make drafts"),
            key=f"_evaluation.{prototype.id}.draft",
            icon=":material/edit_note:",
            on_click=_make,
            args=(evaluation, chosen.id, key),
        )


def _draft(evaluation: Evaluations, set_id: str, draft: Draft, key: str) -> None:
    own = f"_evaluation.{set_id}.draft.{draft.item_id}.{draft.query}"
    with st.container(border=True, gap="xsmall"):
        session.default_widget_value(f"{own}.query", draft.query)
        st.text_input(_("Question"), key=f"{own}.query", max_chars=1000, help=translate(draft.note))
        st.text_input(_("Right answer, if you know it"), key=f"{own}.answer", max_chars=4000)
        st.caption(notice.plain(_("finds: {name}", name=draft.item_name)))
        session.default_widget_value(f"{own}.passage", draft.passage)
        st.text_area(
            _("Passage that answers it"),
            key=f"{own}.passage",
            max_chars=4000,
            height=80,
            help=_(
                "In the words of the document. It is measured whether the chatbot read it; leave it"
                " empty where none does."
            ),
        )
        with st.container(horizontal=True):
            st.button(
                _("Confirm"),
                key=f"{own}.confirm",
                on_click=_confirm,
                args=(evaluation, set_id, draft, own, key),
            )
            st.button(_("Discard"), key=f"{own}.discard", on_click=_drop, args=(draft, key))


def _make(evaluation: Evaluations, set_id: str, key: str) -> None:
    made = evaluation.sets.drafts(set_id, N_DRAFTS)
    session.keep_value(key, made)
    if not made:
        session.flash(_("No further drafts can be made from these documents."))


def _confirm(evaluation: Evaluations, set_id: str, draft: Draft, own: str, key: str) -> None:
    question = str(session.widget_value(f"{own}.query") or "")
    answer = str(session.widget_value(f"{own}.answer") or "")
    passage = str(session.widget_value(f"{own}.passage") or "")
    try:
        evaluation.sets.confirm(set_id, draft, question, answer, passage)
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        _drop(draft, key)


def _drop(draft: Draft, key: str) -> None:
    waiting: Sequence[Draft] = session.kept_value(key, ())
    session.keep_value(key, tuple(one for one in waiting if one != draft))
