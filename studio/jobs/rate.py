"""How fast a count grows, smoothed, and how long the rest will take. Knows no job and no clock."""

from __future__ import annotations

import math

SMOOTHING_S = 5.0
"""Time constant of the smoothing: what happened this long ago weighs 1/e of what happens now."""
LEAST_S = 0.5
"""How long to watch before the first rate: what passes in a blink would promise thousands a second."""


class RateMeter:
    """Smoothed rate of a growing count.

    Each `update` gives the rate since the last one, weighted by how long it lasted, so that many
    short steps and a few long ones of the same speed give the same figure. While the count stands it
    is no faster than if a step like the last one came now. Not thread-safe.
    """

    __slots__ = ("_done", "_now_per_s", "_rate_per_s", "_step", "_time_s")

    def __init__(self) -> None:
        self._done: float | None = None
        self._time_s = 0.0
        self._rate_per_s: float | None = None  # measured over whole steps
        self._now_per_s: float | None = None  # the same, or less while the count stands
        self._step = 0.0

    def update(self, done: float, now_s: float) -> float | None:
        """Take note of the count at a time; the rate per second, None until it can be known.

        A count that went back (a restart) begins anew. Two updates at one time count as one.
        """
        if self._done is None or done < self._done:
            self._done, self._time_s = done, now_s
            self._rate_per_s = self._now_per_s = None
            return None
        elapsed_s = now_s - self._time_s
        if elapsed_s <= 0 or (self._rate_per_s is None and elapsed_s < LEAST_S):
            return self._now_per_s
        step = done - self._done
        if self._rate_per_s is not None and step == 0:
            self._now_per_s = min(self._rate_per_s, self._step / elapsed_s)
            return self._now_per_s
        rate = step / elapsed_s
        if self._rate_per_s is None:
            # Nothing has moved yet: a rate of 0 would promise that it never ends.
            self._rate_per_s = rate if rate > 0 else None
        else:
            weight = 1.0 - math.exp(-elapsed_s / SMOOTHING_S)
            self._rate_per_s += weight * (rate - self._rate_per_s)
        self._now_per_s = self._rate_per_s
        self._done, self._time_s, self._step = done, now_s, step
        return self._now_per_s

    def remaining_s(self, total: float | None) -> float | None:
        """Seconds until `total` at the present rate; None while either is unknown."""
        if total is None or self._done is None or not self._now_per_s:
            return None
        return max(0.0, total - self._done) / self._now_per_s
