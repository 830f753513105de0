"""The models that a way of serving is made of, each with its share of the requests and its replicas.

One model, or the two of a mix: replicas are given to whichever has most to do. Knows no promise and no
queue.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from studio.economics.queueing import replicas_for
from studio.economics.serving_parts import Path, StageCost
from studio.records import Notice

MAX_UTILISATION = 0.85
"""Replicas are added above it: the cap of inference-fleet-sim (arXiv:2603.16054)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leg:
    """A path with the share of all requests that take it."""

    share: float
    path: Path

    @property
    def least(self) -> int:
        """The fewest replicas that it can do with."""
        return 0 if self.path.is_elsewhere else 1

    @property
    def limit_per_s(self) -> float:
        """Requests per second of all visitors at which one replica is saturated; infinite for none."""
        law = self.path.station.law
        if law is None or law.max_rate_per_s is None or self.share <= 0:
            return math.inf
        return law.max_rate_per_s / self.share


class Fleet:
    """The replicas of one or two models. A number of replicas is that of all models together.

    Args:
        legs: one, or two of a mix.
    """

    def __init__(self, legs: Sequence[Leg]) -> None:
        self._legs = tuple(legs)
        self._limits = [leg.limit_per_s for leg in legs]
        self.least: int = sum(leg.least for leg in legs)

    def counts(self, replicas: int) -> tuple[int, ...]:
        """How many each model has of so many together; at least one of each that has any."""
        return self.more([leg.least for leg in self._legs], max(0, replicas - self.least))

    def more(self, counts: Sequence[int], extra: int) -> tuple[int, ...]:
        """So many replicas more, each for the model that then has most to do.

        A model with n of them is full at n times its limit, so the lower of the two gets the next one.
        How many the first model gets is looked for by halving, not one by one.
        """
        if len(counts) == 1:
            return (counts[0] + extra,)
        low, high = 0, extra
        while low < high:
            middle = (
                low + high + 1
            ) // 2  # for the first; its last one comes before the second's next
            full = self._full_at(0, counts[0] + middle - 1)
            is_first = full <= self._full_at(1, counts[1] + extra - middle)
            low, high = (middle, high) if is_first else (low, middle - 1)
        return (counts[0] + low, counts[1] + extra - low)

    def _full_at(self, leg: int, n: int) -> float:
        """Requests per second of all visitors at which n replicas of a model are saturated."""
        limit = self._limits[leg]
        return limit * n if math.isfinite(limit) else math.inf

    def least_for(self, rate_per_s: float) -> tuple[int, ...]:
        """Replicas of each model at which no more than 85 % of it is used."""
        return tuple(
            leg.least
            if leg.path.station.law is None
            else replicas_for(
                leg.path.station.law, rate_per_s * leg.share, max_utilisation=MAX_UTILISATION
            )
            for leg in self._legs
        )

    def saturation_per_s(self, counts: Sequence[int]) -> float | None:
        """Requests per second at which one of the models is saturated; None where unlimited."""
        limits = [
            n * limit for n, limit in zip(counts, self._limits, strict=True) if math.isfinite(limit)
        ]
        return min(limits) if limits else None

    def hourly_usd(self, counts: Sequence[int]) -> Decimal:
        """What they cost per hour."""
        return sum(
            (n * leg.path.replica_hour_usd for n, leg in zip(counts, self._legs, strict=True)),
            Decimal(0),
        )


def weakest(bases: Iterable[str]) -> str:
    """What several things rest on together: the least certain of it."""
    found = set(bases)
    return next(b for b in ("extrapolated", "assumed", "measured") if b in found)


def joined_costs(legs: Sequence[Leg]) -> tuple[StageCost, ...]:
    """Costs by stage; of the second model only its own, as the rest is not done again."""
    found: dict[str, StageCost] = {}
    for position, leg in enumerate(legs):
        share = Decimal(repr(leg.share))
        for cost in leg.path.stage_costs:
            if position and cost.stage != leg.path.model_stage:
                continue
            usd = None if cost.usd is None else cost.usd * share
            known = found.get(cost.stage)
            if known is None:
                found[cost.stage] = StageCost(
                    stage=cost.stage,
                    usd=usd,
                    basis=cost.basis,
                    source=cost.source,
                    as_of=cost.as_of,
                )
                continue
            found[cost.stage] = StageCost(
                stage=cost.stage,
                usd=None if usd is None or known.usd is None else known.usd + usd,
                basis=cost.basis if cost.basis != "measured" else known.basis,
                source=Notice("{first}; {rest}", first=known.source, rest=cost.source),
                as_of=min(filter(None, (known.as_of, cost.as_of)), default=None),
            )
    return tuple(found.values())
