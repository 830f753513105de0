"""Evaluate: how good a prototype is on questions with right answers; one of three views is drawn."""

from __future__ import annotations

import streamlit as st

from components import (
    builder_view,
    cache,
    evaluation_choice,
    evaluation_new,
    evaluation_questions,
    evaluation_result,
    evaluation_start,
    notice,
    recommendation_evaluation,
)
from components.i18n import _
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.workbench import AnyPrototype


def show(prototype: AnyPrototype) -> None:
    """Draw the evaluation of a prototype."""
    if isinstance(prototype, Recommendation) and _by_future(prototype):
        st.caption(_("Its users' own future measures a recommender, and needs no questions."))
        recommendation_evaluation.show(prototype)
        return
    evaluation = cache.workbench().evaluation(prototype.id)
    if not evaluation.is_possible:
        notice.show(_("This kind of prototype is measured on its own page, under Quality."))
        return
    chosen = evaluation_choice.choose_set(evaluation, prototype.id)
    if chosen is None:
        evaluation_new.show_first(prototype, evaluation)
        return
    if prototype.kind == "classifier":
        st.caption(
            _(
                "Its own test on texts held out is on its page, under “How good it is”; here are texts"
                " you bring."
            )
        )
    views = {"measure": _("Measure"), "questions": _("Questions"), "more": _("Add questions")}
    view = st.segmented_control(
        _("View"),
        list(views),
        default="measure",
        required=True,
        format_func=views.__getitem__,
        label_visibility="collapsed",
        key=f"_evaluation.{prototype.id}.view",
    )
    match view:
        case "questions":
            evaluation_questions.show(prototype, evaluation, chosen)
        case "more":
            evaluation_new.show_more(prototype, evaluation, chosen)
        case _:
            if not evaluation.runs(chosen.id):  # what came of the file that made the set
                evaluation_new.show_report(prototype.id, set_id=chosen.id)
            evaluation_start.show(prototype, evaluation, chosen)
            evaluation_questions.warn(evaluation, chosen)
            evaluation_result.show(prototype, evaluation, chosen)


def _by_future(recommender: Recommendation) -> bool:
    """Draw the choice of what a recommender is measured by."""
    ways = {"future": _("By what its users did next"), "questions": _("By questions of your own")}
    key = f"_evaluation.{recommender.id}.by"
    return builder_view.choose(ways, key=key) == "future"
