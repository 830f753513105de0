"""How many replicas a load needs, as a table that arrays, Decimals and a workbook can look up.

The table is made once per way of serving; a business model that drives the load then closes the loop
between users and replicas without solving a queue at every turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.economics.serving import Serving
from studio.economics.serving_choice import Slo
from studio.economics.serving_fleet import MAX_UTILISATION
from studio.records import Notice

MAX_REPLICAS = 200
"""The longest table: more are extrapolated, and a break-even beyond it counts as none."""

_SOLVED = (1, 2, 3, 4, 6, 8, 12, 16)  # numbers of replicas for which the queue is solved
_HALVINGS = 14  # to a ten-thousandth of the range


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServingSteps:
    """The peak rates that 1, 2, 3, ... replicas carry within the promise.

    `max_rates` is `(n,)` float64, requests per second, ascending; one infinite entry where a provider
    scales by itself. `sizes` is `(n,)` what is paid for in each step, in replicas: 1, 2, 3, ...; of a
    mix, in replicas of its dearer model, those of the other counted by their price. `problem` says why
    no number of replicas keeps the promise; the table is then one of a utilisation of 85 % and the
    promise is broken.
    """

    max_rates: NDArray[np.float64]
    sizes: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    problem: Notice | None = None
    last_step: float = field(init=False)
    """What each step beyond the table carries: as much as those of its last half, in the mean."""
    last_size: float = field(init=False)
    """What each step beyond the table is paid for."""

    def __post_init__(self) -> None:
        """Note what one more step carries and costs."""
        if not len(self.sizes):
            object.__setattr__(self, "sizes", np.arange(1.0, len(self.max_rates) + 1))
        for name, values in (("last_step", self.max_rates), ("last_size", self.sizes)):
            object.__setattr__(self, name, _mean_step(values))

    @property
    def is_limited(self) -> bool:
        """Whether more load ever needs more replicas."""
        return bool(np.isfinite(self.max_rates[0]))

    def replicas(self, rate_per_s: Any) -> Any:  # a float or an array, and the same back
        """The least that is paid for at a peak rate, in replicas; NaN stays NaN."""
        rates = np.asarray(rate_per_s, dtype=np.float64)
        # A NaN is not below anything, so it takes the long way.
        if not self.is_limited or bool(np.all(rates <= self.max_rates[0])):
            return np.where(np.isnan(rates), np.nan, self.sizes[0])
        steps = self._steps(rates)
        n = len(self.max_rates)
        within = self.sizes[np.minimum(np.nan_to_num(steps, nan=1.0), n).astype(np.int64) - 1]
        return within + np.maximum(steps - n, 0.0) * self.last_size

    def _steps(self, rates: NDArray[np.float64]) -> NDArray[np.float64]:
        """The first step that carries a rate, from 1; NaN stays NaN."""
        last, table = float(self.max_rates[-1]), float(len(self.max_rates))
        found = np.searchsorted(self.max_rates, rates, side="left") + 1.0
        beyond = np.maximum(np.ceil((rates - last) / self.last_step), 1.0)
        return np.where(np.isnan(rates), np.nan, np.where(found > table, table + beyond, found))

    def break_even(
        self, fixed_usd: Any, margin_usd: Any, rate_per_unit: Any, replica_usd: Any
    ) -> Any:  # floats or arrays that broadcast, and the same back
        """The least number of units that pay the fixed cost and the replicas that they need.

        In step k that number is `n_k = ceil((fixed + size_k * replica) / margin)`; it counts if the
        step carries it. Both rise with k, so going up from the first step finds the least.

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
        n = len(self.max_rates)
        found = np.full(margin.shape, np.nan)
        # No step carries more for its price than the best one: a unit must pay its share of that.
        best = float((self.max_rates / self.sizes).max())
        left = np.flatnonzero((margin > 0) & (margin >= rate * replica / best))
        needed = np.ones(left.shape)
        for _ in self.max_rates:
            if not left.size:
                break
            paid = self.sizes[needed.astype(np.int64) - 1] * replica[left]
            units = np.ceil(np.round((fixed[left] + paid) / margin[left], 9))
            wanted = self._steps(units * rate[left]) if self.is_limited else np.ones(left.shape)
            is_done = wanted <= needed
            found[left[is_done]] = units[is_done]
            goes_on = ~is_done & (wanted <= n)
            left, needed = left[goes_on], wanted[goes_on]
        return found.reshape(shape)


def steps_of(serving: Serving, slo: Slo | None = None) -> ServingSteps:
    """The table of a way of serving; of a mix, with one server more in each step where most is to do.

    The queue is solved for some steps up to the 16th; between and beyond them the rate is taken to
    follow what saturates the servers, which is on the careful side: large pools wait less per replica.
    """
    least = serving.least_replicas
    if serving.max_rate_per_s is None:
        return ServingSteps(max_rates=np.array([np.inf]), sizes=_sizes(serving, [least]))
    numbers = [least + extra for extra in range(MAX_REPLICAS)]
    ceilings = np.array([serving.saturation_per_s(n) for n in numbers], np.float64)
    ceilings *= MAX_UTILISATION
    solved = np.array(_SOLVED) - 1
    problem, kept = None, ceilings[solved]
    promise = slo or Slo()
    if serving.keeps(0.0, least, promise):
        kept = np.array(
            [_kept_rate(serving, numbers[i], float(ceilings[i]), promise) for i in solved],
            np.float64,
        )
    else:
        problem = serving.at_rate(0.0, slo=slo).problem
    kept = np.maximum.accumulate(kept)
    rates = np.interp(ceilings, ceilings[solved], kept)
    # A promise that hardly any load keeps may leave nothing to go on by: then by the utilisation.
    slope = _slope(ceilings[solved], kept)
    after = slice(solved[-1] + 1, None)
    rates[after] = kept[-1] + slope * (ceilings[after] - ceilings[solved[-1]])
    return ServingSteps(max_rates=rates, sizes=_sizes(serving, numbers), problem=problem)


def _sizes(serving: Serving, numbers: Sequence[int]) -> NDArray[np.float64]:
    """What so many replicas cost, in replicas of the dearer model; their number where none costs."""
    unit = serving.replica_hour_usd
    return np.array(
        [float(serving.hourly_usd(n) / unit) if unit else n for n in numbers], np.float64
    )


def _slope(ceilings: NDArray[np.float64], kept: NDArray[np.float64]) -> float:
    """How much of each further request per second that is not too much keeps the promise; above 0."""
    wide = np.flatnonzero(ceilings < ceilings[-1])
    if not len(wide):
        return 1.0
    before = wide[-1]
    return float((kept[-1] - kept[before]) / (ceilings[-1] - ceilings[before])) or 1.0


def _mean_step(values: NDArray[np.float64]) -> float:
    """How much each entry of the last half is above the one before, in the mean."""
    if len(values) < 2:
        return float(values[-1])
    middle = (len(values) - 1) // 2
    return float((values[-1] - values[middle]) / (len(values) - 1 - middle))


def _kept_rate(serving: Serving, replicas: int, highest: float, slo: Slo) -> float:
    """The highest rate at which that many replicas keep the promise."""
    if serving.keeps(highest, replicas, slo):
        return highest
    low, high = 0.0, highest
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if serving.keeps(middle, replicas, slo):
            low = middle
        else:
            high = middle
    return low
