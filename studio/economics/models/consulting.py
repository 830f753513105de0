"""Consulting and enterprise solutions: hours, licences and care for companies.

`Rev = heads hours utilisation rate realisation + fees + licence / 12`. The hours that clients buy decide
how many heads are needed, so sold hours never exceed capacity; parts of a head are part-time.
"""

from __future__ import annotations

from studio.economics.assumptions import ABOVE_0, BELOW_1, SHARE, Source, assumed, chosen
from studio.economics.business_model import BusinessModel, Line
from studio.economics.figure import Unit
from studio.economics.models.customers import customer_assumptions, delay_assumptions
from studio.economics.shared_lines import NO_PRICE, SHARED, shared_lines
from studio.records import Notice

_UNIT, _UNITS = Notice("client"), Notice("clients")
_MONTH = Unit.USD_PER_MONTH
_CHURN = chosen(Notice("a client stays for two years in the mean; no figure was found"))
_SPI = Source(text=Notice("SPI by Workday: 68.9% billable in 2025, benchmark 75%"))

_OWN_ASSUMPTIONS = (
    assumed(
        "rate",
        Notice("rate per hour"),
        "120",
        Unit.USD_PER_HOUR,
        ("80", "200"),
        possible=ABOVE_0,
        source=chosen(Notice("a senior engineer's; differs much by country")),
    ),
    assumed(
        "hours_per_client",
        Notice("hours sold per client and month"),
        "60",
        Unit.HOURS,
        ("30", "100"),
        possible=ABOVE_0,
        source=chosen(Notice("nearly two days a week")),
    ),
    assumed(
        "utilisation",
        Notice("share of working hours that is billed (utilisation)"),
        "0.689",
        Unit.SHARE,
        ("0.6", "0.75"),
        _SPI,
        BELOW_1,
    ),
    assumed(
        "realisation",
        Notice("share of the rate that clients pay (realisation)"),
        "0.95",
        Unit.SHARE,
        ("0.85", "1"),
        possible=SHARE,
        source=chosen(Notice("one hour in twenty is not paid in the end")),
    ),
    assumed(
        "hours_per_head",
        Notice("working hours per head and month"),
        "160",
        Unit.HOURS,
        ("140", "170"),
        possible=ABOVE_0,
        source=chosen(Notice("twenty days of eight hours")),
    ),
    assumed(
        "head_cost",
        Notice("cost of a head per month, all in"),
        "7000",
        _MONTH,
        ("4000", "12000"),
        source=chosen(Notice("pay with everything on top; differs much by country")),
    ),
    assumed(
        "licence",
        Notice("licence per client and year"),
        "6000",
        Unit.USD_PER_YEAR,
        ("0", "20000"),
        source=chosen(Notice("five hundred a month")),
    ),
    assumed(
        "care_fee",
        Notice("fixed fee per client and month"),
        "500",
        _MONTH,
        ("0", "2000"),
        source=chosen(Notice("half a day a month")),
    ),
    assumed(
        "hosting",
        Notice("hosting per client"),
        "50",
        _MONTH,
        ("20", "300"),
        source=chosen(Notice("a small server")),
    ),
    assumed(
        "users",
        Notice("people who use it, per client"),
        "50",
        Unit.USERS,
        ("10", "300"),
        source=chosen(Notice("one department")),
    ),
    assumed(
        "requests_per_user",
        Notice("requests per person and month"),
        "60",
        Unit.REQUESTS_PER_MONTH,
        ("20", "200"),
        source=chosen(Notice("three on a working day")),
    ),
)

_HEAD_LINES = (
    Line(
        key="hour_cost",
        label=Notice("cost of a sold hour"),
        unit=Unit.USD_PER_HOUR,
        formula="head_cost / (hours_per_head * utilisation)",
    ),
    Line(
        key="client_fees",
        label=Notice("licence and fees per client"),
        unit=Unit.USD_PER_USER_MONTH,
        formula="licence / 12 + care_fee",
    ),
    Line(
        key="heads",
        label=Notice("heads needed"),
        unit=Unit.COUNT,
        formula="customers * hours_per_client / (hours_per_head * utilisation)",
    ),
    Line(
        key="full_value",
        label=Notice("value of all working hours"),
        unit=_MONTH,
        formula="heads * hours_per_head * rate * realisation",
    ),
    Line(
        key="direct_utilisation",
        label=Notice("utilisation that pays heads, hosting and models"),
        unit=Unit.SHARE,
        formula="(heads * head_cost + customers * hosting + inference_cost + serving_cost) / full_value",
        otherwise=Notice("hours bring nothing"),
    ),
    Line(
        key="utilisation_needed",
        label=Notice("utilisation at which income equals all cost"),
        unit=Unit.SHARE,
        formula=(
            "max(0, (heads * head_cost + customers * hosting + inference_cost + serving_cost"
            " + fixed_cogs + fixed_cost - customers * client_fees) / full_value)"
        ),
        otherwise=Notice("hours bring nothing"),
    ),
    Line(
        key="break_even_utilisation",
        label=Notice("break-even utilisation"),
        unit=Unit.SHARE,
        formula="only_if(utilisation_needed < 1, utilisation_needed)",
        otherwise=Notice("never breaks even with these heads, even if every hour were billed"),
    ),
)

CONSULTING = BusinessModel(
    key="consulting",
    name=Notice("Consulting and solutions"),
    summary=Notice("Built into a client's company for a fee, by the hour, with a yearly licence."),
    unit=_UNIT,
    units=_UNITS,
    price_key="rate",
    terms=("licence", "care_fee"),
    usage_keys=("requests_per_user",),
    special=("heads", "hour_cost", "direct_utilisation", "break_even_utilisation"),
    assumptions=(
        *_OWN_ASSUMPTIONS,
        *customer_assumptions(
            _UNIT,
            _UNITS,
            customers="6",
            new=("0.5", ("0.25", "1")),
            churn=("0.04", ("0.02", "0.08")),
            cac=("4000", ("2000", "10000")),
            churn_source=_CHURN,
        ),
        *SHARED,
        *delay_assumptions(sales_cycle="3", payment_delay="2"),
    ),
    lines=(
        *shared_lines(_UNIT, _UNITS),
        *_HEAD_LINES,
        Line(
            key="unit_requests",
            label=Notice("requests per client"),
            unit=Unit.REQUESTS_PER_MONTH,
            formula="users * requests_per_user",
        ),
        Line(
            key="unit_revenue",
            label=Notice("revenue per client"),
            unit=Unit.USD_PER_USER_MONTH,
            formula="hours_per_client * rate * realisation + client_fees",
        ),
        Line(
            key="unit_standing",
            label=Notice("heads and hosting per client"),
            unit=Unit.USD_PER_USER_MONTH,
            formula="hours_per_client * hour_cost + hosting",
        ),
        Line(
            key="minimum_price",
            label=Notice("lowest rate for the margin aimed at"),
            unit=Unit.USD_PER_HOUR,
            formula=(
                "max(0, ((unit_inference + unit_standing + (serving_cost + fixed_cogs) / customers)"
                " / (1 - target_margin) - client_fees) / (hours_per_client * realisation))"
            ),
            otherwise=NO_PRICE,
        ),
    ),
)
