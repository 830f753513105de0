"""Evaluate: how good a prototype is on questions with right answers; one of three views is drawn."""

from __future__ import annotations

import streamlit as st

from components import (
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
    if isinstance(prototype, Recommendation):
        st.caption(_("A recommender is measured by its users' own future, and needs no questions."))
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
            evaluation_start.show(prototype, evaluation, chosen)
            evaluation_result.show(prototype, evaluation, chosen)
