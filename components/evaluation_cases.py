"""Question by question: what was expected, what was said, how it was scored; the worst first.

Where a model judges, a person says right or wrong beside it, and the agreement of both is shown.
"""

from __future__ import annotations

import math

import streamlit as st

from components import evaluation_words as words
from components import notice
from components.i18n import _, translate
from studio.prototypes.evaluation.evaluations import Evaluations
from studio.prototypes.evaluation.run import CaseResult, EvaluationRun
from studio.workspace.evaluation_record import Label


def show(evaluation: Evaluations, run: EvaluationRun) -> None:
    """Draw the questions of a run with their answers."""
    st.markdown("**" + _("Question by question") + "**")
    headline = run.headline
    results = sorted(run.results, key=lambda one: _order(one, headline))
    if "judge" in run.measures:
        _agreement(evaluation, run)
        _labelled(evaluation, run, results)
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
    if result.attempt.text is None:
        return " | ".join((result.attempt.ranking or ())[:5])
    return result.attempt.text


def _agreement(evaluation: Evaluations, run: EvaluationRun) -> None:
    found = evaluation.judge_agreement(run)
    if found is None:
        notice.show(
            _(
                "A model judged these answers. Nobody knows yet how far it can be trusted: say right or"
                " wrong for about 20 answers below, and its agreement with you appears here."
            ),
            "warning",
        )
        return
    kappa = found.kappa
    text = _(
        "The judging model agrees with you on {share} of {n} answers; beyond chance that is a kappa of"
        " {kappa} ({low} to {high}).",
        share=words.value("judge", found.share),
        n=found.n,
        kappa="–" if math.isnan(kappa.mean) else f"{kappa.mean:.2f}",
        low="–" if math.isnan(kappa.low) else f"{kappa.low:.2f}",
        high="–" if math.isnan(kappa.high) else f"{kappa.high:.2f}",
    )
    if not found.is_enough:
        text += " " + _("That is few: label more of them.")
    elif kappa.low < 0.4:
        text += " " + _("Do not rely on it: much of that may be chance.")
    notice.show(notice.plain(text), "info" if found.is_enough else "warning")


def _labelled(evaluation: Evaluations, run: EvaluationRun, results: list[CaseResult]) -> None:
    import pandas as pd

    labels: dict[Label | None, str] = {None: "–", "right": _("right"), "wrong": _("wrong")}
    by_text = {text: label for label, text in labels.items()}
    own = _("You say")
    table = pd.DataFrame(
        {
            own: [labels[one.label] for one in results],
            _("The model says"): [
                labels["right" if one.scores["judge"] >= 0.5 else "wrong"]
                if "judge" in one.scores
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
