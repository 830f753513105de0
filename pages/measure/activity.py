"""Activity: who did what when, what the prototypes were used for, and which calls failed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st

from components import activity_list, activity_usage, shell
from components.i18n import _

DAYS = (1, 7, 30)

with shell.page(_("Activity")):
    days = st.segmented_control(
        _("Time"),
        DAYS,
        default=7,
        required=True,
        format_func=lambda n: _("last 24 hours") if n == 1 else _("last {n} days", n=n),
        label_visibility="collapsed",
        key="_activity.days",
    )
    since = datetime.now(UTC) - timedelta(days=days or 7)
    st.header(_("What was done"), anchor=False)
    activity_list.show(since)
    st.header(_("What was used"), anchor=False)
    activity_usage.show(since)
