"""How many replicas a load needs, as a table that arrays, Decimals and a workbook can look up.

The table is made once per way of serving; a business model that drives the load then closes the loop
between users and replicas without solving a queue at every turn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.economics.serving import MAX_UTILISATION, Serving
from studio.economics.serving_choice import Slo
from studio.records import Notice

MAX_REPLICAS = 200
"""The longest table: more are extrapolated, and a break-even beyond it counts as none."""

_SOLVED = (1, 2, 3, 4, 6, 8, 12, 16)  # numbers of replicas for which the queue is solved
_HALVINGS = 14  # to a ten-thousandth of the range


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServingSteps:
    """The peak rates that 1, 2, 3, ... replicas carry within the promise.

    `max_rates` is `(n,)` float64, requests per second, ascending; one infinite entry where a provider
    scales by itself. `problem` says why no number of replicas keeps the promise; the table is then one
    of a utilisation of 85 % and the promise is broken.
    """

    max_rates: NDArray[np.float64]
    problem: Notice | None = None
    last_step: float = field(init=False)
    """What each replica beyond the table carries: as much as the last one in it."""

    def __post_init__(self) -> None:
        """Note what one more replica carries."""
        steps = np.diff(self.max_rates, prepend=0.0)
        object.__setattr__(self, "last_step", float(steps[-1]))

    @property
    def is_limited(self) -> bool:
        """Whether more load ever needs more replicas."""
        return bool(np.isfinite(self.max_rates[0]))

    def replicas(self, rate_per_s: Any) -> Any:  # a float or an array, and the same back
        """The least number of replicas for a peak rate; at least one. NaN stays NaN."""
        rates = np.asarray(rate_per_s, dtype=np.float64)
        # A NaN is not below anything, so it takes the long way.
        if not self.is_limited or bool(np.all(rates <= self.max_rates[0])):
            return np.where(np.isnan(rates), np.nan, 1.0)
        last = float(self.max_rates[-1])
        found = np.searchsorted(self.max_rates, rates, side="left") + 1.0
        beyond = np.maximum(np.ceil((rates - last) / self.last_step), 1.0)
        table = float(len(self.max_rates))
        return np.where(np.isnan(rates), np.nan, np.where(found > table, table + beyond, found))

    def break_even(
        self, fixed_usd: Any, margin_usd: Any, rate_per_unit: Any, replica_usd: Any
    ) -> Any:  # floats or arrays that broadcast, and the same back
        """The least number of units that pay the fixed cost and the replicas that they need.

        With k replicas that number is `n_k = ceil((fixed + k * replica) / margin)`; it counts if k
        replicas carry it. Both rise with k, so going up from one replica finds the least.

        Args:
            fixed_usd: per month, without replicas.
            margin_usd: what a unit leaves per month, without replicas.
            rate_per_unit: requests per second that a unit adds at the peak.
            replica_usd: what a replica costs per month.

        Returns:
            Whole units; NaN where a unit leaves nothing, or not what its share of replicas costs, or
            where more replicas than the table has would be needed.
        """
        fixed, margin, rate, replica = np.broadcast_arrays(
            *(
                np.asarray(value, dtype=np.float64)
                for value in (fixed_usd, margin_usd, rate_per_unit, replica_usd)
            )
        )
        shape = margin.shape
        fixed, margin, rate, replica = (np.ravel(one) for one in (fixed, margin, rate, replica))
        largest = float(np.diff(self.max_rates, prepend=0.0).max())
        found = np.full(margin.shape, np.nan)
        # k replicas carry at most k of the largest steps: a unit must pay its share of them.
        left = np.flatnonzero((margin > 0) & (margin > rate * replica / largest))
        needed = np.ones(left.shape)
        for _ in self.max_rates:
            units = np.ceil(np.round((fixed[left] + needed * replica[left]) / margin[left], 9))
            wanted = self.replicas(units * rate[left])
            is_done = wanted <= needed
            found[left[is_done]] = units[is_done]
            goes_on = ~is_done & (wanted <= len(self.max_rates))
            left, needed = left[goes_on], wanted[goes_on]
        return found.reshape(shape)


def steps_of(serving: Serving, slo: Slo | None = None) -> ServingSteps:
    """The table of a way of serving.

    The queue is solved for some numbers of replicas up to 16; between and beyond them the rate is
    taken as linear, which is on the careful side: large pools wait less per replica.
    """
    per_replica = serving.max_rate_per_s
    if per_replica is None:
        return ServingSteps(max_rates=np.array([np.inf]))
    highest = np.array([n * per_replica * MAX_UTILISATION for n in _SOLVED])
    problem = None
    if serving.at_rate(0.0, replicas=1, slo=slo).meets_slo:
        kept = np.array(
            [_kept_rate(serving, n, float(r), slo) for n, r in zip(_SOLVED, highest, strict=True)]
        )
    else:
        problem, kept = serving.at_rate(0.0, slo=slo).problem, highest
    kept = np.maximum.accumulate(kept)
    numbers = np.arange(1, MAX_REPLICAS + 1)
    rates = np.interp(numbers, _SOLVED, kept)
    # A promise that hardly any load keeps may leave nothing to go on by: then by the utilisation.
    slope = (kept[-1] - kept[-2]) / (_SOLVED[-1] - _SOLVED[-2]) or per_replica * MAX_UTILISATION
    after = numbers > _SOLVED[-1]
    rates[after] = kept[-1] + slope * (numbers[after] - _SOLVED[-1])
    return ServingSteps(max_rates=rates, problem=problem)


def _kept_rate(serving: Serving, replicas: int, highest: float, slo: Slo | None) -> float:
    """The highest rate at which that many replicas keep the promise."""
    if serving.at_rate(highest, replicas=replicas, slo=slo).meets_slo:
        return highest
    low, high = 0.0, highest
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if serving.at_rate(middle, replicas=replicas, slo=slo).meets_slo:
            low = middle
        else:
            high = middle
    return low
