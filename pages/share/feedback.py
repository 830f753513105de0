"""Feedback: read what people said, make answers and tests of it, see how content they are.

Address: `/feedback?prototype=<slug>&feedback=<id>`; the id opens one opinion.
"""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import (
    business_prototype,
    feedback_elsewhere,
    feedback_list,
    satisfaction_panel,
    session,
    shell,
    team_answers_panel,
)
from components.i18n import _
from studio.prototypes.chatbot.chatbot import Chatbot

VIEW = "_feedback.view"

with shell.page(_("Feedback"), _("What people said about the answers, and what you make of it.")):
    prototype = business_prototype.choose(
        _(
            "There is nothing to have an opinion about yet. Build a prototype first, or try a sample."
        ),
        first=feedback_elsewhere.newest(),
    )
    if prototype is not None:
        views = {"list": _("Opinions"), "satisfaction": _("Satisfaction")}
        if isinstance(prototype, Chatbot):
            views["team"] = _("Team answers")
        session.default_widget_value(VIEW, "list")
        if session.widget_value(VIEW) not in views:
            session.set_widget_value(VIEW, "list")
        view = st.segmented_control(
            _("View"),
            list(views),
            format_func=views.__getitem__,
            required=True,
            key=VIEW,
            label_visibility="collapsed",
        )
        if view == "team" and isinstance(prototype, Chatbot):
            team_answers_panel.show(prototype, datetime.now(UTC))
        elif view == "satisfaction":
            satisfaction_panel.show(prototype)
        else:
            feedback_elsewhere.show(prototype)
            feedback_list.show(prototype, datetime.now(UTC))
