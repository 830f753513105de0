"""What can be built: one card per kind of prototype that has a page.

Draws and starts; what a kind is stands in `studio.prototypes`.
"""

from __future__ import annotations

import streamlit as st

from components import kind_texts, new_prototype, who
from components.i18n import _
from studio.acting import Role
from studio.prototypes.registry import KINDS

N_IN_A_ROW = 2


def show() -> None:
    """Draw the cards. A click on a button opens the page of the new or the sample prototype."""
    introductions = kind_texts.texts()
    kinds = [introductions[name] for name in KINDS if name in introductions]
    for start in range(0, len(kinds), N_IN_A_ROW):
        columns = st.columns(N_IN_A_ROW, gap="medium")
        for column, kind in zip(columns, kinds[start : start + N_IN_A_ROW], strict=False):
            with column:
                _card(kind)


def _card(kind: kind_texts.KindTexts) -> None:
    with st.container(border=True, key=f"kind-{kind.kind}", height="stretch"):
        st.header(f"{kind.icon} {kind.name}", anchor=False)
        st.write(kind.explanation)
        with st.container(horizontal=True):
            if st.button(
                _("Try the sample"),
                key=f"_home.sample.{kind.kind}",
                type="primary",
                help=kind.sample,
            ):
                new_prototype.open_sample(kind.kind)
            if who.may(Role.EDITOR) and st.button(kind.new_label, key=f"_home.new.{kind.kind}"):
                new_prototype.open_new(kind.kind)
