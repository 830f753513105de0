"""Settings: what an hour of this machine costs, the language, where files lie, versions."""

from __future__ import annotations

import streamlit as st

from components import about, machine_price, shell
from components.i18n import _

with shell.page(_("Settings")):
    st.header(_("Price of this machine"), anchor=False)
    machine_price.show()
    st.header(_("Language"), anchor=False)
    shell.language_switch("_settings.language")
    st.header(_("About this studio"), anchor=False)
    about.show()
