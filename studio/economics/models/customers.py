"""The assumptions on customers that each model has with numbers of its own."""

from __future__ import annotations

from studio.economics.assumptions import (
    ABOVE_0,
    AT_LEAST_0,
    OWN_CHOICE,
    SHARE,
    Assumption,
    Possible,
    Source,
    assumed,
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
    churn_source: Source = OWN_CHOICE,
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
        ),
        assumed("customers_at_start", Notice("{units} at the start", **many), "0", Unit.COUNT),
        assumed(
            "new_per_month",
            Notice("new {units} in the first month", **many),
            new[0],
            Unit.COUNT_PER_MONTH,
            new[1],
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
        ),
    )


def delay_assumptions(
    *, sales_cycle: str = "0", payment_delay: str = "0"
) -> tuple[Assumption, ...]:
    """How long it takes until a customer starts, and until money comes in."""
    return (
        assumed(
            "sales_cycle",
            Notice("months from spending on a customer to its start"),
            sales_cycle,
            Unit.MONTHS,
            possible=_MONTHS,
        ),
        assumed(
            "payment_delay",
            Notice("months until a bill is paid"),
            payment_delay,
            Unit.MONTHS,
            possible=_MONTHS,
        ),
    )
