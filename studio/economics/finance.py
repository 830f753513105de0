"""What an investor asks of a plan: runway, trough, break-even month, burn multiple, as figures.

Reads a plan and the case it came from; computes nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from studio.economics.business_case import BusinessCase
from studio.economics.figure import Figure, FigureBasis, Unit
from studio.economics.plan import HORIZON_MONTHS, Plan
from studio.records import Notice

_DRIVERS = ("cash_at_start", "fixed_cost", "new_per_month", "growth", "churn", "cac")
_NO_PRICE = Notice("cannot be computed: the price of a request is unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finances:
    """The figures of a plan. A month is a number from 1; money is USD.

    `runway` is the first month that ends without cash; `trough` the least cash at the end of a month
    and `trough_month` when; `capital_needed` what is missing at the trough; `profitable_month` the
    first month in which revenue pays everything, winning customers included; `reached_month` the
    first in which the number of customers looked at is there; `burn_multiple` the cash burnt in the
    first year for each dollar of yearly revenue won in it (D. Sacks; below 2 is good).
    """

    runway: Figure
    trough: Figure
    trough_month: Figure
    capital_needed: Figure
    profitable_month: Figure
    reached_month: Figure
    burn_multiple: Figure
    cash_at_end: Figure
    revenue_per_year_at_end: Figure

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All of them, in the order above."""
        return tuple(getattr(self, name) for name in self.__slots__)


def finances(case: BusinessCase, plan: Plan) -> Finances:
    """The figures of a case's plan; without values where the price of a request is unknown."""
    cash = plan.values("cash")
    known = [amount for amount in cash if amount is not None]
    make = _Maker(tuple(figure for figure in case.inputs if figure.key in _DRIVERS))
    if len(known) < len(cash):
        return _unknown(make)
    low = min(known)
    return Finances(
        runway=make.month(
            "runway",
            Notice("month in which the cash runs out"),
            "first month with cash < 0",
            _first(cash, lambda amount: amount is not None and amount < 0),
            Notice("the cash lasts all {n} months", n=HORIZON_MONTHS),
        ),
        trough=make.money("trough", Notice("least cash"), "least cash of all months", low),
        trough_month=make.month(
            "trough_month",
            Notice("month of the least cash"),
            "month of the least cash",
            known.index(low) + 1,
            None,
        ),
        capital_needed=make.money(
            "capital_needed",
            Notice("money needed beyond the cash at the start"),
            "max(0, -trough)",
            max(Decimal(0), -low),
        ),
        profitable_month=make.month(
            "profitable_month",
            Notice("first profitable month"),
            "first month with net >= 0",
            _first(plan.values("net"), lambda amount: amount is not None and amount >= 0),
            Notice("not profitable within {n} months", n=HORIZON_MONTHS),
        ),
        reached_month=make.month(
            "reached_month",
            Notice("month in which the number looked at is reached"),
            "first month with customers >= the number looked at",
            _first(
                plan.values("customers"),
                lambda count: count is not None and count >= case.value("customers"),
            ),
            Notice("not reached within {n} months", n=HORIZON_MONTHS),
        ),
        burn_multiple=_burn_multiple(case, plan, make),
        cash_at_end=make.money(
            "cash_at_end",
            Notice("cash after {n} months", n=HORIZON_MONTHS),
            "cash of the last month",
            known[-1],
        ),
        revenue_per_year_at_end=make.money(
            "revenue_per_year_at_end",
            Notice("yearly revenue after {n} months", n=HORIZON_MONTHS),
            "12 * revenue of the last month",
            12 * (plan.values("revenue")[-1] or Decimal(0)),
            unit=Unit.USD_PER_YEAR,
        ),
    )


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes figures that follow from the plan; `drivers` are what they depend on most."""

    drivers: tuple[Figure, ...]

    def money(
        self,
        key: str,
        label: Notice,
        formula: str,
        value: Decimal | None,
        *,
        unit: Unit = Unit.USD,
        note: Notice | None = None,
    ) -> Figure:
        return Figure(
            key=key,
            label=label,
            value=value,
            unit=unit,
            basis=FigureBasis.COMPUTED,
            formula=formula,
            inputs=self.drivers,
            note=note,
        )

    def month(
        self, key: str, label: Notice, formula: str, value: int | None, otherwise: Notice | None
    ) -> Figure:
        number = None if value is None else Decimal(value)
        note = otherwise if value is None else None
        return self.money(key, label, formula, number, unit=Unit.MONTHS, note=note)


def _burn_multiple(case: BusinessCase, plan: Plan, make: _Maker) -> Figure:
    """Net burn of the first year by the yearly revenue that it added.

    Revenue at the start is that of the customers there were before the first month.
    """
    cash, revenue = plan.values("cash")[11], plan.values("revenue")
    note, value = None, None
    burnt = case.value("cash_at_start") - (cash or Decimal(0))
    customers, last = plan.values("customers"), revenue[11] or Decimal(0)
    before = _revenue_before(case, revenue[0], customers[0])
    added = 12 * (last - before)
    if burnt <= 0:
        note = Notice("no cash is burnt in the first year")
    elif added <= 0:
        note = Notice("the first year adds no revenue")
    else:
        value = burnt / added
    return make.money(
        "burn_multiple",
        Notice("burn multiple of the first year"),
        "(cash_at_start - cash of month 12) / (12 * revenue added by month 12)",
        value,
        unit=Unit.RATIO,
        note=note,
    )


def _revenue_before(
    case: BusinessCase, revenue: Decimal | None, customers: Decimal | None
) -> Decimal:
    """Monthly revenue of the customers at the start, at the revenue per customer of month 1."""
    if not customers or revenue is None:
        return Decimal(0)
    return revenue / customers * case.value("customers_at_start")


def _first(values: Sequence[Decimal | None], holds: Callable[[Decimal | None], bool]) -> int | None:
    return next((number for number, value in enumerate(values, 1) if holds(value)), None)


def _unknown(make: _Maker) -> Finances:
    return Finances(
        **{
            name: make.money(name, Notice("unknown"), "cash", None, note=_NO_PRICE)
            for name in Finances.__slots__
        }
    )
