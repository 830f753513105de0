"""All business models side by side on the same base: one column each, one row per figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio.economics.business_case import BusinessCase, Statement, statement
from studio.economics.deciles import UsageSpread, usage_spread
from studio.economics.figure import Figure
from studio.economics.finance import Finances, finances
from studio.economics.load_figures import load_figures
from studio.economics.plan import Plan, plan
from studio.economics.serving import Serving
from studio.economics.serving_choice import Slo

ROWS = (
    "customers",
    "revenue",
    "cogs",
    "fixed_cost",
    "profit",
    "gross_margin",
    "unit_margin",
    "request_cost",
    "break_even",
    "minimum_price",
    "cac",
    "ltv",
    "ltv_discounted",
    "ltv_to_cac",
    "payback",
    "requests",
    "replicas",
)
"""Figures of the month that every model has, in the order they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelResult:
    """Everything that a business model gives: the month, the plan, its finances, and who loses money.

    `load` has the times at the busiest hour; empty where the way of serving was not given.
    """

    case: BusinessCase
    statement: Statement
    plan: Plan
    finances: Finances
    usage: UsageSpread
    load: tuple[Figure, ...] = ()

    def figure(self, key: str) -> Figure:
        """A figure of the month, of the finances or of the spread of use.

        Raises:
            KeyError: there is none of that key.
        """
        usage = (self.usage.losing_share, self.usage.break_even_requests)
        more = (*self.finances.figures, *usage, *self.load)
        for figure in (*more, *self.statement.figures):
            if figure.key == key:
                return figure
        raise KeyError(key)

    @property
    def headline(self) -> tuple[Figure, ...]:
        """What only this model has, then what all have."""
        keys = (*self.case.model.special, *ROWS)
        return tuple(self.figure(key) for key in keys)


def result_of(
    case: BusinessCase, serving: Serving | None = None, slo: Slo | None = None
) -> ModelResult:
    """Compute a case; a few hundredths of a second, so that it follows a slider.

    Args:
        case: the model with its numbers.
        serving: the way of serving that the case's figures are from, for the times under load.
        slo: the promise that they are from.
    """
    month = statement(case)
    months = plan(case)
    return ModelResult(
        case=case,
        statement=month,
        plan=months,
        finances=finances(case, months),
        usage=usage_spread(case, month),
        load=() if serving is None else load_figures(month, serving, slo),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRow:
    """A figure in every model, in the order of the models."""

    key: str
    figures: tuple[Figure, ...]


def comparison(results: Sequence[ModelResult]) -> tuple[ComparisonRow, ...]:
    """The rows of a side-by-side view: the month's figures, then the plan's. None for no models."""
    if not results:
        return ()
    keys = (*ROWS, *(figure.key for figure in results[0].finances.figures), "losing_share")
    return tuple(
        ComparisonRow(key=key, figures=tuple(result.figure(key) for result in results))
        for key in keys
    )
