"""Freemium: free for most, paid by a few, with add-ons.

`payers = U q`; `Rev = U q p`; `VC = U q v_p + U (1 - q) v_f`; break-even conversion
`q* = (v_f + F / U) / (p - v_p + v_f)`. A unit is an active user, free or paying.
"""

from __future__ import annotations

from decimal import Decimal

from studio.economics.assumptions import ABOVE_0, SHARE, Possible, Source, assumed, chosen
from studio.economics.business_model import BusinessModel, Line, UserGroup
from studio.economics.figure import Unit
from studio.economics.models.customers import customer_assumptions, delay_assumptions
from studio.economics.shared_lines import NO_PRICE, PAYMENT, SHARED, shared_lines
from studio.records import Notice

_UNIT, _UNITS = Notice("active user"), Notice("active users")
_CHURN = chosen(
    Notice(
        "above the 6 to 7% that ChartMogul gives where a customer pays less than 10 USD a month, as"
        " those who pay nothing leave more easily"
    )
)
_PER_USER = Unit.USD_PER_USER_MONTH

_OWN_ASSUMPTIONS = (
    assumed(
        "price",
        Notice("price per month"),
        "15",
        _PER_USER,
        ("9", "20"),
        possible=ABOVE_0,
        source=chosen(Notice("below the price of a subscription that has no free use")),
    ),
    assumed(
        "conversion",
        Notice("share of users who pay (conversion)"),
        "0.03",
        Unit.SHARE,
        ("0.02", "0.05"),
        Source(text=Notice("median 2 to 5%: OpenView 2022 by getmonetizely; knowledgelib")),
        Possible(most=Decimal(1), is_open=True),
    ),
    assumed(
        "free_requests",
        Notice("requests per free user and month"),
        "40",
        Unit.REQUESTS_PER_MONTH,
        ("10", "100"),
        source=chosen(Notice("little more than one a day")),
    ),
    assumed(
        "paid_requests",
        Notice("requests per paying user and month"),
        "300",
        Unit.REQUESTS_PER_MONTH,
        ("100", "600"),
        source=chosen(Notice("ten a day")),
    ),
    assumed(
        "attach",
        Notice("share of payers who buy an add-on"),
        "0.1",
        Unit.SHARE,
        ("0.05", "0.2"),
        possible=SHARE,
        source=chosen(Notice("one payer in ten; no figure was found")),
    ),
    assumed(
        "addon_price",
        Notice("price of the add-on per month"),
        "5",
        _PER_USER,
        ("3", "10"),
        source=chosen(Notice("a third of the price")),
    ),
    assumed(
        "support",
        Notice("support per paying user"),
        "1",
        _PER_USER,
        ("0.5", "2"),
        source=chosen(Notice("a fifteenth of the price")),
    ),
    assumed(
        "months_free",
        Notice("months a user is free before paying"),
        "2",
        Unit.MONTHS,
        ("1", "6"),
        source=chosen(Notice("whoever pays mostly does so soon")),
    ),
)

_PAYER_LINES = (
    Line(
        key="payer_revenue",
        label=Notice("revenue per paying user"),
        unit=_PER_USER,
        formula="price + attach * addon_price",
    ),
    Line(
        key="payer_cost",
        label=Notice("variable cost of a paying user"),
        unit=_PER_USER,
        formula=(
            "paid_requests * cost_per_request + payment_share * payer_revenue"
            " + payment_fixed + support"
        ),
    ),
    Line(
        key="free_cost",
        label=Notice("variable cost of a free user"),
        unit=_PER_USER,
        formula="free_requests * cost_per_request",
    ),
    Line(
        key="payers",
        label=Notice("paying users"),
        unit=Unit.USERS,
        formula="customers * conversion",
    ),
    Line(
        key="free_users_cost",
        label=Notice("cost of all free users, servers included"),
        unit=Unit.USD_PER_MONTH,
        formula="customers * (1 - conversion) * free_requests * request_cost",
    ),
    Line(
        key="cac_payer",
        label=Notice("cost of winning a paying user, free use included"),
        unit=Unit.USD_PER_USER,
        formula="(cac + months_free * free_cost) / conversion",
    ),
    Line(
        key="conversion_needed",
        label=Notice("conversion at which income equals cost"),
        unit=Unit.SHARE,
        formula=(
            "only_if(payer_revenue - payer_cost + free_cost > 0,"
            " (free_cost + (fixed_cost + fixed_cogs + serving_cost) / customers)"
            " / (payer_revenue - payer_cost + free_cost))"
        ),
        source=Notice("q* = (v_f + F/U) / (p - v_p + v_f), with the servers of today's load in F"),
        otherwise=Notice("never breaks even: a paying user costs more than it brings"),
    ),
    Line(
        key="break_even_conversion",
        label=Notice("break-even conversion"),
        unit=Unit.SHARE,
        formula="only_if(conversion_needed <= 1, conversion_needed)",
        otherwise=Notice("never breaks even with this many users, even if all of them paid"),
    ),
)

_GROUPS = (
    UserGroup(
        label=Notice("users who pay"),
        share="conversion",
        values=(("conversion", "1"),),
        causes=("payer_revenue", "payer_cost"),
    ),
    UserGroup(
        label=Notice("users who do not pay"),
        share="1 - conversion",
        values=(("conversion", "0"),),
        causes=("free_cost",),
    ),
)

FREEMIUM = BusinessModel(
    key="freemium",
    name=Notice("Freemium with paid add-ons"),
    summary=Notice("Free for everybody with a limit; a few pay for more, and for add-ons."),
    unit=_UNIT,
    units=_UNITS,
    price_key="price",
    terms=("addon_price",),
    usage_keys=("free_requests", "paid_requests"),
    special=("payers", "break_even_conversion", "cac_payer", "free_users_cost"),
    groups=_GROUPS,
    assumptions=(
        *_OWN_ASSUMPTIONS,
        *customer_assumptions(
            _UNIT,
            _UNITS,
            customers="20000",
            new=("2500", ("1000", "5000")),
            churn=("0.08", ("0.05", "0.15")),
            cac=("1.5", ("0.5", "4")),
            churn_source=_CHURN,
        ),
        *PAYMENT,
        *SHARED,
        *delay_assumptions(),
    ),
    lines=(
        *shared_lines(_UNIT, _UNITS),
        *_PAYER_LINES,
        Line(
            key="unit_requests",
            label=Notice("requests per active user"),
            unit=Unit.REQUESTS_PER_MONTH,
            formula="conversion * paid_requests + (1 - conversion) * free_requests",
        ),
        Line(
            key="unit_revenue",
            label=Notice("revenue per active user"),
            unit=_PER_USER,
            formula="conversion * payer_revenue",
        ),
        Line(
            key="unit_variable",
            label=Notice("payment fee that grows with the price"),
            unit=_PER_USER,
            formula="payment_share * unit_revenue",
        ),
        Line(
            key="unit_standing",
            label=Notice("payment fee per charge, and support, per active user"),
            unit=_PER_USER,
            formula="conversion * (payment_fixed + support)",
        ),
        Line(
            key="minimum_price",
            label=Notice("lowest price for the margin aimed at"),
            unit=_PER_USER,
            formula=(
                "only_if(1 - target_margin - payment_share > 0, max(0,"
                " (unit_inference + unit_standing + (serving_cost + fixed_cogs) / customers)"
                " / (conversion * (1 - target_margin - payment_share)) - attach * addon_price))"
            ),
            otherwise=NO_PRICE,
        ),
    ),
)
