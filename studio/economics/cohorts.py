"""Customers by the month in which they started, and how many of them are still there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.economics.business_case import BusinessCase
from studio.economics.plan import Plan


def cohorts(case: BusinessCase, plan: Plan) -> NDArray[np.float64]:
    """Who is there in each month, by starting month.

    Returns:
        `(n_months + 1, n_months)` float64: row 0 are the customers at the start, row i those who
        started in month i; column j is month j + 1. Before its start a cohort is 0. Columns add up to
        the plan's customers: `active_(t+1) = active_t (1 - churn) + new_t`.
    """
    joined = np.array([float(value or 0) for value in plan.values("joined")])
    stays = 1 - float(case.value("churn"))
    months = np.arange(1, len(joined) + 1)
    ages = months[None, :] - months[:, None]  # (n, n): months since the start
    table = np.where(ages >= 0, joined[:, None] * stays ** np.maximum(ages, 0), 0.0)
    first = float(case.value("customers_at_start")) * stays**months
    return np.vstack([first, table])
