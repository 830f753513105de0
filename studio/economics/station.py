"""What a request meets on its way: a line, an engine that it shares, and times of its own.

Every way of serving comes down to stations; `serving` makes them, and asks them for percentiles. Times
are in seconds. Knows no money.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from studio.economics.queueing import Part, QueueSolution, ResidenceLaw, solve

Floats = NDArray[np.float64]

MOST_POOLED = 256
"""Replicas above which a line is computed for so many at the same load: these wait a little more than a
larger pool does, and their chain stays short."""
MOST_ROWS = 256
"""Requests of which percentiles are taken, so that a slider is quick."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Station:
    """How measured requests take their time: `W + fixed_i + slope_i S` with S the mean time served.

    `law` is None where nothing is shared (a provider that scales). `fixed_s` and `slope` are `(n,)`, one
    entry per request. `first_fixed_s` and `first_slope` give the time to the first token likewise; None
    where nothing is written. `cs2` is the spread of the work.
    """

    law: ResidenceLaw | None
    fixed_s: Floats
    slope: Floats
    first_fixed_s: Floats | None
    first_slope: Floats | None
    cs2: float

    def solution(self, rate_per_s: float, replicas: int) -> QueueSolution | None:
        """The line in its steady state; None where it has none."""
        if self.law is None:
            return _nothing_shared(rate_per_s)
        if replicas > MOST_POOLED:
            rate_per_s, replicas = rate_per_s * MOST_POOLED / replicas, MOST_POOLED
        return solve(self.law, rate_per_s, replicas=replicas, cs2=self.cs2)

    def parts(self, solution: QueueSolution, weight: float = 1.0) -> tuple[Part, ...]:
        """The whole time of its requests."""
        return _parts(self.fixed_s, self.slope, solution, weight)

    def first_parts(self, solution: QueueSolution, weight: float = 1.0) -> tuple[Part, ...]:
        """The time to the first token; () where nothing is written."""
        if self.first_fixed_s is None or self.first_slope is None:
            return ()
        return _parts(self.first_fixed_s, self.first_slope, solution, weight)

    def mean_s(self, solution: QueueSolution) -> float:
        """Mean of the whole time."""
        return solution.wait_s + float((self.fixed_s + self.slope * solution.service_s).mean())


def _parts(
    fixed_s: Floats, slope: Floats, solution: QueueSolution, weight: float
) -> tuple[Part, ...]:
    """Those who come in at once, by how many they meet; and those who wait."""
    met = _some(fixed_s + slope * solution.met_s[:, None])
    at_once = Part(
        weight=weight * (1 - solution.p_wait),
        p_wait=0.0,
        theta_s=0.0,
        served_s=met.ravel(),
    )
    if solution.p_wait == 0:
        return (at_once,)
    waited = Part(
        weight=weight * solution.p_wait,
        p_wait=1.0,
        theta_s=solution.theta_s,
        served_s=_some((fixed_s + slope * solution.full_s)[None, :])[0],
    )
    return (at_once, waited)


def _some(seconds: Floats) -> Floats:
    """Of each row of `(k, n)`, at most so many values that are spread alike.

    They are its quantiles, read off the sorted row: `np.quantile` takes ten times as long.
    """
    n = seconds.shape[1]
    if n <= MOST_ROWS:
        return seconds
    below, part = _places(n)
    ordered = np.sort(seconds, axis=1)
    low = ordered[:, below]
    return np.asarray(low + (ordered[:, below + 1] - low) * part, np.float64)


@lru_cache(maxsize=64)
def _places(n: int) -> tuple[NDArray[np.int64], Floats]:
    """Where the quantiles lie in n sorted values: the place below, and how far on to the next."""
    at = (np.arange(MOST_ROWS) + 0.5) / MOST_ROWS * (n - 1)
    below = np.floor(at).astype(np.int64)
    return below, at - below


def _nothing_shared(rate_per_s: float) -> QueueSolution:
    return QueueSolution(
        rate_per_s=rate_per_s,
        utilisation=0.0,
        p_wait=0.0,
        theta_s=0.0,
        wait_s=0.0,
        service_s=0.0,
        n_inside=0.0,
        met_s=np.zeros(1),
        full_s=0.0,
    )
