"""What an investor asks of a plan: runway, trough, break-even month, burn multiple, as figures.

Reads a plan and the case it came from; computes nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from studio.economics.business_case import BusinessCase
from studio.economics.figure import Figure, FigureBasis, Unit
from studio.economics.plan import HORIZON_MONTHS, Plan
from studio.records import Notice

_DRIVERS = (
    "cash_at_start",
    "fixed_cost",
    "new_per_month",
    "growth",
    "churn",
    "cac",
    "discount_rate",
)
_YEAR = 12
_NO_PRICE = Notice("cannot be computed: the price of a request is unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finances:
    """The figures of a plan. A month is a number from 1; money is USD.

    `runway` is the first month that ends without cash; `trough` the least cash at the end of a month
    and `trough_month` when; `capital_needed` what is missing at the trough; `profitable_month` the
    first month in which revenue pays everything, winning customers included; `reached_month` the
    first in which the number of customers looked at is there; `burn_multiple` the cash burnt in the
    first year for each dollar of yearly revenue won in it (D. Sacks; below 2 is good). `npv` is what all
    months' money is worth today, the money at the start left out; nothing is added for the time after.
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
    npv: Figure

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All of them, in the order above."""
        return tuple(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class _Kind:
    label: Notice
    method: Notice
    unit: Unit = Unit.USD


_KINDS: Mapping[str, _Kind] = {
    "runway": _Kind(
        Notice("month in which the cash runs out"),
        Notice("the first month that ends with less cash than nothing"),
        Unit.MONTHS,
    ),
    "trough": _Kind(Notice("least cash"), Notice("the least cash at the end of any month")),
    "trough_month": _Kind(
        Notice("month of the least cash"),
        Notice("the first month that ends with the least cash"),
        Unit.MONTHS,
    ),
    "capital_needed": _Kind(
        Notice("money needed beyond the cash at the start"),
        Notice("what is missing when the cash is least; 0 where it never is below 0"),
    ),
    "profitable_month": _Kind(
        Notice("first profitable month"),
        Notice("the first month whose revenue pays all costs, winning customers included"),
        Unit.MONTHS,
    ),
    "reached_month": _Kind(
        Notice("month in which the number looked at is reached"),
        Notice("the first month with at least as many customers as are looked at"),
        Unit.MONTHS,
    ),
    "burn_multiple": _Kind(
        Notice("burn multiple of the first year"),
        Notice("cash burnt in the first year ÷ (12 × monthly revenue added by month 12)"),
        Unit.RATIO,
    ),
    "cash_at_end": _Kind(
        Notice("cash after {n} months", n=HORIZON_MONTHS), Notice("the cash of the last month")
    ),
    "revenue_per_year_at_end": _Kind(
        Notice("yearly revenue after {n} months", n=HORIZON_MONTHS),
        Notice("12 × the revenue of the last month"),
        Unit.USD_PER_YEAR,
    ),
    "npv": _Kind(
        Notice("what {n} months are worth today (NPV)", n=HORIZON_MONTHS),
        Notice(
            "the sum over all months of (change of the cash ÷ (1 + discount rate) to the power of"
            " (month ÷ 12))"
        ),
    ),
}

Answer = Decimal | int | Notice
"""A value, or why there is none."""


def finances(case: BusinessCase, plan: Plan) -> Finances:
    """The figures of a case's plan; without values where the price of a request is unknown."""
    drivers = tuple(figure for figure in case.inputs if figure.key in _DRIVERS)
    months = _Months.of(plan)
    answers = dict.fromkeys(_KINDS, _NO_PRICE) if months is None else _answers(case, months)
    return Finances(**{key: _figure(key, answer, drivers) for key, answer in answers.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Months:
    """The columns that are asked about, with a value in every month."""

    cash: Sequence[Decimal]
    net: Sequence[Decimal]
    revenue: Sequence[Decimal]
    customers: Sequence[Decimal]

    @classmethod
    def of(cls, plan: Plan) -> _Months | None:
        """None where a month has no value."""
        known = {}
        for key in cls.__slots__:
            values = [value for value in plan.values(key) if value is not None]
            if len(values) < HORIZON_MONTHS:
                return None
            known[key] = values
        return cls(**known)


def _answers(case: BusinessCase, months: _Months) -> Mapping[str, Answer]:
    low = min(months.cash)
    wanted = case.value("customers")
    n = HORIZON_MONTHS
    return {
        "runway": _first(months.cash, lambda amount: amount < 0)
        or Notice("not within {n} months", n=n),
        "trough": low,
        "trough_month": months.cash.index(low) + 1,
        "capital_needed": max(Decimal(0), -low),
        "profitable_month": _first(months.net, lambda amount: amount >= 0)
        or Notice("not profitable within {n} months", n=n),
        "reached_month": _first(months.customers, lambda count: count >= wanted)
        or Notice("not reached within {n} months", n=n),
        "burn_multiple": _burn_multiple(case, months),
        "cash_at_end": months.cash[-1],
        "revenue_per_year_at_end": _YEAR * months.revenue[-1],
        "npv": _npv(case, months),
    }


def _npv(case: BusinessCase, months: _Months) -> Decimal:
    """Each month's money at its end, discounted to the start of the first: as NPV in a spreadsheet."""
    month_rate = (1 + case.value("discount_rate")) ** (Decimal(1) / _YEAR)
    before, worth = case.value("cash_at_start"), Decimal(0)
    for month, cash in enumerate(months.cash, 1):
        worth += (cash - before) / month_rate**month
        before = cash
    return worth


def _burn_multiple(case: BusinessCase, months: _Months) -> Answer:
    """Net burn of the first year by the yearly revenue that it added.

    The revenue before is that of the customers at the start, at what each brings in month 1.
    """
    burnt = case.value("cash_at_start") - months.cash[_YEAR - 1]
    before = Decimal(0)
    if months.customers[0]:
        before = months.revenue[0] / months.customers[0] * case.value("customers_at_start")
    added = _YEAR * (months.revenue[_YEAR - 1] - before)
    if burnt <= 0:
        return Notice("no cash is burnt in the first year")
    return burnt / added if added > 0 else Notice("the first year adds no revenue")


def _first(values: Sequence[Decimal], holds: Callable[[Decimal], bool]) -> int | None:
    """The first month, counted from 1, whose value holds."""
    return next((month for month, value in enumerate(values, 1) if holds(value)), None)


def _figure(key: str, answer: Answer, drivers: tuple[Figure, ...]) -> Figure:
    kind = _KINDS[key]
    return Figure(
        key=key,
        label=kind.label,
        value=None if isinstance(answer, Notice) else Decimal(answer),
        unit=kind.unit,
        basis=FigureBasis.COMPUTED,
        method=kind.method,
        inputs=drivers,
        note=answer if isinstance(answer, Notice) else None,
    )
