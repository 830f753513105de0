"""The field for what an hour of a machine costs; empty takes the price that Settings has."""

from __future__ import annotations

import streamlit as st

from components import cache
from components import format as fmt
from components import serving_field as field
from components.i18n import _
from components.serving_field import Keep
from studio.economics.serving_choice import AsMeasured, Hosted


def show(choice: AsMeasured | Hosted, keep: Keep, key: str) -> None:
    """Draw the field."""
    label = _("Price of a machine, USD an hour")
    if isinstance(choice, Hosted):
        label = _("Machine for the rest, USD an hour")
    st.number_input(
        label,
        min_value=0.0,
        max_value=10_000.0,
        value=None,
        step=0.01,
        format="%0.3f",
        placeholder=_(
            "as in Settings: {price}", price=fmt.number(float(cache.workbench().machine_hour_usd))
        ),
        help=_(
            "Empty: what Settings say that an hour of this machine costs, also when that changes."
        ),
        **field.bind(
            choice, keep, key, "hour_usd", shown=field.float_or_none, kept=field.decimal_or_none
        ),
    )
