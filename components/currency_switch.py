"""In which currency amounts are shown, and at which dated rate; the rate may be replaced."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import streamlit as st
from babel import dates

from components import cache, notice, session
from components import format as fmt
from components.i18n import _, translate
from components.shown_currency import ShownCurrency
from studio.economics.currency import Currency
from studio.errors import StudioError
from studio.records import Notice

FIELD = "_business.currency"
RATE = "_business.rate"


def show() -> ShownCurrency:
    """Draw the switch; gives the currency with its rate."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            _("Currency"),
            list(Currency),
            default=Currency.USD,
            required=True,
            format_func=lambda one: one.value,
            key=FIELD,
            persist_state="session",
        )
        shown = ShownCurrency(
            currency=chosen or Currency.USD, rates=cache.workbench().exchange_rates
        )
        if shown.currency is not Currency.USD:
            _rate(shown)
    return shown


def _rate(shown: ShownCurrency) -> None:
    rates = shown.rates
    rate = rates.per_usd(shown.currency)
    with st.popover(
        _("1 USD = {rate} {currency}", rate=f"{rate.normalize():f}", currency=shown.code),
        type="tertiary",
        key="_business.rate_popover",
    ):
        session.fill_widget(RATE, float(rate))
        st.number_input(
            _("{currency} for one US dollar", currency=shown.code),
            min_value=0.0001,
            step=0.01,
            format="%.4f",
            key=RATE,
            on_change=_changed,
            args=(shown,),
        )
        day = dates.format_date(rates.as_of, format="medium", locale=fmt.locale())
        st.caption(notice.plain(f"{translate(rates.source)} · {day}"))


def _changed(shown: ShownCurrency) -> None:
    name = f"{shown.code.lower()}_per_usd"
    typed = Decimal(str(session.widget_value(RATE) or 0))
    try:
        changed = replace(
            shown.rates,
            **{name: typed},
            as_of=datetime.now(UTC).date(),
            source=Notice("your own entry"),
        )
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        cache.workbench().set_exchange_rates(changed)
