"""What "measure now" found: a prototype's own questions or rows, replayed by 1, 2, 4, ... callers.

Values, and their way into JSON and back; replaying is `prototypes.replay`'s. Times are in ms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np

from studio.economics.service_time import FittedLaw, SweepPoint, fit_residence


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedRequest:
    """One request as its caller saw it; joins the ledger's calls by its id.

    `first_token_ms` is None where nothing was written.
    """

    request_id: str
    n_concurrent: int
    total_ms: float
    first_token_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One measurement, or several of a version together: requests, and what so many callers came to.

    `version` is the prototype's then. `n_failed` requests with an error are in neither. `load` is the
    share of the machine's cores that other programs used meanwhile; None where it cannot be told.
    `n_inputs` different questions or forms were asked, some several times; 0 where it is not known.
    `n_runs` measurements are in it, the last one of `measured_at`.
    """

    measured_at: datetime
    version: int
    requests: tuple[ReplayedRequest, ...]
    sweep: tuple[SweepPoint, ...]
    n_failed: int = 0
    load: float | None = None
    n_inputs: int = 0
    n_runs: int = 1

    @property
    def alone(self) -> tuple[ReplayedRequest, ...]:
        """The requests of a single caller, which say what one takes by itself."""
        return tuple(one for one in self.requests if one.n_concurrent == 1)

    def after(self, earlier: Replay) -> Replay:
        """This measurement together with an earlier one of the same version, as if they were one."""
        requests = (*earlier.requests, *self.requests)
        loads = [(one.load, len(one.requests)) for one in (earlier, self) if one.load is not None]
        n_known = sum(n for _load, n in loads)
        return Replay(
            measured_at=self.measured_at,
            version=self.version,
            requests=requests,
            sweep=_joined(requests, (*earlier.sweep, *self.sweep)),
            n_failed=earlier.n_failed + self.n_failed,
            load=sum(load * n for load, n in loads) / n_known if n_known else None,
            n_inputs=max(earlier.n_inputs, self.n_inputs),
            n_runs=earlier.n_runs + self.n_runs,
        )

    def law(self) -> FittedLaw:
        """The residence law behind it. Raises InvalidInput where nothing was measured."""
        return fit_residence(self.sweep)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "measured_at": self.measured_at.isoformat()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Replay:
        """The replay that `to_json` was called on."""
        return cls(
            measured_at=datetime.fromisoformat(stored["measured_at"]),
            version=stored["version"],
            requests=tuple(ReplayedRequest(**one) for one in stored["requests"]),
            sweep=tuple(SweepPoint(**one) for one in stored["sweep"]),
            n_failed=stored["n_failed"],
            load=stored["load"],
            n_inputs=stored.get("n_inputs", 0),
            n_runs=stored.get("n_runs", 1),
        )


def sweep_point(
    requests: Sequence[ReplayedRequest], n_concurrent: int, rate_per_s: float
) -> SweepPoint:
    """What the requests of so many callers came to.

    Args:
        requests: at least one.
        n_concurrent: how many callers asked at once.
        rate_per_s: answers per second while all of them were asking.

    Raises:
        InvalidInput: the rate is not above 0.
    """
    times = np.array([one.total_ms for one in requests], np.float64)
    return SweepPoint(
        n_concurrent=n_concurrent,
        n_requests=len(times),
        rate_per_s=rate_per_s,
        mean_ms=float(times.mean()),
        p50_ms=float(np.quantile(times, 0.5)),
        p95_ms=float(np.quantile(times, 0.95)),
    )


def _joined(
    requests: Sequence[ReplayedRequest], points: Sequence[SweepPoint]
) -> tuple[SweepPoint, ...]:
    """One point for each number of callers; its rate is all answers over all the time they took."""
    found = []
    for n_concurrent in sorted({point.n_concurrent for point in points}):
        own = [point for point in points if point.n_concurrent == n_concurrent]
        seconds = sum(point.n_requests / point.rate_per_s for point in own)
        rate_per_s = sum(point.n_requests for point in own) / seconds
        answered = [one for one in requests if one.n_concurrent == n_concurrent]
        found.append(sweep_point(answered, n_concurrent, rate_per_s))
    return tuple(found)


def by_id(requests: Iterable[ReplayedRequest]) -> dict[str, ReplayedRequest]:
    """The requests by their id."""
    return {one.request_id: one for one in requests}
