"""A business month by month: who comes and leaves, what that load costs, and what is left in the bank.

The columns are formulas like the lines of a model; the model's own lines are computed anew for every
month with that month's customers, so that the servers grow with the load. One recursion serves Decimals,
arrays of a simulation, and the workbook.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd

from studio.economics.arithmetic import DecimalArithmetic
from studio.economics.business_case import BusinessCase, evaluate
from studio.economics.business_model import BusinessModel, Line
from studio.economics.figure import Unit
from studio.economics.formula import Arithmetic
from studio.records import Notice

HORIZON_MONTHS = 36

BEFORE = (
    Line(
        key="new",
        label=Notice("new customers won"),
        unit=Unit.COUNT_PER_MONTH,
        formula="new_per_month * (1 + growth) ** (month - 1)",
    ),
    Line(
        key="joined",
        label=Notice("customers who start"),
        unit=Unit.COUNT_PER_MONTH,
        formula="new_lagged",
    ),
    Line(
        key="customers",
        label=Notice("number of customers"),
        unit=Unit.COUNT,
        formula="customers_before * (1 - churn) + joined",
    ),
    Line(
        key="volume",
        label=Notice("customers by use"),
        unit=Unit.COUNT,
        formula="volume_before * retention + joined",
    ),
)
"""Columns before the model's own. `x_before` is x a month earlier, `new_lagged` the new customers of
`sales_cycle` months earlier."""

OF_THE_MODEL = (
    "requests",
    "peak_rate",
    "replicas",
    "serving_cost",
    "revenue",
    "cogs",
    "gross_profit",
    "profit",
)
"""The lines of the model that a plan shows."""

AFTER = (
    Line(
        key="acquisition",
        label=Notice("spent on winning customers"),
        unit=Unit.USD_PER_MONTH,
        formula="new * cac",
    ),
    Line(
        key="net",
        label=Notice("profit after winning customers"),
        unit=Unit.USD_PER_MONTH,
        formula="profit - acquisition",
    ),
    Line(
        key="collected",
        label=Notice("money received"),
        unit=Unit.USD_PER_MONTH,
        formula="revenue_lagged",
    ),
    Line(
        key="cash",
        label=Notice("cash at the end of the month"),
        unit=Unit.USD,
        formula="cash_before + collected - cogs - fixed_cost - acquisition",
    ),
)
"""Columns after them. `revenue_lagged` is the revenue of `payment_delay` months earlier."""

STARTS: Mapping[str, str] = {
    "customers": "customers_at_start",
    "volume": "customers_at_start",
    "cash": "cash_at_start",
}
"""What stands before the first month -> the assumption that says so."""

LAGS: Mapping[str, tuple[str, str]] = {
    "new_lagged": ("new", "sales_cycle"),
    "revenue_lagged": ("revenue", "payment_delay"),
}
"""Name of a late column -> the column, and the assumption that says by how many months."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanColumn:
    """A column of a plan: one value per month, None where it does not exist."""

    key: str
    label: Notice
    unit: Unit
    formula: str
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A business over `HORIZON_MONTHS` months, the first one being month 1."""

    columns: tuple[PlanColumn, ...]

    def column(self, key: str) -> PlanColumn:
        """The column of that key.

        Raises:
            KeyError: there is none.
        """
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(key)

    def values(self, key: str) -> tuple[Decimal | None, ...]:
        """The months of a column."""
        return self.column(key).values

    def frame(self) -> pd.DataFrame:
        """The plan as float64 with the months 1, 2, ... as index; NaN where there is no value."""
        columns = {
            column.key: [float("nan") if value is None else float(value) for value in column.values]
            for column in self.columns
        }
        n_months = len(self.columns[0].values)
        return pd.DataFrame(columns, index=pd.RangeIndex(1, n_months + 1, name="month"))


@cache
def plan_lines(model: BusinessModel) -> tuple[Line, ...]:
    """All that is computed per month, in order: what a plan shows, and what it needs for that."""
    own = [
        line
        for line in model.lines_for(OF_THE_MODEL)
        if line.key in model.by_customers and line.key != "volume"
    ]
    return (*BEFORE, *own, *AFTER)


def shown_lines(model: BusinessModel) -> tuple[Line, ...]:
    """The lines whose months a plan shows."""
    shown = {line.key for line in (*BEFORE, *AFTER)} | set(OF_THE_MODEL)
    return tuple(line for line in plan_lines(model) if line.key in shown)


def run_months(
    model: BusinessModel, values: Mapping[str, Any], arithmetic: Arithmetic
) -> tuple[dict[str, Any], ...]:
    """The months of a plan, each with all its values by key.

    Args:
        model: whose lines are computed.
        values: assumptions and the serving's figures, all of the arithmetic's kind; the lags are the
            same for all elements of arrays.
        arithmetic: Decimals or arrays.
    """
    common = dict(values)
    evaluate(_unchanging(model), common, arithmetic)
    lines = plan_lines(model)
    lags = {name: (column, _months(values[key])) for name, (column, key) in LAGS.items()}
    months: list[dict[str, Any]] = []
    zero = arithmetic.number("0")
    for number in range(HORIZON_MONTHS):
        month = dict(common, month=arithmetic.number(str(number + 1)))
        for column, start in STARTS.items():
            month[f"{column}_before"] = months[-1][column] if months else common[start]
        for line in lines:
            for name, (column, lag) in lags.items():
                if name in line.parsed.names:
                    source = month if lag == 0 else months[number - lag] if lag <= number else None
                    month[name] = zero if source is None else source[column]
            month[line.key] = line.parsed.evaluate(month, arithmetic)
        months.append(month)
    return tuple(months)


def plan(case: BusinessCase) -> Plan:
    """The case month by month, in Decimals."""
    months = run_months(case.model, case.decimals(), DecimalArithmetic(serving=case.serving.steps))
    return Plan(
        columns=tuple(
            PlanColumn(
                key=line.key,
                label=line.label,
                unit=line.unit,
                formula=line.formula,
                values=tuple(month[line.key] for month in months),
            )
            for line in shown_lines(case.model)
        )
    )


@cache
def _unchanging(model: BusinessModel) -> tuple[Line, ...]:
    """The lines that all months share and need, computed once."""
    needed = {name for line in plan_lines(model) for name in line.parsed.names}
    return tuple(line for line in model.lines_for(needed) if line.key not in model.by_customers)


def _months(value: Any) -> int:  # a Decimal, or a float for all draws
    """Whole months, halves rounded up as ROUND in the workbook does it, not to even."""
    return math.floor(float(value) + 0.5)
