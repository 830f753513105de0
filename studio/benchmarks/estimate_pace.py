"""How quick the machine is just now, against how quick it was while a target was calibrated.

A shared or warm machine is 15 to 40 % quicker or slower within minutes. So a few requests are asked one
after the other before and after every load, and where they are quick also by several callers at once,
and a prediction is stretched by what they took: the engine stays as it was calibrated, only its clock
runs otherwise. Knows no load and no bound.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.benchmarks.estimate_rounds import Ask, rate_per_s
from studio.economics.service_time import SweepPoint

Floats = NDArray[np.float64]

PROBE_S = 5.0
"""A probe lasts at least so long: shorter ones measure a moment, not a pace."""
_LEAST = 6  # requests


class Pacemaker:
    """Asks requests alone, in turn, and compares them with what each took alone before.

    Args:
        ask: asks the request of a place in the set and waits for its answer.
        alone_s: `(n_distinct,)` seconds that each took alone while the target was calibrated.
        least_s: how long a probe lasts at least.
        together: what several callers reached while the target was calibrated; half of a probe is
            theirs then, as a machine that rests between requests may have another pace than one that
            does not. Long requests are not asked so: a probe has too few of them.
    """

    def __init__(
        self,
        ask: Ask,
        alone_s: Floats,
        least_s: float = PROBE_S,
        together: SweepPoint | None = None,
    ) -> None:
        self._ask, self._alone_s, self._least_s = ask, alone_s, least_s
        self._together = together
        # In turn over the whole set, so that what an engine remembers is as old as it was before.
        self._positions = itertools.cycle(range(len(alone_s)))

    def probe(self) -> float:
        """Seconds now for a second then: 1.2 is a fifth slower than while it was calibrated."""
        point = self._together
        if point is None:
            return self._alone(self._least_s)
        half_s = self._least_s / 2
        rate = rate_per_s(self._ask, len(self._alone_s), point.n_concurrent, half_s)
        return (self._alone(half_s) + point.rate_per_s / rate) / 2

    def _alone(self, least_s: float) -> float:
        spent = expected = 0.0
        n = 0
        while n < _LEAST or spent < least_s:
            position = next(self._positions)
            began_s = time.perf_counter()
            self._ask(position)
            spent += time.perf_counter() - began_s
            expected += float(self._alone_s[position])
            n += 1
        return spent / expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Paces just before and just after a load, as `Pacemaker.probe` gives them."""

    before: float
    after: float

    @property
    def mean(self) -> float:
        """The pace that the load most likely had."""
        return (self.before + self.after) / 2

    @property
    def drift(self) -> float:
        """By how much the machine became slower meanwhile, such as 0.1; below 0 quicker."""
        return self.after / self.before - 1
