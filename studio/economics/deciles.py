"""Who loses money: customers by how much they use, from the lightest tenth to the heaviest.

Use is spread by a lognormal law with `usage_sigma`; the heaviest q of the customers cause
`Phi(sigma - z_(1-q))` of all use (the law's Lorenz curve; Aitchison and Brown, The Lognormal
Distribution, 1957). Each tenth is charged its own use at the cost of a request with servers included.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from studio.economics.arithmetic import ArrayArithmetic
from studio.economics.business_case import BusinessCase, Statement, as_decimal, evaluate
from studio.economics.business_model import COST_PER_REQUEST
from studio.economics.figure import Figure, FigureBasis, Unit
from studio.records import Notice

_NORMAL = NormalDist()
N_GROUPS = 10
_PER_CUSTOMER = ("unit_requests", "unit_revenue", "unit_contribution")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decile:
    """A tenth of the customers, 1 being the lightest; per customer and month, USD.

    `use_factor` is how much they use against the mean.
    """

    number: int
    use_factor: float
    requests: float
    revenue_usd: float
    cost_usd: float

    @property
    def margin_usd(self) -> float:
        """What such a customer leaves."""
        return self.revenue_usd - self.cost_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSpread:
    """Who earns and who costs money.

    `deciles` is empty where the cost of a request is unknown. `losing_share` is the share of customers
    that cost more than they bring, `break_even_requests` the use at which one does neither (no value
    where use never decides).
    """

    deciles: tuple[Decile, ...]
    losing_share: Figure
    break_even_requests: Figure


def usage_spread(case: BusinessCase, statement: Statement) -> UsageSpread:
    """The deciles of a month's customers."""
    cost = statement.value("request_cost")
    if cost is None:
        cost = as_decimal(case.serving.cost_per_request.value)
    sigma = float(case.value("usage_sigma"))
    if cost is None:
        return UsageSpread(
            deciles=(),
            losing_share=_figure(
                _LOSING, None, statement, Notice("the cost of a request is unknown")
            ),
            break_even_requests=_figure(
                _EVEN, None, statement, Notice("the cost of a request is unknown")
            ),
        )
    factors = _mean_use(sigma)
    values = _per_customer(case, float(cost), np.array([*factors, 0.0, 1.0]))
    margin = values["unit_contribution"]  # its cost of a request has the servers in it
    deciles = tuple(
        Decile(
            number=index + 1,
            use_factor=float(factors[index]),
            requests=float(values["unit_requests"][index]),
            revenue_usd=float(values["unit_revenue"][index]),
            cost_usd=float(values["unit_revenue"][index] - margin[index]),
        )
        for index in range(N_GROUPS)
    )
    idle, slope = float(margin[-2]), float(margin[-1] - margin[-2])
    return UsageSpread(
        deciles=deciles,
        losing_share=_figure(_LOSING, _losing_share(idle, slope, sigma), statement),
        break_even_requests=_break_even(idle, slope, float(values["unit_requests"][-1]), statement),
    )


def use_share_of_heaviest(share: float, sigma: float) -> float:
    """How much of all use the heaviest share of customers causes, `Phi(sigma - z_(1 - share))`.

    Args:
        share: strictly between 0 and 1.
        sigma: standard deviation of the logarithm of use.
    """
    return _NORMAL.cdf(sigma - _NORMAL.inv_cdf(1 - share))


def _mean_use(sigma: float) -> list[float]:
    """The mean use of each tenth against that of all, the lightest first; their mean is 1."""
    above = [
        1.0,
        *(use_share_of_heaviest(1 - i / N_GROUPS, sigma) for i in range(1, N_GROUPS)),
        0.0,
    ]
    return [N_GROUPS * (above[i] - above[i + 1]) for i in range(N_GROUPS)]


def _per_customer(case: BusinessCase, cost: float, factors: Any) -> Mapping[str, Any]:
    """The lines per customer with use scaled by factors `(n,)`; linear in them for all models."""
    values: dict[str, Any] = {
        key: math.nan if value is None else float(value) for key, value in case.decimals().items()
    }
    values[COST_PER_REQUEST] = cost
    for key in case.model.usage_keys:
        values[key] = values[key] * factors
    lines = case.model.lines_for(_PER_CUSTOMER)
    evaluate(lines, values, ArrayArithmetic(serving=case.serving.steps))
    shape = np.shape(factors)
    for key in _PER_CUSTOMER:
        values[key] = np.broadcast_to(values[key], shape)
    return values


def _losing_share(idle: float, slope: float, sigma: float) -> float:
    """The share of customers whose margin `idle + slope * use` is negative; use has mean 1."""
    if slope == 0 or -idle / slope <= 0:
        return 1.0 if idle + slope < 0 else 0.0
    below = _NORMAL.cdf((math.log(-idle / slope) + sigma**2 / 2) / sigma)
    return below if slope > 0 else 1 - below


_LOSING = ("losing_share", Notice("share of customers who cost more than they bring"), Unit.SHARE)
_EVEN = (
    "break_even_requests",
    Notice("requests per month at which a customer brings nothing"),
    Unit.REQUESTS_PER_MONTH,
)
_INPUTS = ("usage_sigma", "request_cost", "unit_revenue", "unit_cost")


def _figure(
    what: tuple[str, Notice, Unit],
    value: float | None,
    statement: Statement,
    note: Notice | None = None,
) -> Figure:
    key, label, unit = what
    return Figure(
        key=key,
        label=label,
        value=value,
        unit=unit,
        basis=FigureBasis.COMPUTED,
        formula="share of a lognormal law of use where revenue < cost"
        if key == "losing_share"
        else "use where revenue == cost",
        inputs=tuple(statement.figure(name) for name in _INPUTS),
        note=note,
    )


def _break_even(idle: float, slope: float, requests: float, statement: Statement) -> Figure:
    if slope == 0 or -idle / slope <= 0:
        note = (
            Notice("whoever uses more leaves more")
            if idle + slope >= 0
            else Notice("every customer costs more than it brings, however little it uses")
        )
        return _figure(_EVEN, None, statement, note)
    return _figure(_EVEN, -idle / slope * requests, statement)
