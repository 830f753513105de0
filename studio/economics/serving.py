"""One way of serving a measured base: what a request costs, and how it behaves under load.

    serve(base, choice) -> Serving;   Serving.at_rate(requests per second) -> LoadPoint

The loop between money and latency is closed here: the rate decides the replicas that the promise
needs, the replicas decide the hourly cost. Knows no business model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from studio.economics.measured_base import MeasuredBase
from studio.economics.queueing import Part, QueueSolution, percentile_s, replicas_for, solve_closed
from studio.economics.serving_choice import Mix, ServingChoice, Slo
from studio.economics.serving_path import Path, StageCost, path_of
from studio.errors import InvalidInput
from studio.records import Notice

__all__ = ["LoadPoint", "Serving", "StageCost", "pareto", "serve"]

MAX_UTILISATION = 0.85
"""Replicas are added above it: the cap of inference-fleet-sim (arXiv:2603.16054)."""
_MOST_EXTRA = 4_096
_STORED_S = 0.005  # an answer from a store, where nothing else was measured; assumption
_HOUR_S = 3600
_MS = 1e3


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPoint:
    """A choice at one rate of requests, with a number of replicas.

    Times are in ms and None where it is unstable or where no time can be said. `hourly_usd` is
    what all replicas cost per hour whatever they do; `variable_usd_per_request` comes on top for
    each request (None: no price known). `replicas_needed` is the least number that keeps the
    promise at no more than 85 % utilisation; None where no number of replicas keeps it.
    `problem` says what is wrong and what is needed; None where all is well. `first_*` are times to
    the first token, None where the prototype writes nothing. Of a mix, `replicas` counts those of
    both models, and the utilisation is the higher one.
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Leg:
    """A path with the share of all requests that take it."""

    share: float
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Times:
    """The mixture of all requests: whole times, and those to the first token."""

    parts: tuple[Part, ...]
    first_parts: tuple[Part, ...]
    mean_s: float


class Serving:
    """A choice fitted to a base; made by `serve`. Immutable; every method is pure and quick.

    Attributes:
        choice: what was chosen.
        name: for people, such as "gpt-4o-mini at openai".
        basis: "measured", "assumed" or "extrapolated": what the times rest on.
        band: relative half-width of the uncertainty of times, such as 0.4 for a GPU's.
        stage_costs: mean cost of a request by stage; for machines the busy time's share.
        replica_hour_usd: what one replica costs per hour, overhead included; 0 for none. Of a mix,
            one of each model.
        variable_usd_per_request: what each request costs on top; None where no price is known.
        max_rate_per_s: requests per second of one replica at saturation; None where unlimited.
        request_usd: `(n,)` float64, variable cost of the measured requests (at most a thousand that
            stand for them), for deciles and heavy users; NaN where unknown.
        notes: what a reader must know: assumptions, extrapolations, deprecated models.
    """

    def __init__(self, choice: ServingChoice, legs: Sequence[_Leg], hits: float = 0.0) -> None:
        self._legs = tuple(legs)
        self._hits = hits
        paths = [leg.path for leg in legs]
        self.choice: ServingChoice = choice
        self.name: Notice = paths[0].name
        if len(paths) == 2:
            self.name = Notice("{first}, then {rest}", first=paths[0].name, rest=paths[1].name)
        self.basis: str = _weakest(path.basis for path in paths)
        self.band: float = max(path.band for path in paths)
        self.stage_costs: tuple[StageCost, ...] = _joined_costs(self._legs)
        self.replica_hour_usd: Decimal = sum((p.replica_hour_usd for p in paths), Decimal(0))
        self.request_usd: NDArray[np.float64] = np.sum(
            [leg.share * leg.path.request_usd for leg in self._legs], axis=0
        )
        mean = float(self.request_usd.mean())
        self.variable_usd_per_request: Decimal | None = (
            None if math.isnan(mean) else Decimal(repr(mean))
        )
        self.max_rate_per_s: float | None = self._max_rate()
        self.notes: tuple[Notice, ...] = tuple(
            dict.fromkeys(note for path in paths for note in path.notes)
        )

    def at_rate(
        self, rate_per_s: float, *, replicas: int | None = None, slo: Slo | None = None
    ) -> LoadPoint:
        """Cost and latency at a steady Poisson rate.

        Args:
            rate_per_s: requests per second, 0 or more; 0 is an idle service.
            replicas: how many there are, of each model of a mix; by default as many as the promise
                needs (at least 1).
            slo: the promise; by default 95 % within 10 s.

        Raises:
            InvalidInput: the rate is negative or no number, or there are no replicas.
        """
        if not (math.isfinite(rate_per_s) and rate_per_s >= 0):
            raise InvalidInput(
                "{rate} requests per second cannot be served; give 0 or more.", rate=rate_per_s
            )
        if replicas is not None and replicas < 1:
            raise InvalidInput("{n} replicas serve nobody; there must be 1 or more.", n=replicas)
        rate_per_s = float(rate_per_s)  # numpy writes its own floats otherwise
        promise = slo or Slo()
        needed = self._needed(rate_per_s, promise)
        if replicas is not None:
            counts = [replicas] * len(self._legs)
        else:
            counts = needed or self._least(rate_per_s)
        times = self._times(rate_per_s, counts)
        return self._point(rate_per_s, counts, needed, times, promise)

    def at_users(
        self, users: int, think_s: float, *, replicas: int | None = None, slo: Slo | None = None
    ) -> LoadPoint:
        """Cost and latency with a known number of users, each of whom asks again after a while.

        Never unstable: who waits asks nothing. For ways with one model.

        Args:
            users: how many there are, 1 or more.
            think_s: mean seconds between an answer and the next request, above 0.
            replicas: how many there are; by default as many as the promise needs (at least 1).
            slo: the promise; by default 95 % within 10 s.

        Raises:
            InvalidInput: a number is out of range, or the choice is a mix.
        """
        if len(self._legs) > 1 or self._hits:
            raise InvalidInput("A number of users cannot be given for a mix; give a rate.")
        station, promise = self._legs[0].path.station, slo or Slo()
        law = station.law
        if law is None:
            unloaded = station.mean_s(station.solution(0.0, 1))  # type: ignore[arg-type]
            return self.at_rate(users / (think_s + unloaded), replicas=replicas, slo=slo)

        def keeps(n: int) -> bool:
            return self._meets(
                self._mixture([solve_closed(law, users, think_s, replicas=n)]), promise
            )

        needed = _least_that(keeps, users)
        n = replicas or needed or 1
        solution = solve_closed(law, users, think_s, replicas=n)
        return self._point(
            solution.rate_per_s,
            [n],
            None if needed is None else [needed],
            self._mixture([solution]),
            promise,
        )

    def curve(
        self, rates_per_s: Sequence[float], *, replicas: int | None = None, slo: Slo | None = None
    ) -> tuple[LoadPoint, ...]:
        """`at_rate` for each rate, in order."""
        return tuple(self.at_rate(rate, replicas=replicas, slo=slo) for rate in rates_per_s)

    @property
    def only_path(self) -> Path | None:
        """What it is made of where it has one model; None of a mix."""
        return self._legs[0].path if len(self._legs) == 1 and not self._hits else None

    def _max_rate(self) -> float | None:
        limits = [
            leg.path.station.law.max_rate_per_s / leg.share
            for leg in self._legs
            if leg.share > 0
            and leg.path.station.law is not None
            and leg.path.station.law.max_rate_per_s is not None
        ]
        return min(limits) if limits else None

    def _least(self, rate_per_s: float) -> list[int]:
        """Replicas of each model at which no more than 85 % of it is used."""
        return [
            1
            if leg.path.station.law is None
            else replicas_for(
                leg.path.station.law, rate_per_s * leg.share, max_utilisation=MAX_UTILISATION
            )
            for leg in self._legs
        ]

    def _needed(self, rate_per_s: float, slo: Slo) -> list[int] | None:
        """The least replicas of each model that keep the promise; None where none do."""
        least = self._least(rate_per_s)

        def keeps(extra: int) -> bool:
            times = self._times(rate_per_s, self._more(rate_per_s, least, extra))
            return times is not None and self._meets(times, slo)

        if keeps(0):
            return least
        idle = self._times(0.0, [1] * len(least))
        if idle is None or not self._meets(idle, slo):
            return None
        high = 1
        while not keeps(high):
            high *= 2
            if high > _MOST_EXTRA:
                return None
        low = high // 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if keeps(middle) else (middle, high)
        return self._more(rate_per_s, least, high)

    def _more(self, rate_per_s: float, least: Sequence[int], extra: int) -> list[int]:
        """So many replicas more, each for the model that then has most to do."""
        if len(least) == 1:
            return [least[0] + extra]
        counts = list(least)
        ceilings = [
            math.inf if leg.path.station.law is None else leg.path.station.law.max_rate_per_s
            for leg in self._legs
        ]
        for _ in range(extra):
            used = [
                rate_per_s * leg.share / ((ceiling or math.inf) * n)
                for leg, ceiling, n in zip(self._legs, ceilings, counts, strict=True)
            ]
            counts[used.index(max(used))] += 1
        return counts

    def _times(self, rate_per_s: float, counts: Sequence[int]) -> _Times | None:
        """The mixture at a rate; None where one of the models is unstable."""
        solutions = [
            leg.path.station.solution(rate_per_s * leg.share, n)
            for leg, n in zip(self._legs, counts, strict=True)
        ]
        known = [solution for solution in solutions if solution is not None]
        return self._mixture(known) if len(known) == len(solutions) else None

    def _mixture(self, solutions: Sequence[QueueSolution]) -> _Times:
        first = self._legs[0].path
        alone = 1 - self._hits - (self._legs[1].share if len(self._legs) > 1 else 0.0)
        parts = list(first.station.parts(solutions[0], alone))
        first_parts = list(first.station.first_parts(solutions[0], alone))
        mean_s = first.station.mean_s(solutions[0]) * (1 - self._hits)
        if len(self._legs) > 1:
            rest, share = self._legs[1].path, self._legs[1].share
            # Who goes on has waited for the first answer, in the mean; it is not searched again.
            again_s = float(rest.before_s.mean())
            waited_s = first.station.mean_s(solutions[0]) - again_s
            parts += [_after(waited_s, p) for p in rest.station.parts(solutions[1], share)]
            later = rest.station.first_parts(solutions[1], share)
            first_parts += [_after(waited_s, part) for part in later]
            mean_s += share * max(0.0, rest.station.mean_s(solutions[1]) - again_s)
        if self._hits:
            stored = np.maximum(first.before_s, _STORED_S)
            hit = Part(weight=self._hits, p_wait=0.0, theta_s=0.0, served_s=stored)
            parts.append(hit)
            first_parts = [*first_parts, hit] if first_parts else []
            mean_s += self._hits * float(stored.mean())
        parts = [part for part in parts if part.weight > 0]
        first_parts = [part for part in first_parts if part.weight > 0]
        return _Times(parts=tuple(parts), first_parts=tuple(first_parts), mean_s=mean_s)

    def _meets(self, times: _Times, slo: Slo) -> bool:
        if not all(leg.path.has_times for leg in self._legs):
            return True  # nothing is promised of answers that come within hours
        if percentile_s(times.parts, slo.percentile) * _MS > slo.total_ms:
            return False
        if slo.first_token_ms is None or not times.first_parts:
            return True
        return percentile_s(times.first_parts, slo.percentile) * _MS <= slo.first_token_ms

    def _point(
        self,
        rate_per_s: float,
        counts: Sequence[int],
        needed: Sequence[int] | None,
        times: _Times | None,
        slo: Slo,
    ) -> LoadPoint:
        hourly = sum(
            (n * leg.path.replica_hour_usd for n, leg in zip(counts, self._legs, strict=True)),
            Decimal(0),
        )
        variable = self.variable_usd_per_request
        per_request = None
        if rate_per_s > 0 and variable is not None:
            per_request = variable + hourly / (Decimal(repr(rate_per_s)) * _HOUR_S)
        shown = times if all(leg.path.has_times for leg in self._legs) else None
        meets = times is not None and self._meets(times, slo)
        return LoadPoint(
            rate_per_s=rate_per_s,
            replicas=sum(counts),
            replicas_needed=None if needed is None else sum(needed),
            is_stable=times is not None,
            meets_slo=meets,
            utilisation=self._utilisation(rate_per_s, counts),
            mean_ms=None if shown is None else shown.mean_s * _MS,
            p50_ms=_percentile_ms(shown, 0.5),
            p95_ms=_percentile_ms(shown, 0.95),
            p99_ms=_percentile_ms(shown, 0.99),
            first_p50_ms=_percentile_ms(shown, 0.5, first=True),
            first_p95_ms=_percentile_ms(shown, 0.95, first=True),
            first_p99_ms=_percentile_ms(shown, 0.99, first=True),
            hourly_usd=hourly,
            variable_usd_per_request=variable,
            usd_per_request=per_request,
            problem=None if meets else self._problem(rate_per_s, counts, needed, times, slo),
        )

    def _utilisation(self, rate_per_s: float, counts: Sequence[int]) -> float:
        used = [0.0]
        for leg, n in zip(self._legs, counts, strict=True):
            law = leg.path.station.law
            if law is not None and law.max_rate_per_s is not None:
                used.append(rate_per_s * leg.share / (law.max_rate_per_s * n))
        return max(used)

    def _problem(
        self,
        rate_per_s: float,
        counts: Sequence[int],
        needed: Sequence[int] | None,
        times: _Times | None,
        slo: Slo,
    ) -> Notice:
        least = sum(needed or self._least(rate_per_s))
        if times is None:
            limit = (self.max_rate_per_s or 0.0) * min(counts)
            return Notice(
                "Unstable: {rate:.3g} requests per second arrive and {limit:.3g} can be answered, so the"
                " line grows for ever. {n} replicas are needed.",
                rate=rate_per_s,
                limit=limit,
                n=least,
            )
        facts = {"share": slo.percentile, "seconds": slo.total_ms / _MS}
        if needed is None:
            return Notice(
                "No number of replicas answers {share:.0%} of the requests within {seconds:.3g} s: one"
                " alone takes longer. Choose a faster model, or promise more time.",
                **facts,
            )
        return Notice(
            "{share:.0%} of the requests are not answered within {seconds:.3g} s; {n} replicas are"
            " needed.",
            n=least,
            **facts,
        )


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
    if not isinstance(choice, Mix):
        return Serving(choice, [_Leg(share=1.0, path=path_of(base, choice, at))])
    asked = 1 - choice.cache_hit_rate
    legs = [
        _Leg(share=asked, path=path_of(base, choice.first, at)),
        _Leg(share=asked * choice.escalated_share, path=path_of(base, choice.rest, at)),
    ]
    return Serving(choice, legs, hits=choice.cache_hit_rate)


def pareto(points: Sequence[tuple[float, float]]) -> tuple[int, ...]:
    """Which points (cost, latency) no other one beats in both, by position; lower is better.

    Ordered by cost. Of equal points the first counts. None for no points.
    """
    order = sorted(range(len(points)), key=lambda i: (points[i], i))
    front: list[int] = []
    best = math.inf
    for i in order:
        if points[i][1] < best:
            front.append(i)
            best = points[i][1]
    return tuple(front)


def _least_that(keeps: Callable[[int], bool], most: int) -> int | None:
    """The least number from 1 to `most` with which it holds, where more never hurt; None for none."""
    if not keeps(most):
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if keeps(middle) else (middle, high)
    return high


def _after(earlier_s: float, part: Part) -> Part:
    return Part(
        weight=part.weight,
        p_wait=part.p_wait,
        theta_s=part.theta_s,
        served_s=np.maximum(part.served_s + earlier_s, 0.0),
    )


def _percentile_ms(times: _Times | None, share: float, *, first: bool = False) -> float | None:
    parts = () if times is None else (times.first_parts if first else times.parts)
    return percentile_s(parts, share) * _MS if parts else None


def _weakest(bases: Iterable[str]) -> str:
    found = set(bases)
    return next(b for b in ("extrapolated", "assumed", "measured") if b in found)


def _joined_costs(legs: Sequence[_Leg]) -> tuple[StageCost, ...]:
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
                    stage=cost.stage, usd=usd, basis=cost.basis, source=cost.source
                )
                continue
            found[cost.stage] = StageCost(
                stage=cost.stage,
                usd=None if usd is None or known.usd is None else known.usd + usd,
                basis=cost.basis if cost.basis != "measured" else known.basis,
                source=Notice("{first}; {rest}", first=known.source, rest=cost.source),
            )
    return tuple(found.values())
