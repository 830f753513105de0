"""Long work outside the page: started once, watched from anywhere, stopped on request.

A runner owns a few daemon threads and the jobs of this process, in memory. With a logbook, jobs of
registered kinds are also written down, and those that an ended process left go on in the next one. It
knows neither what the work is nor who looks at it.

    page -> JobRunner.start(...) -> Job        page, later -> runner.find(id) -> job.progress
                  thread -> work(JobContext) -> report(), raise_if_cancelled()
    workbench, at its start -> register(kind, handler), resume()
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from studio.errors import NotFound, StudioError
from studio.jobs.job import Job, JobContext, JobState
from studio.jobs.logbook import Logbook
from studio.records import JobRecord, Notice

__all__ = ["Job", "JobContext", "JobRunner", "JobState"]

Handler = Callable[[str, JobContext], object]
"""Does the work of a kind for a key, from the start or from where an earlier run left it."""

Work = Callable[[JobContext], Any]  # Any: each job has a result of its own

T = TypeVar("T")

N_FINISHED_KEPT = 100
"""Finished jobs that a runner remembers, so that its memory does not grow for ever."""


class JobRunner:
    """Runs jobs on at most `max_workers` daemon threads, in the order they were started.

    Args:
        max_workers: jobs that run at once; further ones wait.
        clock: monotonic seconds, for rates.
        now: aware UTC, for the times a job shows.
        logbook: where jobs of registered kinds are written down; None to keep none.
        carried: wraps work when it is started, so that on its thread the same person acts.
    """

    def __init__(
        self,
        max_workers: int = 4,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        logbook: Logbook | None = None,
        carried: Callable[[Work], Work] = lambda work: work,
    ) -> None:
        self._max_workers = max_workers
        self._clock = clock
        self._now = now
        self._logbook = logbook
        self._carried = carried
        self._handlers: dict[str, Handler] = {}
        self._changed = threading.Condition()
        self._queue: deque[Job[Any]] = deque()  # jobs of every result type
        self._jobs: list[Job[Any]] = []
        self._threads: list[threading.Thread] = []
        self._n_idle = 0
        self._is_closed = False

    def register(self, kind: str, handler: Handler) -> None:
        """Make a kind resumable: its jobs with a key are written down, and `resume` calls this."""
        self._handlers[kind] = handler

    def resume(self, after: Callable[[], object] | None = None) -> tuple[Job[Any], ...]:
        """Start what ended processes left unfinished, of the registered kinds; each job once.

        Jobs that were cancelled stay so. A job goes on under its old id.

        Args:
            after: returns when they may begin; until then they are queued, for everybody to see. At
                once by default.

        Raises:
            StudioError: the logbook cannot be read.
        """
        if self._logbook is None:
            return ()
        jobs = []
        for record in self._logbook.take_over(tuple(self._handlers)):
            job = self._taken_over(record)
            if job is None and not self._is_closed:  # else it waits for the next process
                self._logbook.drop(record)
            elif job is not None:
                jobs.append(job)

        def begin() -> None:
            if after is not None:
                after()
            for job in jobs:
                self._enqueue(job)

        if after is None:
            begin()
        elif jobs:
            threading.Thread(target=begin, name="studio-resume", daemon=True).start()
        return tuple(jobs)

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
            is_kept = self._logbook is not None and kind in self._handlers and key is not None
            job = Job(
                kind=kind,
                title=title,
                key=key,
                work=self._carried(work),
                now=self._now,
                on_change=self._note if is_kept else _ignore,
            )
            self._forget_old()
            self._jobs.append(job)
        if is_kept:
            self._note(job)  # outside the lock: the disk may be slow
        self._enqueue(job)
        return job

    def jobs(self) -> tuple[Job[Any], ...]:
        """All jobs that are remembered, newest first."""
        with self._changed:
            return tuple(reversed(self._jobs))

    def latest(self, kind: str, key: str) -> Job[Any] | None:
        """The job of that kind and key that was started last; None where none is remembered."""
        return next((job for job in self.jobs() if (job.kind, job.key) == (kind, key)), None)

    def history(self) -> tuple[JobRecord, ...]:
        """All that is known of jobs, those of earlier and other processes included, newest first.

        Raises:
            StudioError: the logbook cannot be read.
        """
        own = [job.record() for job in self.jobs()]
        ids = {record.id for record in own}
        stored = self._logbook.list() if self._logbook is not None else ()
        others = [record for record in stored if record.id not in ids]
        return tuple(sorted([*own, *others], key=lambda r: r.created_at, reverse=True))

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
        """Ask every job to stop and wait up to `timeout_s` for them. Closing twice does nothing.

        Jobs that are written down wait for the next process that resumes them.
        """
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        for job in self.jobs():
            job.interrupt()
        deadline = time.monotonic() + timeout_s
        for thread in tuple(self._threads):
            thread.join(max(0.0, deadline - time.monotonic()))
        if self._logbook is not None:
            self._logbook.close()

    def _taken_over(self, record: JobRecord) -> Job[Any] | None:
        """A job to go on with; None where another one does the same, or the runner is closed."""
        with self._changed:
            key = record.key or ""
            if self._is_closed or self._running(record.kind, record.key) is not None:
                return None
            job: Job[Any] = Job(
                kind=record.kind,
                title=record.title,
                key=record.key,
                work=partial(self._handlers[record.kind], key),
                now=self._now,
                taken_over=record,
                on_change=self._note,
            )
            self._jobs.append(job)
            return job

    def _enqueue(self, job: Job[Any]) -> None:
        with self._changed:
            self._queue.append(job)
            if self._n_idle < len(self._queue) and len(self._threads) < self._max_workers:
                name = f"studio-job-{len(self._threads) + 1}"
                thread = threading.Thread(target=self._serve, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify()

    def _note(self, job: Job[Any]) -> None:
        if self._logbook is not None:
            self._logbook.note(job)

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


def _ignore(_job: Job[Any]) -> None:
    """A job that nobody writes down."""
