"""API: a price per call, lower beyond a tier, and a least amount per month.

`Rev = max(minimum, p (calls in the tier + (1 - discount) calls beyond it))`; a paid call leaves
`Rev / paid calls (1 - fee) - c_req`; free calls cost the same, for nothing. The tiers are graduated:
only the calls beyond the limit are cheaper. Existing customers' use compounds by the net revenue
retention (NRR), leavers included.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from studio.economics.assumptions import ABOVE_0, Possible, Source, assumed, chosen
from studio.economics.business_model import BusinessModel, Line
from studio.economics.figure import Unit
from studio.economics.models.customers import customer_assumptions, delay_assumptions
from studio.economics.shared_lines import NO_PRICE, PAYMENT, SHARED, shared_lines
from studio.records import Notice

_UNIT, _UNITS = Notice("customer"), Notice("customers")

_CHURN = Source(
    text=Notice("kodekx: 3.5% on average; Recurly by statsforstartups: 5% for companies")
)

_OWN_ASSUMPTIONS = (
    replace(
        assumed(
            "price_per_call",
            Notice("price per call"),
            "0.01",
            Unit.USD_PER_REQUEST,
            ("0.005", "0.02"),
            Source(
                text=Notice(
                    "two and a half times the cost of a request, a margin of 60% (usage-based prices"
                    " leave 50 to 80%: omegapoint.systems), and at least 0.01 USD: the studio's own"
                    " choice"
                ),
                is_verified=False,
            ),
            ABOVE_0,
        ),
        default_formula="max(0.01, 2.5 * cost_per_request)",
    ),
    assumed(
        "calls_per_customer",
        Notice("calls per customer and month"),
        "20000",
        Unit.REQUESTS_PER_MONTH,
        ("5000", "60000"),
        possible=ABOVE_0,
        source=chosen(Notice("some 700 a day, a small product of the customer's")),
    ),
    assumed(
        "free_share",
        Notice("share of calls that are free"),
        "0.1",
        Unit.SHARE,
        ("0.02", "0.2"),
        possible=Possible(most=Decimal("0.99")),
        source=chosen(Notice("enough to try it out, little enough to bear")),
    ),
    assumed(
        "tier_calls",
        Notice("paid calls per month at the full price"),
        "100000",
        Unit.REQUESTS_PER_MONTH,
        ("50000", "200000"),
        source=chosen(
            Notice("five times the calls of a usual customer, so that only large ones reach it")
        ),
    ),
    assumed(
        "tier_discount",
        Notice("discount on the calls beyond them"),
        "0.2",
        Unit.SHARE,
        ("0", "0.4"),
        possible=Possible(most=Decimal("0.99")),
        source=chosen(Notice("enough to be noticed; less than the margin aimed at")),
    ),
    assumed(
        "minimum_commitment",
        Notice("least that a customer pays per month (minimum commitment); 0 for none"),
        "0",
        Unit.USD_PER_USER_MONTH,
        source=chosen(Notice("none at first, so that small customers can begin")),
    ),
    assumed(
        "nrr",
        Notice("revenue of today's customers a year later (NRR)"),
        "1.2",
        Unit.RATIO,
        ("0.9", "1.3"),
        Source(text=Notice("omegapoint.systems: 1.2 to 1.3 for usage-based prices")),
        Possible(most=Decimal(5), is_open=True),
    ),
)

API = BusinessModel(
    key="api",
    name=Notice("API, pay per call"),
    summary=Notice(
        "Other companies build on it and pay for each call, with tiers and a least amount if you like."
    ),
    unit=_UNIT,
    units=_UNITS,
    price_key="price_per_call",
    terms=("tier_calls", "tier_discount", "minimum_commitment"),
    usage_keys=("calls_per_customer",),
    special=("mean_price", "call_margin", "break_even_calls", "break_even_price"),
    assumptions=(
        *_OWN_ASSUMPTIONS,
        *customer_assumptions(
            _UNIT,
            _UNITS,
            customers="50",
            new=("4", ("2", "8")),
            churn=("0.03", ("0.01", "0.05")),
            cac=("500", ("200", "2000")),
            churn_source=_CHURN,
        ),
        assumed(
            "support",
            Notice("support per customer"),
            "5",
            Unit.USD_PER_USER_MONTH,
            ("2", "15"),
            source=chosen(Notice("a few minutes a month")),
        ),
        *PAYMENT,
        *SHARED,
        *delay_assumptions(payment_delay="1"),
    ),
    lines=(
        *shared_lines(_UNIT, _UNITS),
        Line(
            key="unit_requests",
            label=Notice("calls per customer"),
            unit=Unit.REQUESTS_PER_MONTH,
            formula="calls_per_customer",
        ),
        Line(
            key="paid_calls",
            label=Notice("paid calls per customer"),
            unit=Unit.REQUESTS_PER_MONTH,
            formula="calls_per_customer * (1 - free_share)",
        ),
        Line(
            key="charged_calls",
            label=Notice("paid calls, those beyond the tier at their discount"),
            unit=Unit.REQUESTS_PER_MONTH,
            formula=(
                "min(paid_calls, tier_calls)"
                " + (1 - tier_discount) * max(0, paid_calls - tier_calls)"
            ),
            source=Notice("graduated tiers: only the calls beyond the limit are cheaper"),
        ),
        Line(
            key="unit_revenue",
            label=Notice("revenue per customer"),
            unit=Unit.USD_PER_USER_MONTH,
            formula="max(minimum_commitment, charged_calls * price_per_call)",
        ),
        Line(
            key="mean_price",
            label=Notice("mean price of a paid call, tiers and least amount included"),
            unit=Unit.USD_PER_REQUEST,
            formula="unit_revenue / paid_calls",
        ),
        Line(
            key="unit_variable",
            label=Notice("payment fee that grows with the price"),
            unit=Unit.USD_PER_USER_MONTH,
            formula="payment_share * unit_revenue",
        ),
        Line(
            key="unit_standing",
            label=Notice("payment fee per bill, and support"),
            unit=Unit.USD_PER_USER_MONTH,
            formula="payment_fixed + support",
        ),
        Line(
            key="retention",
            label=Notice("revenue kept from month to month"),
            unit=Unit.SHARE_PER_MONTH,
            formula="nrr ** (1 / 12)",
            source=Notice("net revenue retention of a year, by month"),
        ),
        Line(
            key="lifetime",
            label=Notice("months of today's revenue that a customer brings in 60 months"),
            unit=Unit.MONTHS,
            formula="where(retention == 1, 60, (1 - retention ** 60) / (1 - retention))",
            source=Notice("geometric series, the first payment now, cut at 60 months"),
        ),
        Line(
            key="call_margin",
            label=Notice("margin of a paid call"),
            unit=Unit.USD_PER_REQUEST,
            formula="mean_price * (1 - payment_share) - cost_per_request",
        ),
        Line(
            key="break_even_calls",
            label=Notice("paid calls per month at break-even"),
            unit=Unit.REQUESTS_PER_MONTH,
            formula="break_even * paid_calls",
        ),
        Line(
            key="minimum_price",
            label=Notice("lowest price for the margin aimed at"),
            unit=Unit.USD_PER_REQUEST,
            formula=(
                "only_if(1 - target_margin - payment_share > 0,"
                " where(minimum_commitment * (1 - target_margin - payment_share) >= unit_needed, 0,"
                " unit_needed / (charged_calls * (1 - target_margin - payment_share))))"
            ),
            source=Notice("0 where the least amount per month brings it at any price"),
            otherwise=NO_PRICE,
        ),
        Line(
            key="unit_needed",
            label=Notice("cost of a customer, servers included, before the payment fee's share"),
            unit=Unit.USD_PER_USER_MONTH,
            formula="unit_inference + unit_standing + (serving_cost + fixed_cogs) / customers",
        ),
        Line(
            key="break_even_price",
            label=Notice("price at which this number breaks even"),
            unit=Unit.USD_PER_REQUEST,
            formula=(
                "where(minimum_commitment * (1 - payment_share)"
                " >= unit_needed + fixed_cost / customers, 0,"
                " (unit_needed + fixed_cost / customers) / (charged_calls * (1 - payment_share)))"
            ),
        ),
    ),
)
