"""How much a demo may be used in a day, and what that comes to at the measured cost."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import streamlit as st

from components import cache, notice, publish_problems
from components import format as fmt
from components.i18n import _
from studio.sharing.choices import MAX_MONEY_USD, MAX_REQUESTS
from studio.sharing.request_price import RequestPrice
from studio.workbench import AnyPrototype
from studio.workspace.publication_record import PublicationChoices


def show(prototype: AnyPrototype, base: PublicationChoices, key: str) -> PublicationChoices:
    """Draw the fields; gives the base with what was entered.

    Args:
        prototype: what is published.
        base: what the form begins with.
        key: tells its widgets from those of other publications.
    """
    with st.grid(min_column_width=230):
        with st.container(gap="xxsmall"):
            requests = st.number_input(
                _("Requests of one visitor in a day (empty: no limit)"),
                1,
                MAX_REQUESTS,
                base.requests_per_visitor_per_day,
                step=10,
                key=f"_publish.{key}.requests",
                help=_(
                    "Counted by browser: somebody who clears its cookies counts as another visitor."
                    " The money of the day holds for all together."
                ),
            )
            publish_problems.show(key, "requests_per_visitor_per_day")
        with st.container(gap="xxsmall"):
            money = st.number_input(
                _("Money for all visitors in a day, in USD (empty: no limit)"),
                0.01,
                float(MAX_MONEY_USD),
                None if base.money_per_day_usd is None else float(base.money_per_day_usd),
                step=0.5,
                format="%.2f",
                key=f"_publish.{key}.money",
            )
            publish_problems.show(key, "money_per_day_usd")
    amount = None if money is None else Decimal(str(money)).quantize(Decimal("0.01"))
    _told(cache.workbench().sharing.price(prototype.id), amount)
    return replace(
        base,
        requests_per_visitor_per_day=None if requests is None else int(requests),
        money_per_day_usd=amount,
    )


def _told(price: RequestPrice, amount: Decimal | None) -> None:
    """Say how far the money reaches, and from what that is reckoned."""
    if price.is_unknown:
        notice.show(
            _(
                "Nobody knows what this prototype's model costs, so a demo with a limit in money closes"
                " at its first request. Enter a price under Models, or leave the money empty."
            ),
            "warning",
        )
        return
    n_requests = None if amount is None else price.requests_for(amount)
    if price.is_demo:
        st.caption(_("Calls of the demo engine cost nothing, so the money is never used up."))
    elif price.mean_usd is None:
        st.caption(
            _(
                "Nothing was measured yet: ask it something, and this says how far the money reaches."
            )
        )
    elif n_requests is not None and amount is not None:
        st.caption(
            _(
                "{money} is enough for about {n} requests a day at the measured cost of {cost} each,"
                " from {calls} calls.",
                money=fmt.money(amount),
                n=fmt.number(n_requests),
                cost=fmt.money(price.mean_usd),
                calls=fmt.count(price.n_calls),
            )
        )
    else:
        st.caption(
            _(
                "A request cost {cost} so far, from {calls} calls.",
                cost=fmt.money(price.mean_usd),
                calls=fmt.count(price.n_calls),
            )
        )
