"""The three numbered steps of a recommender's builder: data, goal and rules, quality.

A step that is done is folded when the page is opened; it never folds while one is at work in it.
"""

from __future__ import annotations

import streamlit as st

from components import (
    cache,
    notice,
    people_words,
    recommendation_goal,
    recommendation_quality,
    recommendation_tables,
    session,
)
from components.i18n import _, translate
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.settings import RecommendationSettings


def show(recommender: Recommendation, settings: RecommendationSettings) -> None:
    """Draw the steps."""
    bench = cache.workbench()
    data = recommender.desk.current()
    is_empty = not recommender.desk.fingerprint()
    opens_data = session.remembered(f"recommendation.opens_data.{recommender.id}", is_empty)
    with st.expander(
        recommendation_tables.step_label(recommender),
        expanded=opens_data,
        key=f"_step.data.{recommender.id}",
    ):
        if data is not None:
            st.caption(notice.plain(translate(data.verdict.headline)))
        recommendation_tables.show(
            recommender,
            max_upload_mb=bench.settings.max_upload_bytes >> 20,
            use_sample=lambda: bench.add_sample_data(recommender),
        )
    with st.expander(
        _("**2** Goal and rules"), expanded=not opens_data, key=f"_step.goal.{recommender.id}"
    ):
        recommendation_goal.goal(recommender, settings)
        recommendation_goal.rules(recommender, settings, data)
    with st.expander(_("**3** Quality"), key=f"_step.quality.{recommender.id}"):
        recommendation_quality.show(recommender, settings, data)
    st.caption(people_words.kept())
