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
    """One measurement: its requests, and what each number of callers came to.

    `version` is the prototype's then. `n_failed` requests with an error are in neither. `load` is the
    share of the machine's cores that other programs used meanwhile; None where it cannot be told.
    `n_inputs` different questions or forms were asked, some several times; 0 where it is not known.
    """

    measured_at: datetime
    version: int
    requests: tuple[ReplayedRequest, ...]
    sweep: tuple[SweepPoint, ...]
    n_failed: int = 0
    load: float | None = None
    n_inputs: int = 0

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


def by_id(requests: Iterable[ReplayedRequest]) -> dict[str, ReplayedRequest]:
    """The requests by their id."""
    return {one.request_id: one for one in requests}
