"""What an hour of this machine is taken to cost: the price behind every call of a local model."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import streamlit as st

from components import cache, i18n, notice, session, who
from components.i18n import _
from studio.acting import Role
from studio.errors import InvalidInput

FIELD = "_settings.machine_hour"


def show() -> None:
    """Draw the price as a field; a change counts at once, for past calls too."""
    bench = cache.workbench()
    problem = session.price_problem()
    if problem is None:  # what was typed stays until it is mended
        session.set_widget_value(FIELD, str(bench.machine_hour_usd))
    st.text_input(
        _("USD per hour"),
        key=FIELD,
        on_change=_changed,
        disabled=not who.may(Role.EDITOR),
        width=200,
        help=_("Calls of models on this computer cost this price for the time they keep it busy."),
    )
    if problem is not None:
        notice.show(problem, "error")
    is_default = bench.machine_hour_usd == bench.settings.machine_hour_usd
    st.caption(
        _(
            "An assumption, not a measurement: about what a small rented server costs. Enter what"
            " yours costs, with power and wear."
        )
        if is_default
        else _(
            "Entered by you. It replaces the studio's assumption of {price} USD.",
            price=bench.settings.machine_hour_usd,
        )
    )


def _changed() -> None:
    text = str(session.widget_value(FIELD, "")).strip().replace(",", ".")
    try:
        cache.workbench().set_machine_hour_usd(_amount(text))
    except InvalidInput as error:
        session.set_price_problem(i18n.translate(error.notice))
    else:
        session.set_price_problem(None)
        session.flash(_("The price was changed."))


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise InvalidInput(
            "{text} is not a price. Enter a number such as 0.10.", text=text or "–"
        ) from error
