"""The assumptions on customers that each model has with numbers of its own."""

from __future__ import annotations

from dataclasses import replace

from studio.economics.assumptions import (
    ABOVE_0,
    AT_LEAST_0,
    SHARE,
    Assumption,
    Possible,
    Source,
    assumed,
    chosen,
)
from studio.economics.figure import Unit
from studio.records import Notice

_MONTHS = Possible(most=AT_LEAST_0.least + 36)
Span = tuple[str, tuple[str, str]]
"""A default and its range."""


def customer_assumptions(
    unit: Notice,
    units: Notice,
    *,
    customers: str,
    new: Span,
    churn: Span,
    cac: Span,
    churn_source: Source,
) -> tuple[Assumption, ...]:
    """How many there are, come and leave, and what winning one costs.

    `unit` and `units` name one and many of them.
    """
    many = {"units": units}
    return (
        assumed(
            "customers",
            Notice("{units} looked at", **many),
            customers,
            Unit.COUNT,
            possible=ABOVE_0,
            source=chosen(Notice("a number to look at, not a forecast")),
        ),
        assumed(
            "customers_at_start",
            Notice("{units} at the start", **many),
            "0",
            Unit.COUNT,
            source=chosen(Notice("nobody yet")),
        ),
        assumed(
            "new_per_month",
            Notice("new {units} in the first month", **many),
            new[0],
            Unit.COUNT_PER_MONTH,
            new[1],
            source=chosen(Notice("about a tenth of the number looked at")),
        ),
        assumed(
            "churn",
            Notice("share that leaves per month (churn)"),
            churn[0],
            Unit.SHARE_PER_MONTH,
            churn[1],
            churn_source,
            SHARE,
        ),
        assumed(
            "cac",
            Notice("cost of winning one {unit} (CAC)", unit=unit),
            cac[0],
            Unit.USD_PER_USER,
            cac[1],
            source=chosen(
                Notice("by the size of the price; what your own marketing costs is better")
            ),
        ),
    )


def delay_assumptions(
    *, sales_cycle: str = "0", payment_delay: str = "0"
) -> tuple[Assumption, ...]:
    """How long it takes until a customer starts, and until money comes in: whole months."""
    sales = assumed(
        "sales_cycle",
        Notice("months from spending on a customer to its start"),
        sales_cycle,
        Unit.MONTHS,
        possible=_MONTHS,
        source=chosen(Notice("companies take longer to decide than people")),
    )
    payment = assumed(
        "payment_delay",
        Notice("months until a bill is paid"),
        payment_delay,
        Unit.MONTHS,
        possible=_MONTHS,
        source=chosen(Notice("cards pay at once, companies after a month or two")),
    )
    return replace(sales, is_whole=True), replace(payment, is_whole=True)
