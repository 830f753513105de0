"""Callers who ask a prototype over and over, so many at once: what each request took.

Each caller is a thread that asks again as soon as it is answered (a closed loop), so that always as
many requests are inside as there are callers. Knows no prototype kind and no statistics.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import copy_context
from dataclasses import dataclass

from studio.economics.replayed import ReplayedRequest, sweep_point
from studio.economics.service_time import SweepPoint
from studio.errors import StudioError
from studio.prototypes.replay.target import Replayable

MAX_FAILED = 10
"""Errors after which a round is given up: the service does not work, and more of them say no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one number of callers came to; `point` is None where nothing was answered."""

    requests: tuple[ReplayedRequest, ...]
    point: SweepPoint | None
    n_failed: int
    failure: StudioError | None


class Callers:
    """One round of callers.

    Args:
        target: whom they ask.
        texts: what they ask; taken from it one after the other by all of them, from several rounds
            on end, so that no text is asked twice before all were.
        n_concurrent: callers at once, 1 or more.
        n_requests: requests of all callers together, at least one each.
        limit_s: after so long no further request is begun.
        is_cancelled: asked before every request.
        on_answer: told of every answered request, one call at a time.
    """

    def __init__(
        self,
        target: Replayable,
        texts: Iterator[str],
        *,
        n_concurrent: int,
        n_requests: int,
        limit_s: float,
        is_cancelled: Callable[[], bool],
        on_answer: Callable[[], object] = lambda: None,
    ) -> None:
        self._target, self._texts = target, texts
        self._n_concurrent = n_concurrent
        self._left = itertools.count(max(n_requests, n_concurrent), -1)
        self._limit_s = limit_s
        self._is_cancelled, self._on_answer = is_cancelled, on_answer
        self._lock = threading.Lock()
        self._answered: list[tuple[float, ReplayedRequest]] = []  # (end, request)
        self._failures: list[StudioError] = []
        self._first_stop_s: float | None = None
        self._began_s = 0.0

    def run(self) -> Round:
        """Ask until all requests are answered, time is up or somebody cancels."""
        self._began_s = time.perf_counter()
        threads = [
            threading.Thread(
                target=copy_context().run, args=(self._ask,), name=f"caller-{n}", daemon=True
            )
            for n in range(self._n_concurrent)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        requests = tuple(request for _, request in self._answered)
        return Round(
            requests=requests,
            point=sweep_point(requests, self._n_concurrent, self._rate()) if requests else None,
            n_failed=len(self._failures),
            failure=self._failures[0] if self._failures else None,
        )

    def _rate(self) -> float:
        """Answers per second in the middle, while the service is full.

        From when as many were answered as there are callers until the first has nothing left to ask.
        """
        stop_s = self._first_stop_s or time.perf_counter()
        ends = sorted(ended_s for ended_s, _ in self._answered if ended_s <= stop_s)
        n = self._n_concurrent
        if len(ends) < 2 * n:
            return max(1, len(ends)) / (stop_s - self._began_s)
        return (len(ends) - n) / (ends[-1] - ends[n - 1])

    def _ask(self) -> None:
        while (text := self._next()) is not None:
            began_s = time.perf_counter()
            try:
                replied = self._target.replay(text)
            except StudioError as error:
                with self._lock:
                    self._failures.append(error)
                continue
            ended_s = time.perf_counter()
            request = ReplayedRequest(
                request_id=replied.request_id,
                n_concurrent=self._n_concurrent,
                total_ms=(ended_s - began_s) * 1e3,
                first_token_ms=replied.first_token_ms,
            )
            with self._lock:
                self._answered.append((ended_s, request))
                self._on_answer()
        with self._lock:
            self._first_stop_s = self._first_stop_s or time.perf_counter()

    def _next(self) -> str | None:
        with self._lock:
            is_late = time.perf_counter() - self._began_s > self._limit_s and bool(self._answered)
            if is_late or self._is_cancelled() or len(self._failures) >= MAX_FAILED:
                return None
            return next(self._texts) if next(self._left) > 0 else None
