"""The chatbot page without a chatbot: open one, make one, or try the sample."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from components import first_start, gallery, kind_cards, prototype_header
from components.i18n import _


def show(now: datetime) -> None:
    """Draw the choice; `now` dates the last changes, aware."""
    texts = kind_cards.texts()["chatbot"]
    st.title(texts.name, anchor=False)
    st.markdown(texts.explanation)
    with st.container(horizontal=True):
        if st.button(_("Try the sample"), key="_chooser.sample", type="primary"):
            prototype_header.open_sample()
        if st.button(texts.new_label, key="_chooser.new"):
            prototype_header.open_new()
    first_start.show()
    st.header(_("Your chatbots"), anchor=False)
    gallery.show(now, texts.kind)
