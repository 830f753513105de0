"""Service: what the models do now, what they were asked, how long people waited, and who used them."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from components import service_measured, service_now, service_past, shell
from components.i18n import _
from studio.workspace.store import utc_now

HOURS = (0.25, 1.0, 24.0)

with shell.page(
    _("Service"), _("All prototypes share the models of this computer. How busy they are.")
):
    st.header(_("Now"), anchor=False)
    service_now.show()
    st.header(_("Lately"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        hours = st.segmented_control(
            _("Time"),
            HOURS,
            default=1.0,
            required=True,
            format_func={
                0.25: _("last 15 minutes"),
                1.0: _("last hour"),
                24.0: _("last 24 hours"),
            }.__getitem__,
            label_visibility="collapsed",
            key="_service.hours",
        )
        st.button(_("Refresh"), icon=":material/refresh:", key="_service.refresh")
    service_past.show(timedelta(hours=hours or 1.0), utc_now())
    service_measured.show()
