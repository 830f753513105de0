"""What came of an evaluation: the verdict, every figure with its interval, question by question."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import evaluation_cases, evaluation_choice, notice, progress, session
from components import evaluation_words as words
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.csv_file import csv_text
from studio.errors import StudioError
from studio.prototypes.evaluation.evaluations import Evaluations
from studio.prototypes.evaluation.run import EvaluationRun
from studio.workbench import AnyPrototype
from studio.workspace.evaluation_record import EvaluationSetRecord


def show(prototype: AnyPrototype, evaluation: Evaluations, chosen: EvaluationSetRecord) -> None:
    """Draw the choice of a run of this set, and what came of it."""
    _undo(evaluation)
    runs = evaluation.runs(chosen.id)
    if not runs:
        st.caption(
            _("What is measured appears here: the verdict, figures with intervals, every answer.")
        )
        return
    key = f"_evaluation.{prototype.id}.run.{chosen.id}"
    record = evaluation_choice.choose_run(runs, _("Evaluation"), key)
    if record is None or progress.is_active(evaluation.job(record.id)):
        return
    run = evaluation.get(record.id)
    _unfinished(evaluation, run)
    if not run.record.n_done:
        return
    for said in evaluation.verdict(run):
        st.markdown(notice.plain(translate(said)))
    _basis(prototype, run)
    _figures(run)
    evaluation_cases.show(evaluation, run)
    _tools(evaluation, run)


def _unfinished(evaluation: Evaluations, run: EvaluationRun) -> None:
    """Why a run has stopped, and the way on."""
    if run.state == "done":
        return
    if run.record.error is not None:
        notice.show(run.record.error, "error")
    st.caption(
        _(
            "{state}: {done} of {total} questions are done.",
            state=words.states()[run.state],
            done=fmt.count(run.record.n_done),
            total=fmt.count(run.record.n_cases),
        )
    )
    st.button(
        _("Go on"),
        key=f"_evaluation.{run.id}.resume",
        icon=":material/play_arrow:",
        on_click=_resume,
        args=(evaluation, run.id),
    )


def _resume(evaluation: Evaluations, run_id: str) -> None:
    try:
        evaluation.resume(run_id)
    except StudioError as error:
        session.flash(translate(error.notice))


def _basis(prototype: AnyPrototype, run: EvaluationRun) -> None:
    """On what the figures stand, and what is needed to repeat them."""
    finished = run.finished_at or run.record.created_at
    lines = [
        _(
            "Measured {ago} on version {version}: {questions}, {part}.",
            ago=fmt.ago(finished, datetime.now(UTC)),
            version=run.record.version,
            questions=ngettext("{n} question", "{n} questions", len(run.results)),
            part=words.parts()[run.part],
        )
    ]
    models = dict.fromkeys(
        f"{one.model} ({', '.join(filter(None, (one.device, one.precision)))})"
        for one in run.models
    )
    if models:
        lines.append(_("Models: {models}", models=", ".join(models)))
    lines.append(
        _(
            "Set {set_fingerprint}, documents {data}, seed {seed}: the same again gives the same answers"
            " (result {digest}).",
            set_fingerprint=run.setup.set_fingerprint[:8],
            data=run.setup.data_fingerprint[:8] or "–",
            seed=run.setup.seed,
            digest=run.digest[:8],
        )
    )
    st.caption("  \n".join(notice.plain(line) for line in lines))
    if run.record.version != prototype.version:
        st.caption(
            _("Now it is version {n}. Measure again to know how it is now.", n=prototype.version)
        )


def _figures(run: EvaluationRun) -> None:
    import pandas as pd

    others = [name for name in run.measures if name not in words.MAIN]
    with_others = False
    shown = [name for name in words.MAIN if name in run.measures]
    if others:
        with_others = st.toggle(_("More measures"), key=f"_evaluation.{run.id}.measures")
    if with_others:
        shown = list(run.measures)
    head = (_("Metric"), _("Mean (95% interval)"), _("Questions"))
    rows = [
        (words.label(name), words.span(name, run.interval(name)), fmt.count(run.interval(name).n))
        for name in shown
    ]
    corpus = run.corpus_bleu() if with_others and "bleu" in run.measures else None
    if corpus is not None:
        n = run.interval("bleu").n
        rows.append((_("BLEU of all answers together"), fmt.share(corpus), fmt.count(n)))
    f1 = run.macro_f1()
    if f1 is not None:
        name = _("Mean over the labels (macro F1)")
        rows.append((name, fmt.share(f1), fmt.count(run.interval("accuracy").n)))
    cost = fmt.money(run.cost_usd)
    rows.append((_("Cost of all answers"), cost, fmt.count(len(run.results))))
    st.table(pd.DataFrame(rows, columns=list(head)).set_index(head[0]))  # wraps, on a phone too
    with st.expander(_("What the measures mean"), key=f"_evaluation.{run.id}.meanings"):
        for name in shown:
            said = notice.plain(words.meaning(name))
            st.markdown(f"**{notice.plain(words.label(name))}** · {said}")


def as_csv(run: EvaluationRun) -> bytes:
    """The cases of an evaluation with what was answered, as a file that Excel reads right."""
    frame = run.frame()
    cells = frame.astype(object).where(frame.notna(), None)
    return csv_text((frame.columns, *cells.itertuples(index=False))).encode()


def _tools(evaluation: Evaluations, run: EvaluationRun) -> None:
    with st.container(horizontal=True):
        st.download_button(
            _("Download as CSV"),
            lambda: as_csv(run),
            file_name=f"evaluation-{run.id}.csv",
            mime="text/csv",
            icon=":material/download:",
            key=f"_evaluation.{run.id}.download",
            on_click="ignore",
        )
        st.button(
            _("Delete this evaluation"),
            key=f"_evaluation.{run.id}.delete",
            icon=":material/delete:",
            on_click=_delete,
            args=(evaluation, run.id),
        )


def _delete(evaluation: Evaluations, run_id: str) -> None:
    evaluation.delete(run_id)
    session.keep_value("evaluation.gone_run", run_id)


def _undo(evaluation: Evaluations) -> None:
    gone: str | None = session.kept_value("evaluation.gone_run")
    if gone is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("The evaluation was deleted."))
        st.button(_("Undo"), key="_evaluation.undo_run", on_click=_restore, args=(evaluation, gone))


def _restore(evaluation: Evaluations, run_id: str) -> None:
    evaluation.restore(run_id)
    session.keep_value("evaluation.gone_run", None)
