"""One way of serving a measured base: what a request costs, and how it behaves under load.

    serve(base, choice) -> Serving;   Serving.at_rate(requests per second) -> LoadPoint

The loop between money and latency is closed here: the rate decides the replicas that the promise
needs, the replicas decide the hourly cost. Knows no business model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from studio.economics.measured_base import MeasuredBase
from studio.economics.serving_choice import ServingChoice, Slo
from studio.records import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCost:
    """What a stage adds to the mean cost of a request; `usd` is None where no price is known."""

    stage: str
    usd: Decimal | None
    basis: str  # "measured", "catalogue", "assumed" or "extrapolated"
    source: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPoint:
    """A choice at one rate of requests, with a number of replicas.

    Times are in ms and None where it is unstable or where no time can be said. `hourly_usd` is
    what all replicas cost per hour whatever they do; `variable_usd_per_request` comes on top for
    each request (None: no price known). `replicas_needed` is the least number that keeps the
    promise at no more than 85 % utilisation; None where no number of replicas keeps it.
    `problem` says what is wrong and what is needed; None where all is well. `first_*` are times to
    the first token, None where the prototype writes nothing.
    """

    rate_per_s: float
    replicas: int
    replicas_needed: int | None
    is_stable: bool
    meets_slo: bool
    utilisation: float
    mean_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    first_p50_ms: float | None
    first_p95_ms: float | None
    first_p99_ms: float | None
    hourly_usd: Decimal
    variable_usd_per_request: Decimal | None
    usd_per_request: Decimal | None
    problem: Notice | None


class Serving:
    """A choice fitted to a base; made by `serve`. Immutable; every method is pure and quick.

    Attributes:
        choice: what was chosen.
        name: for people, such as "gpt-4o-mini at OpenAI".
        basis: "measured", "assumed" or "extrapolated": what the times rest on.
        band: relative half-width of the uncertainty of times, such as 0.4 for a GPU's.
        stage_costs: mean cost of a request by stage; for machines the busy time's share.
        replica_hour_usd: what one replica costs per hour, overhead included; 0 for none.
        variable_usd_per_request: what each request costs on top; None where no price is known.
        max_rate_per_s: requests per second of one replica at saturation; None where unlimited.
        request_usd: `(n_requests,)` float64, variable cost of each measured request, for
            deciles and heavy users; NaN where unknown.
        notes: what a reader must know: assumptions, extrapolations, deprecated models.
    """

    choice: ServingChoice
    name: Notice
    basis: str
    band: float
    stage_costs: tuple[StageCost, ...]
    replica_hour_usd: Decimal
    variable_usd_per_request: Decimal | None
    max_rate_per_s: float | None
    request_usd: NDArray[np.float64]
    notes: tuple[Notice, ...]

    def at_rate(
        self, rate_per_s: float, *, replicas: int | None = None, slo: Slo | None = None
    ) -> LoadPoint:
        """Cost and latency at a steady Poisson rate.

        Args:
            rate_per_s: requests per second, 0 or more; 0 is an idle service.
            replicas: how many there are; by default as many as the promise needs (at least 1).
            slo: the promise; by default 95 % within 10 s.

        Raises:
            InvalidInput: the rate is negative or no number, or there are no replicas.
        """
        raise NotImplementedError

    def curve(
        self, rates_per_s: Sequence[float], *, replicas: int | None = None, slo: Slo | None = None
    ) -> tuple[LoadPoint, ...]:
        """`at_rate` for each rate, in order."""
        return tuple(self.at_rate(rate, replicas=replicas, slo=slo) for rate in rates_per_s)


def serve(base: MeasuredBase, choice: ServingChoice, *, at: datetime) -> Serving:
    """Fit a choice to a base.

    Args:
        base: the measured requests.
        choice: how they would be served.
        at: aware time at which hosted models are priced.

    Raises:
        InvalidInput: the base is empty, or the choice does not fit it.
        PriceUnknown: the price list has no such model.
        NotFound: the table has no such GPU or model.
    """
    raise NotImplementedError


def pareto(points: Sequence[tuple[float, float]]) -> tuple[int, ...]:
    """Which points (cost, latency) no other one beats in both, by position; lower is better.

    Ordered by cost. Of equal points the first counts. None for no points.
    """
    raise NotImplementedError
