"""Step 3 of a recommender: which way recommends, what each kind of event counts, which model reads.

Every change is kept at once; what needs training says so and is trained by itself.
"""

from __future__ import annotations

import streamlit as st

from components import cache, model_choice, notice, progress, session, setting_words
from components import recommendation_words as words
from components.i18n import _, ngettext, translate
from components.setting_field import bind, change
from studio.prototypes.model_choice import automatic_embedding_model
from studio.prototypes.recommendation.data.prepared import PreparedData
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.settings import RecommendationSettings
from studio.prototypes.recommendation.weighing import kind_weights
from studio.records import Task


def show(
    recommender: Recommendation, settings: RecommendationSettings, data: PreparedData | None
) -> None:
    """Draw the way of recommending, and behind "More" what it learns from."""
    names = words.methods()
    known = recommender.training_state().methods
    options = ["", *(name for name in names if name in known or name == settings.method)]
    st.selectbox(
        setting_words.label("method"),
        list(dict.fromkeys(options)),
        format_func=names.__getitem__,
        help=_("Automatic takes the way that did best in the test for the goal."),
        **bind(recommender, settings, "method"),
    )
    if not settings.method and known:
        now = notice.plain(words.method(recommender.method_for_goal()))
        st.caption(_("Now: {method}", method=now))
    offer_training(recommender, "quality")
    if st.toggle(_("More"), key=f"_recommendation.{recommender.id}.more"):
        if data is not None:
            _weights(recommender, settings, data)
        bench = cache.workbench()
        automatic = automatic_embedding_model(bench.catalogue, bench.settings, settings.language)
        model_choice.show(recommender, settings, Task.EMBEDDING, automatic=automatic)


def offer_training(recommender: Recommendation, place: str) -> None:
    """Say when training is due, and offer it; `place` tells the button from others."""
    state = recommender.training_state()
    is_due = state.state in ("stale", "failed", "untrained")
    if progress.is_active(recommender.training()) or not (is_due or state.n_new_events):
        return
    told = translate(state.notice) if is_due else _new_events(state.n_new_events)
    st.caption(notice.plain(told))
    st.button(
        _("Train again"),
        key=f"_recommendation.retrain.{place}.{recommender.id}",
        on_click=_train,
        args=(recommender,),
    )


def _new_events(n: int) -> str:
    return ngettext(
        "{n} new event since the training counts for its user already. Train again to learn from it.",
        "{n} new events since the training count for their users already. Train again to learn from"
        " them.",
        n,
    )


def _train(recommender: Recommendation) -> None:
    recommender.train()


def _weights(
    recommender: Recommendation, settings: RecommendationSettings, data: PreparedData
) -> None:
    """What each kind of event counts; ratings count by their stars."""
    kinds = [kind for kind, n in data.profile.kinds if n and kind != "rating"]
    if len(kinds) < 2:
        return
    st.markdown(setting_words.label("event_weights"))
    weights = kind_weights(tuple(kinds), dict(settings.event_weights))
    for at, (kind, weight) in enumerate(zip(kinds, weights, strict=True)):
        key = f"_recommendation.weight.{recommender.id}.{at}"
        value = float(weight)
        session.fill_widget(key, value)
        st.slider(
            notice.plain(words.event_kind(kind)),
            0.0,
            10.0,
            step=0.5,
            key=key,
            on_change=_keep_weight,
            args=(recommender, kind, key),
        )


def _keep_weight(recommender: Recommendation, kind: str, key: str) -> None:
    weights = {**dict(recommender.settings.event_weights), kind: float(session.widget_value(key))}
    change(recommender, "event_weights", tuple(weights.items()))
