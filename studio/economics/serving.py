"""One way of serving a measured base: what a request costs, and how it behaves under load.

    serve(base, choice) -> Serving;   Serving.at_rate(requests per second) -> LoadPoint

The loop between money and latency is closed here: the rate decides the replicas that the promise
needs, the replicas decide the hourly cost. Knows no business model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from studio.economics.least_search import least_around, least_within
from studio.economics.measured_base import MeasuredBase
from studio.economics.queueing import (
    Part,
    QueueSolution,
    percentile_s,
    share_later,
    solve_closed,
)
from studio.economics.serving_choice import Mix, ServingChoice, Slo
from studio.economics.serving_fleet import Fleet, Leg, joined_costs, weakest
from studio.economics.serving_parts import Path, StageCost
from studio.economics.serving_path import path_of
from studio.errors import InvalidInput
from studio.records import Notice

__all__ = ["Dot", "LoadPoint", "Serving", "StageCost", "pareto", "serve"]

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
    promise at no more than 85% utilisation; None where no number of replicas keeps it.
    `problem` says what is wrong and what is needed; None where all is well. `first_*` are times to
    the first token, None where the prototype writes nothing. Of a mix, `replicas` counts those of
    both models together, `counts` those of each, and the utilisation is the higher one.
    """

    rate_per_s: float
    replicas: int
    counts: tuple[int, ...]
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
class Dot:
    """A choice at one rate, with the replicas that the promise needs, as far as it is compared.

    None where no price or no time is known, or where it is unstable.
    """

    usd_per_request: Decimal | None
    p95_ms: float | None


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
            one of the dearer model.
        least_replicas: the fewest that there can be: one, of a mix one of each model that has any.
        machine_hour_usd: what an hour of this machine is taken to cost where the choice names no price.
        variable_usd_per_request: what each request costs on top; None where no price is known.
        max_rate_per_s: requests per second of the least replicas at saturation; None where unlimited.
        measured_on: the day of the last measured request.
        request_usd: `(n,)` float64, variable cost of the measured requests (at most a thousand that
            stand for them), for deciles and heavy users; NaN where unknown.
        notes: what a reader must know: assumptions, extrapolations, deprecated models.
    """

    def __init__(
        self,
        choice: ServingChoice,
        legs: Sequence[Leg],
        base: MeasuredBase,
        hits: float = 0.0,
    ) -> None:
        self._legs = tuple(legs)
        self._hits = hits
        paths = [leg.path for leg in legs]
        self.choice: ServingChoice = choice
        self.name: Notice = paths[0].name
        if len(paths) == 2:
            self.name = Notice("{first}, then {rest}", first=paths[0].name, rest=paths[1].name)
        self.basis: str = weakest(path.basis for path in paths)
        self.band: float = max(path.band for path in paths)
        self.stage_costs: tuple[StageCost, ...] = joined_costs(self._legs)
        self.replica_hour_usd: Decimal = max(path.replica_hour_usd for path in paths)
        self._fleet = Fleet(self._legs)
        self.least_replicas: int = self._fleet.least
        self.machine_hour_usd: Decimal = base.machine_hour_usd
        self.measured_on: date | None = None if base.last_at is None else base.last_at.date()
        self.request_usd: NDArray[np.float64] = np.sum(
            [leg.share * leg.path.request_usd for leg in self._legs], axis=0
        )
        mean = float(self.request_usd.mean())
        self.variable_usd_per_request: Decimal | None = (
            None if math.isnan(mean) else Decimal(repr(mean))
        )
        self.max_rate_per_s: float | None = self.saturation_per_s(self.least_replicas)
        self.notes: tuple[Notice, ...] = tuple(
            dict.fromkeys(note for path in paths for note in path.notes)
        )

    def at_rate(
        self, rate_per_s: float, *, replicas: int | None = None, slo: Slo | None = None
    ) -> LoadPoint:
        """Cost and latency at a steady Poisson rate.

        Args:
            rate_per_s: requests per second, 0 or more; 0 is an idle service.
            replicas: how many there are, of both models of a mix together; by default
                as many as the promise needs (at least 1).
            slo: the promise; by default 95% within 10 s.

        Raises:
            InvalidInput: the rate is negative or no number, or there are no replicas.
        """
        check_load(rate_per_s, replicas)
        rate_per_s = float(rate_per_s)  # numpy writes its own floats otherwise
        promise = slo or Slo()
        return self._at(rate_per_s, replicas, promise, self._needed(rate_per_s, promise))

    def _at(
        self, rate_per_s: float, replicas: int | None, promise: Slo, needed: tuple[int, ...] | None
    ) -> LoadPoint:
        """`at_rate` of a rate and a number that were checked, with the replicas that are needed."""
        usual = needed or self._fleet.least_for(rate_per_s)
        counts = usual if replicas is None else self._fleet.counts(replicas)
        times = self._times(rate_per_s, counts)
        return self._point(rate_per_s, counts, needed, times, promise)

    def dot(self, rate_per_s: float, slo: Slo) -> Dot:
        """What `at_rate` says of cost and p95, and nothing else: several times as quick.

        Raises:
            InvalidInput: the rate is negative or no number.
        """
        check_load(rate_per_s, None)
        counts = self._needed(rate_per_s, slo) or self._fleet.least_for(rate_per_s)
        times = self._times(rate_per_s, counts, has_first=False) if self._has_times else None
        return Dot(
            usd_per_request=self._usd_per_request(rate_per_s, counts),
            p95_ms=_percentile_ms(times, 0.95),
        )

    def keeps(self, rate_per_s: float, replicas: int, slo: Slo) -> bool:
        """Whether so many replicas, of both models of a mix together, keep the promise at a rate."""
        return self._keeps(rate_per_s, self._fleet.counts(replicas), slo)

    def _keeps(self, rate_per_s: float, counts: Sequence[int], slo: Slo) -> bool:
        times = self._times(rate_per_s, counts, has_first=slo.first_token_ms is not None)
        return times is not None and self._meets(times, slo)

    def at_users(
        self, users: int, think_s: float, *, replicas: int | None = None, slo: Slo | None = None
    ) -> LoadPoint:
        """Cost and latency with a known number of users, each of whom asks again after a while.

        Never unstable: who waits asks nothing. For ways with one model.

        Args:
            users: how many there are, 1 or more.
            think_s: mean seconds between an answer and the next request, above 0.
            replicas: how many there are; by default as many as the promise needs (at least 1).
            slo: the promise; by default 95% within 10 s.

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
            solution = solve_closed(law, users, think_s, replicas=n)
            has_first = promise.first_token_ms is not None
            return self._meets(self._mixture([solution], has_first=has_first), promise)

        needed = least_within(keeps, users)
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
        """`at_rate` for each rate, in order.

        As neighbours need about as many replicas beyond the least, each is looked for from the last.
        """
        promise, extra, points = slo or Slo(), 0, []
        for rate in rates_per_s:
            check_load(rate, replicas)
            needed = self._needed(float(rate), promise, extra)
            if needed is not None:
                extra = sum(needed) - sum(self._fleet.least_for(float(rate)))
            points.append(self._at(float(rate), replicas, promise, needed))
        return tuple(points)

    @property
    def _has_times(self) -> bool:
        """Whether a time can be said: not of answers that come within hours."""
        return all(leg.path.has_times for leg in self._legs)

    @property
    def only_path(self) -> Path | None:
        """What it is made of where it has one model; None of a mix."""
        return self._legs[0].path if len(self._legs) == 1 and not self._hits else None

    def hourly_usd(self, replicas: int) -> Decimal:
        """What so many replicas cost per hour, of both models of a mix together."""
        return self._fleet.hourly_usd(self._fleet.counts(replicas))

    def saturation_per_s(self, replicas: int) -> float | None:
        """Requests per second at which so many replicas are saturated; None where unlimited."""
        return self._fleet.saturation_per_s(self._fleet.counts(replicas))

    def _needed(self, rate_per_s: float, slo: Slo, guess: int = 0) -> tuple[int, ...] | None:
        """The least replicas of each model that keep the promise; None where none do.

        `guess` is how many it may take beyond those of 85% utilisation: it is looked for around there.
        """
        least = self._fleet.least_for(rate_per_s)

        def keeps(extra: int) -> bool:
            return self._keeps(rate_per_s, self._fleet.more(least, extra), slo)

        def can_keep() -> bool:
            return self.keeps(0.0, self.least_replicas, slo)

        extra = least_around(keeps, guess, _MOST_EXTRA, can_keep)
        return None if extra is None else self._fleet.more(least, extra)

    def _times(
        self, rate_per_s: float, counts: Sequence[int], *, has_first: bool = True
    ) -> _Times | None:
        """The mixture at a rate; None where one of the models is unstable."""
        solutions = [
            leg.path.station.solution(rate_per_s * leg.share, n)
            for leg, n in zip(self._legs, counts, strict=True)
        ]
        known = [solution for solution in solutions if solution is not None]
        if len(known) < len(solutions):
            return None
        return self._mixture(known, has_first=has_first)

    def _mixture(self, solutions: Sequence[QueueSolution], *, has_first: bool = True) -> _Times:
        """Of the whole times, and of those to the first token unless nobody asks for them."""
        first = self._legs[0].path
        alone = 1 - self._hits - (self._legs[1].share if len(self._legs) > 1 else 0.0)
        parts = list(first.station.parts(solutions[0], alone))
        first_parts = list(first.station.first_parts(solutions[0], alone)) if has_first else []
        mean_s = first.station.mean_s(solutions[0]) * (1 - self._hits)
        if len(self._legs) > 1:
            rest, share = self._legs[1].path, self._legs[1].share
            # Who goes on has waited for the first answer, in the mean; it is not searched again.
            again_s = float(rest.before_s.mean())
            waited_s = first.station.mean_s(solutions[0]) - again_s
            parts += [_after(waited_s, p) for p in rest.station.parts(solutions[1], share)]
            later = rest.station.first_parts(solutions[1], share) if has_first else ()
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
        if not self._has_times:
            return True  # nothing is promised of answers that come within hours
        late = 1 - slo.percentile
        if share_later(times.parts, slo.total_ms / _MS) > late:
            return False
        if slo.first_token_ms is None or not times.first_parts:
            return True
        return share_later(times.first_parts, slo.first_token_ms / _MS) <= late

    def _point(
        self,
        rate_per_s: float,
        counts: Sequence[int],
        needed: Sequence[int] | None,
        times: _Times | None,
        slo: Slo,
    ) -> LoadPoint:
        shown = times if self._has_times else None
        meets = times is not None and self._meets(times, slo)
        return LoadPoint(
            rate_per_s=rate_per_s,
            replicas=sum(counts),
            counts=tuple(counts),
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
            hourly_usd=self._fleet.hourly_usd(counts),
            variable_usd_per_request=self.variable_usd_per_request,
            usd_per_request=self._usd_per_request(rate_per_s, counts),
            problem=None if meets else self._problem(rate_per_s, counts, needed, times, slo),
        )

    def _usd_per_request(self, rate_per_s: float, counts: Sequence[int]) -> Decimal | None:
        """All replicas shared by those who ask, and what each request costs on top."""
        variable = self.variable_usd_per_request
        if rate_per_s <= 0 or variable is None:
            return None
        return variable + self._fleet.hourly_usd(counts) / (Decimal(repr(rate_per_s)) * _HOUR_S)

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
        least = sum(needed or self._fleet.least_for(rate_per_s))
        if times is None:
            limit = self.saturation_per_s(sum(counts)) or 0.0
            return Notice(
                "Unstable: {rate:.3g} requests per second arrive and {limit:.3g} can be answered, so the"
                " line grows for ever. {n} replicas are needed.",
                rate=rate_per_s,
                limit=limit,
                n=least,
            )
        facts = {"share": slo.percentile * 100, "seconds": slo.total_ms / _MS}
        is_first = self._meets(times, replace(slo, first_token_ms=None))
        if is_first and slo.first_token_ms is not None:  # it is the first word that comes too late
            facts["seconds"] = slo.first_token_ms / _MS
        if needed is None and is_first:
            return Notice(
                "No number of replicas begins {share:.3g}% of the answers within {seconds:.3g} s: one"
                " alone takes longer to the first word. Choose a faster model, or promise more time.",
                **facts,
            )
        if needed is None:
            return Notice(
                "No number of replicas answers {share:.3g}% of the requests within {seconds:.3g} s: one"
                " alone takes longer. Choose a faster model, or promise more time.",
                **facts,
            )
        if is_first:
            return Notice(
                "Fewer than {share:.3g}% of the answers begin within {seconds:.3g} s; {n} replicas are"
                " needed.",
                n=least,
                **facts,
            )
        return Notice(
            "Fewer than {share:.3g}% of the requests are answered within {seconds:.3g} s; {n} replicas"
            " are needed.",
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
        return Serving(choice, [Leg(share=1.0, path=path_of(base, choice, at))], base)
    asked = 1 - choice.cache_hit_rate
    legs = [
        Leg(share=asked, path=path_of(base, choice.first, at)),
        Leg(
            share=asked * choice.escalated_share,
            path=path_of(base, choice.rest, at, is_second=True),
        ),
    ]
    return Serving(choice, legs, base, hits=choice.cache_hit_rate)


def check_load(rate_per_s: float, replicas: int | None) -> None:
    """Refuse what is no load.

    Raises:
        InvalidInput: the rate is negative or no number, or there are no replicas.
    """
    if not (math.isfinite(rate_per_s) and rate_per_s >= 0):
        raise InvalidInput(
            "{rate} requests per second cannot be served; give 0 or more.", rate=rate_per_s
        )
    if replicas is not None and replicas < 1:
        raise InvalidInput("{n} replicas serve nobody; there must be 1 or more.", n=replicas)


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
