"""Recommendations: give it items and events, say what the list is for, try it, and test it honestly.

Address: `/recommendations?prototype=<slug>`; without a prototype one is chosen or made.
"""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import (
    addressed,
    builder_switch,
    builder_view,
    prototype_chooser,
    prototype_header,
    recommendation_evaluation,
    recommendation_profile,
    recommendation_steps,
    recommendation_try,
    recommendation_value,
    shell,
)
from components.i18n import _
from studio.prototypes.recommendation.recommendation import Recommendation


def build(recommender: Recommendation) -> None:
    """The builder: settings on the left, the recommender itself on the right."""
    settings = recommender.settings
    prototype_header.show(recommender, datetime.now(UTC))
    builder_switch.show()
    left, right = st.columns([5, 9], gap="medium")
    with left, st.container(key="panel_settings"):
        recommendation_steps.show(recommender, settings)
    with right, st.container(key="panel_try"):
        match builder_view.choose(
            {
                "try": _("Try it"),
                "test": _("Test"),
                "value": _("Business value"),
                "data": _("Your data"),
            }
        ):
            case "test":
                recommendation_evaluation.show(recommender)
            case "value":
                recommendation_value.show(recommender)
            case "data":
                recommendation_profile.show(recommender)
            case _:
                recommendation_try.show(recommender)


with shell.page(""):
    opened = addressed.prototype(Recommendation)
    if opened is None:
        prototype_chooser.show(Recommendation.kind, datetime.now(UTC))
    else:
        build(opened)
