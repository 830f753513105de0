"""Which view of a prototype stands beside its settings: the prototype itself, or a look behind it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components import session
from components.i18n import _


def choose(views: Mapping[str, str], *, key: str = "_builder.view") -> str:
    """Draw the choice and give the key of the view.

    Args:
        views: key -> label, the first one is shown at first.
        key: of the widget.
    """
    first = next(iter(views))
    session.default_widget_value(key, first)  # not `default=`: callbacks may choose, too
    chosen = st.segmented_control(
        _("View"),
        list(views),
        required=True,
        format_func=views.__getitem__,
        label_visibility="collapsed",
        key=key,
    )
    return chosen or first
