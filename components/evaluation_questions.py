"""The questions of a set: all of them, what to know before they are believed, what people ask beside."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import care_panel, care_words, notice, session
from components import evaluation_words as words
from components.i18n import _, ngettext, sentences, translate
from studio.csv_file import csv_text
from studio.errors import StudioError
from studio.evaluation.case import EvaluationCase, part_of_case
from studio.evaluation.case_reading import case_id_of
from studio.evaluation.drift import Drift
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.evaluation.evaluations import Evaluations
from studio.prototypes.evaluation.live import LiveQuestions
from studio.prototypes.evaluation.sets import Mended
from studio.workbench import AnyPrototype
from studio.workspace.evaluation_record import EvaluationSetRecord

N_UNCOVERED = 5


def show(prototype: AnyPrototype, evaluation: Evaluations, chosen: EvaluationSetRecord) -> None:
    """Draw the questions of a set."""
    cases = evaluation.sets.cases(chosen.id)
    if not cases:
        st.caption(_("No questions yet. Add some under Add questions."))
        return
    warn(evaluation, chosen)
    _table(prototype, evaluation, chosen, cases)
    _care(evaluation, chosen)
    _drift(prototype, evaluation, chosen)


def warn(evaluation: Evaluations, chosen: EvaluationSetRecord) -> None:
    """Draw what should be known before the figures of a set are believed."""
    for problem in evaluation.sets.problems(chosen.id):
        notice.show(notice.plain(translate(problem)), "warning")  # it quotes what people typed


def as_csv(cases: Sequence[EvaluationCase]) -> bytes:
    """The questions as a file that can be uploaded again; with a mark by which Excel knows UTF-8."""
    fields = list(dict.fromkeys(name for case in cases for name, _value in case.values))
    head = ["id", "question", "answer", "gold_document", "gold_passage", "answerable", *fields]
    rows = (
        (
            case.case_id,
            case.question,
            " | ".join(case.answers),
            " | ".join(case.gold),
            case.gold_passage,
            "yes" if case.is_answerable else "no",
            *(dict(case.values).get(name, "") for name in fields),
        )
        for case in cases
    )
    return csv_text((head, *rows)).encode()


def _table(
    prototype: AnyPrototype,
    evaluation: Evaluations,
    chosen: EvaluationSetRecord,
    cases: Sequence[EvaluationCase],
) -> None:
    import pandas as pd

    parts = {"tune": _("tune"), "test": _("test")}
    sources, delete = words.sources(), _("Delete")
    question, answer = _("Question"), _("Right answer")
    if prototype.kind == Classifier.kind:
        question, answer = _("Text"), _("Right label")
    golds = [" | ".join(case.gold) for case in cases]
    table = pd.DataFrame(
        {
            delete: [False] * len(cases),
            question: [case.question for case in cases],
            answer: [
                " | ".join(case.answers) if case.is_answerable else _("should be refused")
                for case in cases
            ],
            **({_("Right source"): golds} if any(golds) else {}),
            _("Part"): [
                parts[part_of_case(case, chosen.seed, chosen.tune_share)] for case in cases
            ],
            _("From"): [sources[case.source] for case in cases],
        }
    )
    edited = st.data_editor(
        table,
        disabled=[column for column in table.columns if column != delete],
        column_config={
            delete: st.column_config.CheckboxColumn(width="small"),
            question: st.column_config.TextColumn(width="medium"),
            answer: st.column_config.TextColumn(width="medium"),
        },
        hide_index=True,
        # What is listed is part of the key: a tick must never land on another question.
        key=f"_evaluation.cases.{chosen.id}.{hash(tuple(case.case_id for case in cases))}",
    )
    ticked = [
        case.case_id for case, is_ticked in zip(cases, edited[delete], strict=True) if is_ticked
    ]
    with st.container(horizontal=True):
        st.button(
            ngettext("Delete {n} question", "Delete {n} questions", len(ticked))
            if ticked
            else delete,
            key=f"_evaluation.{prototype.id}.delete",
            icon=":material/delete:",
            disabled=not ticked,
            on_click=_remove,
            args=(evaluation, chosen.id, ticked),
        )
        gone: Sequence[str] = session.kept_value(f"evaluation.gone.{chosen.id}", ())
        if gone:
            st.button(
                _("Undo"),
                key=f"_evaluation.{prototype.id}.undo",
                icon=":material/undo:",
                on_click=_bring_back,
                args=(evaluation, chosen.id, gone),
            )
        st.download_button(
            _("Download as CSV"),
            as_csv(cases),
            file_name=f"questions-{prototype.slug}.csv",
            mime="text/csv",
            icon=":material/download:",
            key=f"_evaluation.{prototype.id}.download",
            on_click="ignore",
        )


def _remove(evaluation: Evaluations, set_id: str, case_ids: Sequence[str]) -> None:
    evaluation.sets.remove(set_id, case_ids)
    session.keep_value(f"evaluation.gone.{set_id}", tuple(case_ids))


def _bring_back(evaluation: Evaluations, set_id: str, case_ids: Sequence[str]) -> None:
    evaluation.sets.bring_back(set_id, case_ids)
    session.keep_value(f"evaluation.gone.{set_id}", None)


def _care(evaluation: Evaluations, chosen: EvaluationSetRecord) -> None:
    """What could be mended in the questions, and the way back from what was mended last."""
    last = evaluation.sets.last_mended(chosen.id)
    if last is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            n = len(last.removed) + len(last.before)
            st.caption(ngettext("{n} question was mended.", "{n} questions were mended.", n))
            st.button(
                _("Undo"),
                key=f"_evaluation.unmend.{chosen.id}",
                icon=":material/undo:",
                on_click=_unmend,
                args=(evaluation, chosen.id, last),
            )
    findings = evaluation.sets.care(chosen.id)
    if findings:
        st.markdown("**" + _("What could be mended") + "**")
    care_panel.show(
        findings,
        lambda finding: st.button(
            care_words.action(finding.kind),
            key=f"_evaluation.mend.{chosen.id}.{finding.kind}",
            on_click=_mend,
            args=(evaluation, chosen.id, finding.kind),
        ),
    )


def _mend(evaluation: Evaluations, set_id: str, kind: str) -> None:
    try:
        evaluation.sets.mend(set_id, kind)
    except StudioError as error:
        session.flash(translate(error.notice))


def _unmend(evaluation: Evaluations, set_id: str, mended: Mended) -> None:
    try:
        evaluation.sets.unmend(set_id, mended)
    except StudioError as error:
        session.flash(translate(error.notice))


def _drift(prototype: AnyPrototype, evaluation: Evaluations, chosen: EvaluationSetRecord) -> None:
    """Whether people ask something else than the set does; computed on request, as a model reads."""
    st.markdown("**" + _("Do people ask what the set asks?") + "**")
    if prototype.kind != Chatbot.kind:  # the only one that keeps what it is asked
        st.caption(
            _(
                "Of this kind only what people put a thumb to is kept, so that only these questions"
                " count here."
            )
        )
    key = f"evaluation.drift.{chosen.id}.{chosen.updated_at.isoformat()}"
    if st.button(
        _("Compare with what people asked"),
        key=f"_evaluation.{prototype.id}.drift",
        icon=":material/compare_arrows:",
    ):
        try:
            with st.spinner(_("Reading the questions")):
                session.keep_value(key, evaluation.drift(chosen.id) or ())
        except StudioError as error:
            notice.show(error.notice, "warning")
            return
    found: tuple[LiveQuestions, Drift] | tuple[()] | None = session.kept_value(key)
    if found is None:
        return
    if not found:
        st.caption(
            _(
                "Nothing to compare yet: nobody asked it anything that is kept, or the set has fewer"
                " than two questions."
            )
        )
        return
    _told(evaluation, chosen, *found)


def _told(
    evaluation: Evaluations, chosen: EvaluationSetRecord, live: LiveQuestions, found: Drift
) -> None:
    n = len(live.questions)
    covered = round(found.covered * n)
    text = ngettext(
        "Of the last {n} question of people, {covered} has one like it in the set.",
        "Of the last {n} questions of people, {covered} have one like it in the set.",
        n,
        covered=covered,
    )
    if found.p_value is None:
        more = _("They are too few to say whether people ask something else.")
    elif found.is_clear:
        more = _(
            "Taken together, people ask something else than the set does (drift; by chance in {percent}"
            " of 100 cases): its figures say little about them. Add what they ask.",
            percent=max(1, round(100 * found.p_value)),
        )
    else:
        more = _("Taken together, they do not differ from the set beyond chance.")
    notice.show(notice.plain(sentences(text, more)), "warning" if found.is_clear else "info")
    far = sorted(zip(found.nearest, live.questions, strict=True))
    for likeness, question in far[:N_UNCOVERED]:
        if likeness >= found.usual:
            break
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(notice.plain(words.short(question)))
            st.button(
                _("Add to the set"),
                key=f"_evaluation.{chosen.id}.live.{question[:80]}",
                on_click=_add,
                args=(evaluation, chosen.id, question),
            )


def _add(evaluation: Evaluations, set_id: str, question: str) -> None:
    try:
        case = EvaluationCase(case_id=case_id_of(question), question=question, source="feedback")
        evaluation.sets.put(set_id, [case])
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        session.flash(
            _("Added without a right answer. Download the set, fill it in, and upload it again.")
        )
