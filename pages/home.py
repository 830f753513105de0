"""Home: what can be built, one's prototypes, and the models on their first way here."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import first_start, gallery, kind_cards, shell
from components.i18n import _

with shell.page(_("What do you want to build?")):
    st.space("xsmall")
    first_start.show()
    kind_cards.show()
    st.space("small")
    st.header(_("Your prototypes"), anchor=False)
    gallery.show(datetime.now(UTC))
