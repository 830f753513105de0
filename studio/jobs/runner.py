"""Long work outside the page: started once, watched from anywhere, stopped on request.

A runner owns a few daemon threads and the jobs of this process, in memory only. It knows neither
what the work is nor who looks at it.

    page -> JobRunner.start(...) -> Job        page, later -> runner.find(id) -> job.progress
                  thread -> work(JobContext) -> report(), raise_if_cancelled()
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from studio.errors import NotFound, StudioError
from studio.jobs.job import Job, JobContext, JobState
from studio.records import Notice

__all__ = ["Job", "JobContext", "JobRunner", "JobState"]

T = TypeVar("T")

N_FINISHED_KEPT = 100
"""Finished jobs that a runner remembers, so that its memory does not grow for ever."""


class JobRunner:
    """Runs jobs on at most `max_workers` daemon threads, in the order they were started.

    Args:
        max_workers: jobs that run at once; further ones wait.
        clock: monotonic seconds, for rates.
        now: aware UTC, for the times a job shows.
    """

    def __init__(
        self,
        max_workers: int = 4,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._max_workers = max_workers
        self._clock = clock
        self._now = now
        self._changed = threading.Condition()
        self._queue: deque[Job[Any]] = deque()  # jobs of every result type
        self._jobs: list[Job[Any]] = []
        self._threads: list[threading.Thread] = []
        self._n_idle = 0
        self._is_closed = False

    def start(
        self, kind: str, title: Notice, work: Callable[[JobContext], T], key: str | None = None
    ) -> Job[T]:
        """Begin a piece of work, or give the job that already does it.

        Args:
            kind: what sort of work, such as "fetch-model"; for lists and filters.
            title: what the user sees before the first report.
            work: called once on a thread of the runner.
            key: names what is worked on. While a job of the same kind and key is queued or running
                that job is returned and `work` is dropped.

        Raises:
            StudioError: the runner is closed.
        """
        with self._changed:
            if self._is_closed:
                raise StudioError("The studio is closing and starts no new work.")
            running = self._running(kind, key)
            if running is not None:
                return running
            job = Job(kind=kind, title=title, key=key, work=work, now=self._now)
            self._forget_old()
            self._jobs.append(job)
            self._queue.append(job)
            if self._n_idle < len(self._queue) and len(self._threads) < self._max_workers:
                name = f"studio-job-{len(self._threads) + 1}"
                thread = threading.Thread(target=self._serve, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify()
        return job

    def jobs(self) -> tuple[Job[Any], ...]:
        """All jobs that are remembered, newest first."""
        with self._changed:
            return tuple(reversed(self._jobs))

    def find(self, job_id: str) -> Job[Any]:
        """The job of that id.

        Raises:
            NotFound: there is none (any more).
        """
        for job in self.jobs():
            if job.id == job_id:
                return job
        raise NotFound("There is no work with the id {id}; it may be long finished.", id=job_id)

    def close(self, timeout_s: float = 5.0) -> None:
        """Ask every job to stop and wait up to `timeout_s` for them. Closing twice does nothing."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        for job in self.jobs():
            job.cancel()
        deadline = time.monotonic() + timeout_s
        for thread in tuple(self._threads):
            thread.join(max(0.0, deadline - time.monotonic()))

    def _running(self, kind: str, key: str | None) -> Job[Any] | None:
        if key is None:
            return None
        matches = (j for j in self._jobs if (j.kind, j.key) == (kind, key) and not j.state.is_final)
        return next(matches, None)

    def _forget_old(self) -> None:
        finished = [job for job in self._jobs if job.state.is_final]
        for job in finished[: max(0, len(finished) - N_FINISHED_KEPT + 1)]:
            self._jobs.remove(job)

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._n_idle += 1
                self._changed.wait_for(lambda: self._queue or self._is_closed)
                self._n_idle -= 1
                if not self._queue:
                    return
                job = self._queue.popleft()
            job.run(self._clock)
