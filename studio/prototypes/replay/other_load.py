"""How much of the machine other programs use while something is measured. Knows only the system."""

from __future__ import annotations

import os
import time


class OtherLoad:
    """How much of the machine other programs use meanwhile: it makes a measurement too slow."""

    def __init__(self) -> None:
        self._began = self._now()

    def share(self) -> float | None:
        """Share of all cores since it was made, 0 to 1; None where the system does not tell."""
        began, now = self._began, self._now()
        if began is None or now is None or now[0] <= began[0]:
            return None
        busy, own = now[1] - began[1], now[2] - began[2]
        return min(1.0, max(0.0, (busy - own) / (now[0] - began[0])))

    @staticmethod
    def _now() -> tuple[float, float, float] | None:
        """Seconds of all cores so far, those at work, and those at work for this process."""
        import psutil

        try:
            times = psutil.cpu_times()
        except (OSError, NotImplementedError):
            return None
        own = time.process_time()
        total = time.monotonic() * (os.cpu_count() or 1)
        return total, times.user + times.system + getattr(times, "nice", 0.0), own
