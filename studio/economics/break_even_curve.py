"""What a month brings in and costs with more or fewer customers; the lines cross at the break-even."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.economics.arithmetic import ArrayArithmetic
from studio.economics.business_case import BusinessCase, evaluate
from studio.economics.business_model import CUSTOMERS

_REVENUE, _PROFIT = "revenue", "profit"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BreakEvenCurve:
    """Revenue and all costs of a month, `(n,)` float64 USD, by the number of customers, `(n,)`.

    NaN where there is no value, as where the price of a request is unknown.
    """

    customers: NDArray[np.float64]
    revenue_usd: NDArray[np.float64]
    cost_usd: NDArray[np.float64]


def break_even_curve(case: BusinessCase, customers: Sequence[float]) -> BreakEvenCurve:
    """The month of a case with other numbers of customers, all else as it is.

    Costs are what revenue leaves unexplained of the profit, so that the lines cross where the model's
    own formula has its break-even. Servers are added as the queue needs them.
    """
    counts = np.asarray(customers, np.float64)
    values: dict[str, Any] = {
        figure.key: np.nan if figure.value is None else float(figure.value)
        for figure in case.inputs
    }
    values[CUSTOMERS] = counts
    lines = case.model.lines_for((_REVENUE, _PROFIT))
    evaluate(lines, values, ArrayArithmetic(serving=case.serving.steps))
    revenue = np.broadcast_to(values[_REVENUE], counts.shape).astype(np.float64)
    profit = np.broadcast_to(values[_PROFIT], counts.shape).astype(np.float64)
    return BreakEvenCurve(customers=counts, revenue_usd=revenue, cost_usd=revenue - profit)
