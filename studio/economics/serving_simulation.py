"""A way of serving played request by request: bursts, days and traces, and times to the first token.

For reports; the sliders use `serving`, whose formulas hold for steady Poisson arrivals only. Requests of
the base are drawn anew for the arrivals, whole, so that their stages stay together. The seed decides the
draw; the same seed gives the same result. For ways with one model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.economics.serving import Serving
from studio.economics.serving_parts import Path
from studio.economics.simulation import simulate_law
from studio.errors import InvalidInput

MOST_REQUESTS = 200_000
_MS = 1e3

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlayedTraffic:
    """What became of every request: `(n,)` ms, in the order they came.

    `first_token_ms` is None where nothing is written. `utilisation` is the share of the time in which a
    replica had something to do; 0 where nothing is shared.
    """

    arrivals_s: Floats
    total_ms: Floats
    first_token_ms: Floats | None
    replicas: int
    utilisation: float

    def percentile_ms(self, share: float) -> float:
        """The time within which that share of the requests is answered."""
        return float(np.quantile(self.total_ms, share))

    def first_percentile_ms(self, share: float) -> float | None:
        """The same of the time to the first token."""
        found = self.first_token_ms
        return None if found is None else float(np.quantile(found, share))


def play(
    serving: Serving, arrivals_s: Floats, *, replicas: int = 1, seed: int = 0
) -> PlayedTraffic:
    """Play traffic through a way of serving.

    Args:
        serving: how it is served.
        arrivals_s: `(n,)` ascending seconds, from `traffic`.
        replicas: 1 or more.
        seed: decides which measured request comes when.

    Raises:
        InvalidInput: it is a mix or answers within hours, there are no arrivals or too many, or they are
            not in order.
    """
    path = serving.only_path
    if path is None or not path.has_times:
        raise InvalidInput(
            "Only a way of serving with one model that answers at once can be simulated. Choose one."
        )
    if not 1 <= len(arrivals_s) <= MOST_REQUESTS:
        raise InvalidInput(
            "{n} requests cannot be simulated; give 1 to {limit}.",
            n=len(arrivals_s),
            limit=MOST_REQUESTS,
        )
    drawn = np.random.default_rng(seed).integers(0, len(path.before_s), len(arrivals_s))
    served_s, begun_s, busy = _served(path, arrivals_s, drawn, replicas)
    station = path.station
    first = None
    if station.first_fixed_s is not None and station.first_slope is not None:
        first = begun_s + station.first_fixed_s[drawn] + station.first_slope[drawn] * served_s
    return PlayedTraffic(
        arrivals_s=arrivals_s,
        total_ms=(begun_s + station.fixed_s[drawn] + station.slope[drawn] * served_s) * _MS,
        first_token_ms=None if first is None else np.asarray(first * _MS, np.float64),
        replicas=replicas,
        utilisation=busy,
    )


def _served(
    path: Path, arrivals_s: Floats, drawn: NDArray[np.int64], replicas: int
) -> tuple[Floats, Floats, float]:
    """Seconds that a request of mean size would have been served, seconds in line, share busy."""
    law = path.station.law
    nothing = np.zeros(len(arrivals_s))
    if law is None:
        return nothing, nothing, 0.0
    # Who has no work of its own passes through at once.
    work = np.maximum(path.station.slope[drawn], 1e-9)
    found = simulate_law(law, arrivals_s, work, replicas=replicas)
    span_s = float((arrivals_s + found.total_s).max() - arrivals_s[0])
    busy = found.busy_s / (span_s * replicas) if span_s > 0 else 0.0
    mean_served = (found.total_s - found.wait_s) / work
    return np.asarray(mean_served, np.float64), found.wait_s, min(1.0, busy)
