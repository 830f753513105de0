"""Subscription: a price per month, whatever the use.

`Rev = S p`; `VC = r c_req + fee + support` per subscriber; break-even `S = ceil(F / m)`.
"""

from __future__ import annotations

from studio.economics.assumptions import ABOVE_0, Source, assumed, chosen
from studio.economics.business_model import BusinessModel, Line
from studio.economics.figure import Unit
from studio.economics.models.customers import customer_assumptions, delay_assumptions
from studio.economics.shared_lines import NO_PRICE, PAYMENT, SHARED, shared_lines
from studio.records import Notice

_UNIT, _UNITS = Notice("subscriber"), Notice("subscribers")
_CHURN = Source(
    text=Notice(
        "kodekx: 3.5% on average; Recurly by statsforstartups: 7.05% for consumers; ChartMogul: 6 to"
        " 7% where a customer pays less than 10 USD a month"
    )
)

SUBSCRIPTION = BusinessModel(
    key="subscription",
    name=Notice("Subscription"),
    summary=Notice("A fixed price per month for each subscriber, however much they use."),
    unit=_UNIT,
    units=_UNITS,
    price_key="price",
    usage_keys=("requests_per_customer",),
    special=("break_even_price",),
    assumptions=(
        assumed(
            "price",
            Notice("price per month"),
            "20",
            Unit.USD_PER_USER_MONTH,
            ("15", "25"),
            possible=ABOVE_0,
            source=chosen(Notice("a round price to begin with; no figure was found")),
        ),
        assumed(
            "requests_per_customer",
            Notice("requests per subscriber and month"),
            "300",
            Unit.REQUESTS_PER_MONTH,
            ("100", "600"),
            source=chosen(Notice("ten a day")),
        ),
        *customer_assumptions(
            _UNIT,
            _UNITS,
            customers="1000",
            new=("100", ("50", "200")),
            churn=("0.05", ("0.03", "0.07")),
            cac=("60", ("30", "120")),
            churn_source=_CHURN,
        ),
        assumed(
            "support",
            Notice("support per subscriber"),
            "1",
            Unit.USD_PER_USER_MONTH,
            ("0.5", "2"),
            source=chosen(Notice("a twentieth of the price")),
        ),
        *PAYMENT,
        *SHARED,
        *delay_assumptions(),
    ),
    lines=(
        *shared_lines(_UNIT, _UNITS),
        Line(
            key="unit_requests",
            label=Notice("requests per subscriber"),
            unit=Unit.REQUESTS_PER_MONTH,
            formula="requests_per_customer",
        ),
        Line(
            key="unit_revenue",
            label=Notice("revenue per subscriber"),
            unit=Unit.USD_PER_USER_MONTH,
            formula="price",
        ),
        Line(
            key="unit_variable",
            label=Notice("payment fee that grows with the price"),
            unit=Unit.USD_PER_USER_MONTH,
            formula="payment_share * price",
        ),
        Line(
            key="unit_standing",
            label=Notice("payment fee per charge, and support"),
            unit=Unit.USD_PER_USER_MONTH,
            formula="payment_fixed + support",
        ),
        Line(
            key="minimum_price",
            label=Notice("lowest price for the margin aimed at"),
            unit=Unit.USD_PER_USER_MONTH,
            formula=(
                "only_if(1 - target_margin - payment_share > 0,"
                " (unit_inference + unit_standing + (serving_cost + fixed_cogs) / customers)"
                " / (1 - target_margin - payment_share))"
            ),
            otherwise=NO_PRICE,
        ),
        Line(
            key="break_even_price",
            label=Notice("price at which this number breaks even"),
            unit=Unit.USD_PER_USER_MONTH,
            formula=(
                "(unit_inference + unit_standing"
                " + (serving_cost + fixed_cogs + fixed_cost) / customers) / (1 - payment_share)"
            ),
        ),
    ),
)
