"""A builder page without a prototype: open one, make one, or try the sample."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from components import first_start, gallery, kind_texts, new_prototype, who
from components.i18n import _
from studio.acting import Role


def show(kind: str, now: datetime) -> None:
    """Draw the choice among the prototypes of a kind; `now` dates the last changes, aware."""
    texts = kind_texts.texts()[kind]
    st.title(texts.name, anchor=False)
    st.markdown(texts.explanation)
    with st.container(horizontal=True):
        if st.button(_("Try the sample"), key="_chooser.sample", type="primary"):
            new_prototype.open_sample(kind)
        if who.may(Role.EDITOR) and st.button(texts.new_label, key="_chooser.new"):
            new_prototype.open_new(kind)
    first_start.show()
    st.header(texts.yours, anchor=False)
    gallery.show(now, kind)
