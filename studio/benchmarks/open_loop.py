"""Asking a service at given times, whether it keeps up or not: what each request took.

Unlike callers who wait for their answers, an open loop does not slow down with the service, as the
visitors of a website do not. A request's time counts from when it was due, so that a late start of its
thread counts as waiting (no coordinated omission). Knows no service and no statistics.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Driven:
    """What became of the requests, in the order they were due: `(n,)` float64 seconds.

    `total_s` is NaN for a request that failed.
    """

    due_s: Floats
    total_s: Floats
    failures: tuple[StudioError, ...]

    def percentile_s(self, share: float) -> float:
        """The time within which that share of the answered requests was answered."""
        return float(np.nanquantile(self.total_s, share))


def drive(asks: Sequence[Callable[[], object]], due_s: Floats) -> Driven:
    """Ask at the due times, each request in a thread that has nothing else to do; waits for all answers.

    Args:
        asks: one call per request.
        due_s: `(n,)` ascending seconds from the start.
    """
    total_s = np.full(len(asks), np.nan)
    failures: list[StudioError] = []
    began_s = time.perf_counter() + 0.05

    def ask(i: int) -> None:
        try:
            asks[i]()
        except StudioError as error:
            failures.append(error)
            return
        total_s[i] = time.perf_counter() - began_s - due_s[i]

    # Threads are used again as in any server: to begin one takes the processor from the model.
    with ThreadPoolExecutor(max(1, len(asks)), thread_name_prefix="visitor") as visitors:
        asked = []
        for i, due in enumerate(due_s.tolist()):
            time.sleep(max(0.0, began_s + due - time.perf_counter()))
            asked.append(visitors.submit(ask, i))
    for one in asked:
        one.result()
    return Driven(due_s=due_s, total_s=total_s, failures=tuple(failures))
