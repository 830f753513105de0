"""Jobs written down as they go, so that what a process leaves unfinished can be started again.

Decides when something is worth writing and who may take over; knows no database and runs nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from studio.errors import StudioError
from studio.jobs.job import Job, JobState
from studio.jobs.ownership import Ownership
from studio.records import JobRecord, Notice

logger = logging.getLogger(__name__)

PROGRESS_EVERY_S = 2.0
MAX_INTERRUPTIONS = 5
"""A job that was running when its process ended this often may be what ends it."""


class JobStore(Protocol):
    """Keeps jobs; see `workspace.jobs.Jobs`."""

    def save(self, record: JobRecord) -> None:
        """Write it down, unless another owner has it. Raises StudioError."""
        ...

    def unfinished(self, kinds: Sequence[str]) -> tuple[JobRecord, ...]:
        """What waits or runs, the oldest first. Raises StudioError."""
        ...

    def claim(self, job_id: str, from_owner: str, to_owner: str) -> JobRecord | None:
        """Take it over; None where somebody else has. Raises StudioError."""
        ...

    def list(self, limit: int = ...) -> tuple[JobRecord, ...]:
        """The latest, the newest first. Raises StudioError."""
        ...


class Logbook:
    """Writes jobs down and finds those that ended processes have left. Thread-safe.

    A job that cannot be written down runs all the same: it is then not started again.

    Args:
        store: keeps the jobs.
        ownership: tells which processes are there.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        store: JobStore,
        ownership: Ownership,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._ownership = ownership
        self._clock = clock
        self._lock = threading.Lock()
        self._written: dict[str, tuple[JobState, float]] = {}

    def note(self, job: Job[Any]) -> None:
        """Write a job down if its state changed, or its progress some time ago."""
        with self._lock:  # the later look is also the one written later
            state, now_s = job.lasting_state, self._clock()
            before, at_s = self._written.get(job.id, (None, 0.0))
            if state is before and (state.is_final or now_s - at_s < PROGRESS_EVERY_S):
                return
            self._written[job.id] = (state, now_s)
            if job.state.is_final:
                del self._written[job.id]
            try:
                owner = self._ownership.token
                self._store.save(replace(job.record(), state=state.value, owner=owner))
            except (StudioError, OSError) as error:
                logger.warning("job %s (%s) is not written down: %s", job.id, job.kind, error)

    def take_over(self, kinds: Sequence[str]) -> tuple[JobRecord, ...]:
        """What ended processes have left unfinished, ours now, the oldest first.

        Of several processes that ask at once, one gets a job. What was interrupted too often is
        written down as failed instead.

        Raises:
            StudioError: the store cannot be read or written.
            OSError: the lock file cannot be made.
        """
        taken = []
        for record in self._store.unfinished(kinds):
            if self._ownership.is_alive(record.owner):
                continue
            claimed = self._store.claim(record.id, record.owner, self._ownership.token)
            if claimed is None:
                continue
            if claimed.n_interrupted >= MAX_INTERRUPTIONS:
                self._give_up(claimed)
            else:
                taken.append(claimed)
        return tuple(taken)

    def drop(self, record: JobRecord) -> None:
        """Write down that another job does the work of one that was taken over.

        Raises:
            StudioError: the store cannot be written.
        """
        error = Notice("Another job does this work.")
        self._store.save(replace(record, state=JobState.CANCELLED.value, error=error))

    def list(self) -> tuple[JobRecord, ...]:
        """The latest jobs of all processes, the newest first.

        Raises:
            StudioError: the store cannot be read.
        """
        return self._store.list()

    def close(self) -> None:
        """Leave what is unfinished to the next process."""
        self._ownership.release()

    def _give_up(self, record: JobRecord) -> None:
        error = Notice(
            "The studio ended {n} times in the middle of this. It is not started again by itself; "
            "free some memory or disk space, then start it again.",
            "The studio ended once in the middle of this. It is not started again by itself; free some "
            "memory or disk space, then start it again.",
            n=record.n_interrupted,
        )
        self._store.save(replace(record, state=JobState.FAILED.value, error=error))
