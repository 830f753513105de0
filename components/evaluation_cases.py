"""Question by question: what was expected, what was said, how it was scored; the worst first.

Where a model judges, a person says right or wrong beside it, and the agreement of both is shown.
"""

from __future__ import annotations

import math

import streamlit as st

from components import evaluation_words as words
from components import notice, session
from components.i18n import _, ngettext, sentences, translate
from studio.evaluation.agreement import Agreement
from studio.evaluation.case import Attempt
from studio.prototypes.evaluation.evaluations import Evaluations
from studio.prototypes.evaluation.run import CaseResult, EvaluationRun
from studio.workspace.evaluation_record import Label


def show(evaluation: Evaluations, run: EvaluationRun) -> None:
    """Draw the questions of a run with their answers."""
    st.markdown("**" + _("Question by question") + "**")
    headline = run.headline
    results = sorted(run.results, key=lambda one: _order(one, headline))
    if "judge" in run.measures:
        found = evaluation.judge_agreement(run)
        _agreement(found, sum("judge" in o.scores and o.label is None for o in run.results))
        is_blind = found is None or not found.is_enough
        if is_blind:
            _ask(evaluation, run)
        _labelled(evaluation, run, results, is_blind=is_blind)
    else:
        import pandas as pd

        st.dataframe(
            pd.DataFrame(_columns(results, headline)),
            column_config={
                _("Question"): st.column_config.TextColumn(width="medium"),
                _("Score"): st.column_config.TextColumn(width="small"),
                _("Answer"): st.column_config.TextColumn(width="medium"),
            },
            hide_index=True,
        )
    st.caption(
        _("Worst first. Scores: {measure}.", measure=words.label(headline))
        if headline
        else _("In the order of the set.")
    )


def _order(result: CaseResult, headline: str | None) -> tuple[int, float, int]:
    """Failed ones, then by score, then what has no score."""
    if result.error is not None:
        return (0, 0.0, result.position)
    if headline is None or headline not in result.scores:
        refused = result.scores.get("refused", result.scores.get("answered", 1.0))
        return (1, 0.0, result.position) if refused < 1 else (2, 0.0, result.position)
    return (1, result.scores[headline], result.position)


def _columns(results: list[CaseResult], headline: str | None) -> dict[str, list[str]]:
    columns = {_("Question"): [one.case.question for one in results]}
    if headline:
        columns[_("Score")] = [
            words.value(headline, one.scores.get(headline, math.nan)) for one in results
        ]
    columns[_("Answer")] = [_said(one) for one in results]
    columns[_("Expected")] = [_expected(one) for one in results]
    columns[_("Time")] = [
        words.value("latency_ms", one.scores.get("latency_ms", math.nan)) for one in results
    ]
    return columns


def _expected(result: CaseResult) -> str:
    case = result.case
    if not case.is_answerable:
        return _("should be refused")
    return " | ".join(case.answers or case.gold)


def _said(result: CaseResult) -> str:
    if result.error is not None:
        return translate(result.error)
    if result.attempt is None:
        return ""
    return said(result.attempt)


def said(attempt: Attempt) -> str:
    """What a prototype said or found, in a line or so."""
    if attempt.label is not None and attempt.is_refusal:
        return _("not sure ({label})", label=attempt.label)
    if attempt.text is None:
        return " | ".join((attempt.ranking or ())[:5])
    return attempt.text


def _agreement(found: Agreement | None, n_left: int) -> None:
    """How far judge and person agree; `n_left` judged answers are without a word of the person."""
    if found is None:
        notice.show(
            _(
                "A model judged these answers. Nobody knows yet how far it can be trusted: say right or"
                " wrong for about 20 answers below, and its agreement with you appears here."
            ),
            "warning",
        )
        return
    kappa, share = found.kappa, words.value("judge", found.share)
    if math.isnan(kappa.mean):
        text = ngettext(
            "The judging model agrees with you on {n} answer. Agreement beyond chance (kappa) cannot be"
            " measured yet: it takes answers that are right and answers that are wrong.",
            "The judging model agrees with you on all {n} answers, which are either all right or all"
            " wrong. Agreement beyond chance (kappa) cannot be measured yet: it takes answers of both"
            " kinds.",
            found.n,
        )
    else:
        text = ngettext(
            "The judging model agrees with you on {share} of {n} answer; beyond chance that is a kappa"
            " of {kappa} ({low} to {high}).",
            "The judging model agrees with you on {share} of {n} answers; beyond chance that is a kappa"
            " of {kappa} ({low} to {high}).",
            found.n,
            share=share,
            kappa=f"{kappa.mean:.2f}",
            low=f"{kappa.low:.2f}",
            high=f"{kappa.high:.2f}",
        )
    more = ""
    if not found.is_enough:
        more = (
            _("That is few: label more of them.")
            if n_left
            else _("That is few: measure more questions, and label their answers too.")
        )
    elif kappa.low < 0.4:
        more = _("Do not rely on it: much of that may be chance.")
    notice.show(notice.plain(sentences(text, more)), "info" if found.is_enough else "warning")


def _ask(evaluation: Evaluations, run: EvaluationRun) -> None:
    """The next answer that a person said nothing of, without what the model says of it.

    In the order of the set: the worst answers alone would say little of the others.
    """
    judged = [one for one in run.results if "judge" in one.scores]
    skipped: tuple[int, ...] = session.kept_value(_skipped_key(run.id), ())
    one = next((o for o in judged if o.label is None and o.position not in skipped), None)
    if one is None or one.attempt is None:
        return
    with st.container(border=True, gap="xsmall", key=f"evaluation_label_{run.id}"):
        st.markdown("**" + _("Is this answer right?") + "**")
        st.caption(
            _(
                "Said of {n} of {total} answers. What the model says of this one stays hidden until you"
                " have.",
                n=sum(o.label is not None for o in judged),
                total=len(judged),
            )
        )
        for name, text in (
            (_("Question"), one.case.question),
            (_("Answer"), said(one.attempt)),
            (_("Expected"), _expected(one)),
        ):
            st.markdown(f":gray[{name}]  \n{notice.plain(text)}")
        with st.container(horizontal=True):
            labels: dict[Label, str] = {
                "right": _("It is right"),
                "wrong": _("It is wrong"),
            }
            for label, name in labels.items():
                st.button(
                    name,
                    key=f"_evaluation.{run.id}.say.{label}",
                    on_click=evaluation.label,
                    args=(run.id, one.position, label),
                )
            st.button(
                _("Skip it"),
                key=f"_evaluation.{run.id}.skip",
                type="tertiary",
                on_click=session.keep_value,
                args=(_skipped_key(run.id), (*skipped, one.position)),
            )


def _skipped_key(run_id: str) -> str:
    return f"evaluation.{run_id}.skipped"


def _labelled(
    evaluation: Evaluations, run: EvaluationRun, results: list[CaseResult], *, is_blind: bool
) -> None:
    """The questions with what both say; `is_blind` leaves out what nobody has said a word of."""
    import pandas as pd

    labels: dict[Label | None, str] = {None: "–", "right": _("right"), "wrong": _("wrong")}
    by_text = {text: label for label, text in labels.items()}
    own = _("You say")
    table = pd.DataFrame(
        {
            own: [labels[one.label] for one in results],
            _("The model says"): [
                labels["right" if one.scores["judge"] >= 0.5 else "wrong"]
                if "judge" in one.scores and not (is_blind and one.label is None)
                else "–"
                for one in results
            ],
            **_columns(results, run.headline),
        }
    )
    edited = st.data_editor(
        table,
        disabled=[column for column in table.columns if column != own],
        column_config={own: st.column_config.SelectboxColumn(options=list(by_text), required=True)},
        hide_index=True,
        key=f"_evaluation.labels.{run.id}",
    )
    changed = False
    for one, text in zip(results, edited[own], strict=True):
        label = by_text.get(str(text))
        if label != one.label:
            evaluation.label(run.id, one.position, label)
            changed = True
    if changed:
        st.rerun()
