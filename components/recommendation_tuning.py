"""Tuning of a recommender: parameters tried on a validation period, and whether the best ones help.

Tuning is a job of the prototype that goes on after a restart. The module draws.
"""

from __future__ import annotations

import streamlit as st

from components import notice, progress, session
from components import recommendation_words as words
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.prototypes.recommendation.evaluation import Evaluation, Trial, TuningResult
from studio.prototypes.recommendation.goals import MethodName
from studio.prototypes.recommendation.recommendation import Recommendation


def show(recommender: Recommendation, found: Evaluation) -> None:
    """Draw the choice of what to tune, the progress, and what came of it last."""
    st.subheader(_("Tuning"), anchor=False)
    st.caption(
        _(
            "Tries other parameters of a way on a period of its own before the test, so that the test"
            " stays fair. You can go on working, and it goes on after a restart."
        )
    )
    if not progress.is_active(recommender.tuning()):
        _start(recommender, found)
    progress.watch(
        recommender.tuning,
        key=f"recommendation.{recommender.id}.tuning",
        retry=recommender.tune_again,
    )
    result = recommender.tuning_result()
    if result is not None:
        _result(recommender, result)


def _start(recommender: Recommendation, found: Evaluation) -> None:
    tunable: list[MethodName] = [one.method for one in found.methods if one.method != "popular"]
    if not tunable:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            _("What to tune"),
            tunable,
            format_func=words.method,
            key=f"_recommendation.tune_what.{recommender.id}",
        )
        st.button(
            _("Tune"),
            key=f"_recommendation.tune.{recommender.id}",
            icon=":material/tune:",
            on_click=_tune,
            args=(recommender, chosen),
        )


def _tune(recommender: Recommendation, method: MethodName) -> None:
    try:
        recommender.start_tuning(method)
    except StudioError as error:
        session.flash(translate(error.notice))


def _result(recommender: Recommendation, result: TuningResult) -> None:
    is_better = result.gain.low > 0
    is_current = recommender.is_tuning_current()
    notice.show(result.verdict, "success" if is_better and is_current else "info")
    n = len(result.trials)
    tried = ngettext("{n} set of parameters was tried", "{n} sets of parameters were tried", n)
    parts = [tried, words.method(result.method), parameters(result.best)]
    st.caption(notice.plain(" · ".join(filter(None, parts))))
    if not is_current:
        st.caption(_("Data or settings have changed since this search. Tune again to be sure."))
        return
    if not result.best.parameters or result.gain.high < 0:  # the usual ones are better
        return
    if recommender.is_tuning_applied():
        st.caption(_("These parameters are in use."))
        return
    st.button(
        _("Use these parameters"),
        key=f"_recommendation.apply_tuning.{recommender.id}",
        type="primary" if is_better else "secondary",
        on_click=_apply,
        args=(recommender,),
    )


def _apply(recommender: Recommendation) -> None:
    try:
        recommender.apply_tuning()
    except StudioError as error:
        session.flash(translate(error.notice))


def parameters(trial: Trial) -> str:
    """The parameters of a trial as a text, by the way that they are of."""
    by_method: dict[str, list[str]] = {}
    for name, value in trial.parameters.items():
        method, _dot, parameter = name.partition(".")
        by_method.setdefault(method, []).append(f"{words.parameter(parameter)} {value:g}")
    shown = (f"{words.named_method(name)}: {', '.join(its)}" for name, its in by_method.items())
    return "; ".join(shown)
