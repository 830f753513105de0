"""A figure that opens its own provenance: hovering gives the exact value, a click its sources."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import figure_text, notice
from components.i18n import translate
from components.shown_currency import ShownCurrency
from studio.economics.figure import Figure

WIDTH = 164  # pixels: two beside each other on a phone


def row(figures: Sequence[Figure], shown: ShownCurrency, *, key: str) -> None:
    """Draw figures beside each other; where there is no room they go on below."""
    with st.container(horizontal=True, gap="small", key=f"figures_{key}"):
        for figure in figures:
            show(figure, shown, key=key)


def show(figure: Figure, shown: ShownCurrency, *, key: str) -> None:
    """Draw a figure with its name; what is missing is said in words."""
    with st.container(gap=None, width=WIDTH, key=f"figure_{key}_{figure.key}"):
        st.caption(notice.plain(figure_text.name(figure)))
        told = st.popover(
            _label(figure, shown),
            type="tertiary",
            help=figure_text.hint(figure, shown),
            key=f"_figure.{key}.{figure.key}",
            on_change="rerun",  # what is told is put together only while it is open
        )
        if told.open:
            told.markdown(figure_text.provenance(figure, shown))
        if figure.value is None and figure.note is not None:
            st.caption(notice.plain(translate(figure.note)))


def _label(figure: Figure, shown: ShownCurrency) -> str:
    """The number large, its unit small."""
    number, unit = figure_text.parts(figure, shown)
    text = f"**{notice.plain(number)}**"
    return f"{text} :small[:gray[{notice.plain(unit)}]]" if unit else text
