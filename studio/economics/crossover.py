"""From how many requests per month on one way of serving is cheaper than another.

Servers cost by the hour whatever they do, hosted models by the request: so a server of one's own pays
from some load on, `V* = fixed / (c_hosted - c_own)`. Here the servers grow with the load, as the queue
has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from studio.economics.business_case import ServingFigures
from studio.economics.figure import Figure, FigureBasis, Unit
from studio.economics.shared_lines import PEAK, PEAK_FACTOR
from studio.records import Notice

SECONDS_PER_MONTH = 2_592_000
HOURS_PER_MONTH = 730
LEAST_REQUESTS, MOST_REQUESTS = 1_000.0, 1e9
_N_LOADS = 2_001


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crossover:
    """Two ways of serving over the load.

    `requests` is `(n,)` float64, requests per month, rising by a constant factor; `first_usd` and
    `second_usd` what each way costs per month there, NaN where a price is unknown. `from_requests` is
    the load from which on the second is the cheaper one for good; it has no value where it never is.
    """

    requests: NDArray[np.float64]
    first_usd: NDArray[np.float64]
    second_usd: NDArray[np.float64]
    from_requests: Figure


def crossover(
    first: ServingFigures, second: ServingFigures, *, peak_factor: float = PEAK_FACTOR
) -> Crossover:
    """Compare two ways of serving from a thousand to a billion requests per month.

    Args:
        first: such as a hosted model.
        second: such as a server of one's own.
        peak_factor: the busiest hour against the mean of the month, for which servers are kept.

    Raises:
        InvalidInput: the peak factor is below 1.
    """
    requests = np.geomspace(LEAST_REQUESTS, MOST_REQUESTS, _N_LOADS)
    costs = [_monthly_usd(one, requests, peak_factor) for one in (first, second)]
    is_cheaper = costs[1] < costs[0]  # False where one is unknown
    above = np.flatnonzero(~is_cheaper)
    start = int(above[-1]) + 1 if above.size else 0
    found = float(requests[start]) if start < len(requests) else None
    unknown = any(one.cost_per_request.value is None for one in (first, second))
    note = None
    if found is None:
        note = (
            Notice("the price of a request is unknown")
            if unknown
            else Notice("it is never the cheaper one for good")
        )
    figure = Figure(
        key="from_requests",
        label=Notice("requests per month from which on it is cheaper"),
        value=found,
        unit=Unit.REQUESTS_PER_MONTH,
        basis=FigureBasis.COMPUTED,
        method=Notice(
            "the least requests a month at which, and beyond which, the second way costs less than"
            " the first"
        ),
        inputs=(*first.figures[:2], *second.figures[:2], _peak_figure(peak_factor)),
        note=note,
    )
    return Crossover(
        requests=requests, first_usd=costs[0], second_usd=costs[1], from_requests=figure
    )


def _peak_figure(peak_factor: float) -> Figure:
    return PEAK.with_value(Decimal(str(peak_factor))).figure


def _monthly_usd(
    serving: ServingFigures, requests: NDArray[np.float64], peak_factor: float
) -> NDArray[np.float64]:
    cost, hour = serving.cost_per_request.value, serving.replica_hour.value
    peak = requests / SECONDS_PER_MONTH * peak_factor
    servers = serving.steps.replicas(peak) * float(hour or 0) * HOURS_PER_MONTH
    per_request = float("nan") if cost is None else float(cost)
    return np.asarray(servers + requests * per_request)
