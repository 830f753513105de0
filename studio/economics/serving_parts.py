"""What the ways of serving are made of: measured requests that stand for all, costs by stage, a path.

Values only; `serving_path` and `serving_gpu` make them from a choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from studio.economics.measured_base import MeasuredBase
from studio.economics.station import Station
from studio.records import Notice, Stage

MOST_SAMPLED = 1_000
"""Requests that a path is made of; of more, every so-manieth by its time, so that a slider is quick."""
HOUR_S = 3600
MS = 1e3

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCost:
    """What a stage adds to the mean cost of a request; `usd` is None where no price is known.

    `basis` is "measured" (this machine's time), "catalogue", "assumed" or "extrapolated". `as_of` is the
    day of its price; None where nobody says.
    """

    stage: str
    usd: Decimal | None
    basis: str
    source: Notice
    as_of: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path:
    """A way of serving, before any rate. Arrays are `(n,)`, one entry per sampled request.

    `request_usd` is what each costs on top of the hours (NaN: unknown). `model_stage` is the stage that
    the choice is about, `before_s` what a request takes before and beside it. `has_times` False: answers
    come within hours, so no time is said. `is_elsewhere`: it needs no machine of one's own.
    """

    name: Notice
    basis: str
    band: float
    station: Station
    replica_hour_usd: Decimal
    request_usd: Floats
    stage_costs: tuple[StageCost, ...]
    model_stage: str
    before_s: Floats
    notes: tuple[Notice, ...]
    has_times: bool = True
    is_elsewhere: bool = False


class Sampled:
    """The base's requests, or a thousand that stand for them; seconds, without time in line."""

    def __init__(self, base: MeasuredBase) -> None:
        order = np.argsort(base.total_ms, kind="stable")
        if len(order) > MOST_SAMPLED:
            order = order[np.linspace(0, len(order) - 1, MOST_SAMPLED).round().astype(int)]
        self.rows = np.sort(order)
        self.stages = base.arrays
        self.versions = base.versions[self.rows]
        queued = sum((stage.queue_ms[self.rows] for stage in base.arrays), np.zeros(len(self.rows)))
        self.service_s = np.maximum(base.total_ms[self.rows] - queued, 1e-3) / MS
        first_ms = base.first_token_ms[self.rows] - queued
        self.has_first = bool((~np.isnan(first_ms)).any())
        # A request that shows no token of its own has its first words when it has all of them.
        whole = self.service_s * MS
        self.first_s = np.clip(np.where(np.isnan(first_ms), whole, first_ms), 0, whole) / MS
        self.model = base.stage(Stage.GENERATION) or base.stage(Stage.EMBEDDING)
        self.embedding = base.stage(Stage.EMBEDDING)
        self.writes = base.stage(Stage.GENERATION) is not None

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, values: Floats) -> Floats:
        """A stage's array, of the sampled requests."""
        return values[self.rows]

    @property
    def model_s(self) -> Floats:
        """Seconds in the stage that another model would take over."""
        if self.model is None:
            return np.zeros(len(self))
        return np.maximum(self.of(self.model.total_ms - self.model.queue_ms), 0) / MS

    @property
    def other_s(self) -> Floats:
        """Seconds of everything else."""
        return np.maximum(self.service_s - self.model_s, 0)
