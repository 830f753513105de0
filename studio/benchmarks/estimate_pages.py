"""What the business pages would predict of a target, by the very functions that they call.

The targets have simulations of their own, which know each engine from within; a visitor sees those of
`economics.serving`, made from the same calibration as from a measurement of "measure now". Knows no
load.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from studio.benchmarks.estimate_rounds import Measured
from studio.economics.measured_base import measured_base
from studio.economics.replayed import Replay
from studio.economics.serving import serve
from studio.economics.serving_choice import AsMeasured
from studio.economics.serving_simulation import play

Floats = NDArray[np.float64]
_VERSION = 0  # of calls outside a prototype


class PagePrediction:
    """Cost and latency of a calibrated target as the cost page has them: served as measured here.

    Args:
        measured: the calibration.
        machine_hour_usd: what an hour of this machine costs.
        at: aware time of the calibration.

    Raises:
        InvalidInput: no request was asked by one caller.
    """

    def __init__(self, measured: Measured, machine_hour_usd: Decimal, at: datetime) -> None:
        replay = Replay(
            measured_at=at, version=_VERSION, requests=measured.requests, sweep=measured.sweep
        )
        calls = measured.calls.assign(version=_VERSION)
        base = measured_base(calls, machine_hour_usd=machine_hour_usd, replay=replay)
        self._serving = serve(base, AsMeasured(), at=at)

    @property
    def saturated_rate_per_s(self) -> float:
        """Requests per second at which the machine is saturated."""
        return self._serving.max_rate_per_s or math.inf

    def steady(self, rate_per_s: float) -> dict[str, float]:
        """p50 and p95 in ms and USD per 1,000 requests of a steady stream; NaN where it is unstable."""
        point = self._serving.at_rate(rate_per_s, replicas=1)
        times = {"p50": point.p50_ms, "p95": point.p95_ms}
        known = {name: math.nan if ms is None else ms for name, ms in times.items()}
        return {**known, "cost": self._cost}

    def played(self, parts_s: Sequence[Floats]) -> dict[str, float]:
        """The same of arrivals, in parts that each begin at 0 with nobody there."""
        total_ms = np.concatenate([play(self._serving, part).total_ms for part in parts_s])
        return {
            "p50": float(np.quantile(total_ms, 0.5)),
            "p95": float(np.quantile(total_ms, 0.95)),
            "cost": self._cost,
        }

    @property
    def _cost(self) -> float:
        costs = [cost.usd for cost in self._serving.stage_costs]
        return math.nan if None in costs else float(sum(filter(None, costs), Decimal(0))) * 1e3
