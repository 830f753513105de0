"""A figure with its provenance one click away: a number, what it rests on, and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import figure_text, notice
from components.i18n import _, translate
from components.shown_currency import ShownCurrency
from studio.economics.figure import Figure


def row(figures: Sequence[Figure], shown: ShownCurrency, *, key: str) -> None:
    """Draw figures beside each other; on a phone they wrap."""
    with st.container(horizontal=True, gap="medium", key=f"figures_{key}"):
        for figure in figures:
            show(figure, shown, key=key)


def show(figure: Figure, shown: ShownCurrency, *, key: str) -> None:
    """Draw a figure: hovering gives the exact value, clicking what it rests on opens all of it."""
    with st.container(gap=None, width="content", key=f"figure_{key}_{figure.key}"):
        st.metric(
            notice.plain(translate(figure.label)),
            notice.plain(figure_text.value(figure, shown)),
            help=figure_text.hint(figure, shown),
            width="content",
        )
        if figure.value is None and figure.note is not None:
            st.caption(notice.plain(translate(figure.note)))
        with st.popover(
            figure_text.basis(figure.basis),
            type="tertiary",
            icon=":material/info:",
            help=_("Where {figure} comes from", figure=translate(figure.label)),
            key=f"_figure.{key}.{figure.key}",
        ):
            st.markdown(figure_text.provenance(figure, shown))
