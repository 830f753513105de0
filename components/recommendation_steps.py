"""The three numbered steps of a recommender's builder: data, goal and rules, quality.

A step that is done is folded when the page is opened; it never folds while one is at work in it.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import (
    cache,
    notice,
    people_words,
    progress,
    recommendation_goal,
    recommendation_quality,
    recommendation_tables,
    session,
    step,
)
from components.i18n import _, translate
from studio.prototypes.recommendation.data.prepared import PreparedData
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.settings import RecommendationSettings


def show(recommender: Recommendation, settings: RecommendationSettings) -> None:
    """Draw the steps."""
    data = recommender.desk.current()
    is_empty = not recommender.desk.fingerprint()
    opens_data = session.remembered(f"recommendation.opens_data.{recommender.id}", is_empty)
    step.show(
        recommendation_tables.step_label(recommender),
        partial(_data, recommender, data),
        key=f"_step.data.{recommender.id}",
        is_open=opens_data,
        goes_on=progress.is_active(recommender.training()),
    )
    step.show(
        _("**2** Goal and rules"),
        partial(recommendation_goal.show, recommender, settings, data),
        key=f"_step.goal.{recommender.id}",
        is_open=not opens_data,
    )
    step.show(
        _("**3** Quality"),
        partial(recommendation_quality.show, recommender, settings, data),
        key=f"_step.quality.{recommender.id}",
    )
    st.caption(people_words.kept())


def _data(recommender: Recommendation, data: PreparedData | None) -> None:
    if data is not None:
        st.caption(notice.plain(translate(data.verdict.headline)))
    bench = cache.workbench()
    recommendation_tables.show(
        recommender,
        max_upload_mb=bench.settings.max_upload_bytes >> 20,
        use_sample=partial(bench.add_sample_data, recommender),
    )
