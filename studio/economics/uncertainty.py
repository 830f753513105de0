"""How sure a business is: thousands of random worlds for each model, on the same base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.economics.arithmetic import ArrayArithmetic
from studio.economics.business_case import BusinessCase, evaluate
from studio.economics.plan import run_months
from studio.economics.sampling import draw
from studio.records import Notice

Array = NDArray[np.float64]
N_DRAWS = 10_000
PERCENTILES = (10.0, 50.0, 90.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The 10th, 50th and 90th percentile of a figure over all worlds in which it exists.

    `exists` is the share of those worlds; the percentiles are None where there is none ("never breaks
    even").
    """

    p10: float | None
    p50: float | None
    p90: float | None
    exists: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outlook:
    """What comes of a model over all worlds.

    `(36,)` float64 for each month: `cash_p10`, `cash_p50`, `cash_p90` in USD, and
    `profitable_by`, the share of worlds that had a profitable month by then, winning customers
    included. `profits_usd` is `(n_draws,)`: the profit of the month that is looked at, before winning
    customers; `out_of_cash` the share of worlds that run out of cash within the horizon.

    `unknown` says why nothing can be said of the months, where a world has one without a value (the
    price of a request is unknown); cash and shares are NaN then.
    """

    model_key: str
    n_draws: int
    profit: Range
    gross_margin: Range
    break_even: Range
    request_cost: Range
    cash_p10: Array
    cash_p50: Array
    cash_p90: Array
    profitable_by: Array
    profits_usd: Array
    out_of_cash: float
    unknown: Notice | None = None


def outlooks(
    cases: Sequence[BusinessCase], *, n_draws: int = N_DRAWS, seed: int = 0
) -> tuple[Outlook, ...]:
    """What comes of each case in random worlds; cases share them, so that they can be compared.

    The same seed gives the same result.
    """
    worlds = draw(cases, n_draws, seed)
    return tuple(_outlook(case, world, n_draws) for case, world in zip(cases, worlds, strict=True))


def _outlook(case: BusinessCase, world: Mapping[str, Any], n_draws: int) -> Outlook:
    arithmetic = ArrayArithmetic(serving=case.serving.steps)
    values = dict(world)
    wanted = ("profit", "gross_margin", "break_even", "request_cost")
    evaluate(case.model.lines_for(wanted), values, arithmetic)
    months = run_months(case.model, world, arithmetic)
    cash = np.stack([np.broadcast_to(month["cash"], n_draws) for month in months])
    net = np.stack([np.broadcast_to(month["net"], n_draws) for month in months])
    bands = np.percentile(cash, PERCENTILES, axis=1)  # (3, months); NaN if any world has no cash
    is_known = bool(np.isfinite(cash).all() and np.isfinite(net).all())
    profitable = np.maximum.accumulate(net >= 0, axis=0).mean(axis=1)
    return Outlook(
        model_key=case.model.key,
        n_draws=n_draws,
        **{key: _range(np.broadcast_to(values[key], n_draws)) for key in wanted},
        cash_p10=bands[0],
        cash_p50=bands[1],
        cash_p90=bands[2],
        profitable_by=profitable if is_known else np.full(len(months), np.nan),
        profits_usd=np.array(np.broadcast_to(values["profit"], n_draws)),
        out_of_cash=float((cash < 0).any(axis=0).mean()) if is_known else float("nan"),
        unknown=None if is_known else _reason(case),
    )


def _reason(case: BusinessCase) -> Notice:
    """Why months have no value: the first input without one says it."""
    notes = (figure.note for figure in case.inputs if figure.value is None)
    return next(filter(None, notes), Notice("in some worlds the months cannot be computed"))


def _range(values: Array) -> Range:
    there = values[np.isfinite(values)]
    if not there.size:
        return Range(p10=None, p50=None, p90=None, exists=0.0)
    p10, p50, p90 = (float(value) for value in np.percentile(there, PERCENTILES))
    return Range(p10=p10, p50=p50, p90=p90, exists=there.size / values.size)
