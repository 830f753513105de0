"""One piece of long work: how it stands, and what the work itself holds while it runs.

Knows no thread and no queue: a runner calls `Job.run` once, on a thread of its choice.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from studio.errors import Cancelled, StudioError
from studio.jobs.rate import RateMeter
from studio.records import JobRecord, Notice, Progress

logger = logging.getLogger(__name__)

T = TypeVar("T")


class JobState(StrEnum):
    """Where a job stands. It moves from left to right and ends in one of the last three."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class JobContext:
    """What the work holds while it runs: says how far it is, and learns that it should stop."""

    def __init__(self, job: Job[Any], clock: Callable[[], float]) -> None:
        self._job = job  # the work's own result type does not matter here
        self._clock = clock
        self._meter = RateMeter()
        self._unit = ""

    def report(
        self,
        done: float,
        total: float | None = None,
        unit: str = "",
        notice: Notice | None = None,
    ) -> None:
        """Show how far the work is; rate and remaining time are computed from earlier reports.

        Args:
            done: units done so far. Going back, or another unit, starts the measurement anew.
            total: units in all; None while unknown.
            unit: what is counted, such as "documents" or "bytes".
            notice: what is being done now; the job's title by default.
        """
        if unit != self._unit:
            self._meter, self._unit = RateMeter(), unit
        rate = self._meter.update(done, self._clock())
        self.relay(
            Progress(
                notice=notice or self._job.title,
                done=done,
                total=total,
                unit=unit,
                rate_per_s=rate,
                remaining_s=self._meter.remaining_s(total),
            )
        )

    def relay(self, progress: Progress) -> None:
        """Show a progress that somebody else has measured (weights being fetched, say)."""
        self._job.show(progress)

    def cancelled(self) -> bool:
        """Whether the work has been asked to stop."""
        return self._job.is_cancel_requested

    def raise_if_cancelled(self) -> None:
        """Leave the work if it has been asked to stop.

        Raises:
            Cancelled: it has.
        """
        if self.cancelled():
            raise Cancelled("{title} was stopped.", title=self._job.title)


class Job(Generic[T]):
    """A piece of work and how it stands. Every member may be used from any thread.

    `id` is unique; `key` names what is worked on, None for work that may run twice.

    Args:
        kind: what sort of work.
        title: what the user sees before the first report.
        key: names what is worked on.
        work: called once.
        now: aware UTC.
        taken_over: the record of a job that another process left; the job goes on under its id.
        on_change: told of every change, in the thread that makes it; must not raise.
    """

    def __init__(
        self,
        *,
        kind: str,
        title: Notice,
        key: str | None,
        work: Callable[[JobContext], T],
        now: Callable[[], datetime],
        taken_over: JobRecord | None = None,
        on_change: Callable[[Job[Any]], None] = lambda _: None,
    ) -> None:
        self.id = taken_over.id if taken_over else uuid.uuid4().hex[:12]
        self.created_at = taken_over.created_at if taken_over else now()
        self._n_interrupted = taken_over.n_interrupted if taken_over else 0
        self._on_change = on_change
        self._is_interrupted = False
        self._is_settled = False
        self.kind = kind
        self.title = title
        self.key = key
        self._now = now
        self._work: Callable[[JobContext], T] | None = work
        self._changed = threading.Condition()
        self._cancel_requested = threading.Event()
        self._state = JobState.QUEUED
        self._progress = Progress(notice=title)
        self._result: T | None = None
        self._failure: StudioError | None = None
        self._started_at: datetime | None = None
        self._finished_at: datetime | None = None

    @property
    def state(self) -> JobState:
        """Where it stands."""
        return self._state

    @property
    def progress(self) -> Progress:
        """The latest report; the title with nothing done before the first."""
        return self._progress

    @property
    def error(self) -> Notice | None:
        """Why it failed or was stopped; None while it runs and when it is done."""
        return self._failure.notice if self._failure else None

    @property
    def started_at(self) -> datetime | None:
        """When the work began, aware UTC; None while queued."""
        return self._started_at

    @property
    def finished_at(self) -> datetime | None:
        """When it ended, aware UTC; None before."""
        return self._finished_at

    @property
    def is_cancel_requested(self) -> bool:
        """Whether somebody asked it to stop (it may still be running)."""
        return self._cancel_requested.is_set()

    @property
    def lasting_state(self) -> JobState:
        """Where it will stand if the process ends now: what is stopped by that waits again."""
        if self._is_interrupted and self._state is not JobState.DONE:
            return JobState.QUEUED
        if self.is_cancel_requested and not self._state.is_final:
            return JobState.CANCELLED
        return self._state

    def record(self) -> JobRecord:
        """How it stands now, to show or to write down."""
        return JobRecord(
            id=self.id,
            kind=self.kind,
            title=self.title,
            key=self.key,
            state=self._state.value,
            progress=self._progress,
            error=self.error,
            n_interrupted=self._n_interrupted,
            created_at=self.created_at,
            started_at=self._started_at,
            ended_at=self._finished_at,
        )

    def interrupt(self) -> None:
        """Stop it because the process ends; what the user cancelled before stays cancelled."""
        with self._changed:
            if self._state.is_final:
                return
            self._is_interrupted = not self.is_cancel_requested
        self.cancel()

    def cancel(self) -> None:
        """Ask it to stop. A queued job ends at once, a running one when its work next looks."""
        self._cancel_requested.set()
        with self._changed:
            ends_now = self._state is JobState.QUEUED
            if ends_now:
                self._finish(
                    JobState.CANCELLED, Cancelled("{title} was stopped.", title=self.title)
                )
        self._on_change(self)
        if ends_now:
            self._settle()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end, and until it is written down; False if `timeout_s` passed first."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_settled, timeout_s)

    def result(self, timeout_s: float | None = None) -> T:
        """Wait for the end and give what the work returned.

        Raises:
            StudioError: the work failed (its own error) or was stopped (`Cancelled`).
            TimeoutError: it did not end in time.
        """
        if not self.wait(timeout_s):
            raise TimeoutError(f"{self.title} is still {self._state}")
        if self._failure is not None:
            raise self._failure
        return self._result  # type: ignore[return-value] # DONE: the work has returned a T

    def show(self, progress: Progress) -> None:
        """Replace the progress that is shown. For the work, through its context."""
        self._progress = progress
        self._on_change(self)

    def run(self, clock: Callable[[], float]) -> None:
        """Do the work and keep its result or its failure; raises nothing. For the runner, once.

        Args:
            clock: monotonic seconds, for rates.
        """
        with self._changed:
            if self._state is not JobState.QUEUED or self._work is None:
                return
            self._state, self._started_at = JobState.RUNNING, self._now()
            work, self._work = self._work, None  # what the work holds is freed when it ends
        self._on_change(self)
        state = JobState.DONE
        failure: StudioError | None = None
        try:
            self._result = work(JobContext(self, clock))
        except Cancelled as error:
            state, failure = JobState.CANCELLED, error
        except StudioError as error:
            state, failure = JobState.FAILED, error
        except BaseException as error:  # whoever waits must learn of it, whatever it is
            logger.exception("job %s (%s) failed", self.id, self.kind)
            failure = StudioError(
                "Something unexpected happened (id {id}). The log has the details under this id.",
                id=self.id,
            )
            failure.__cause__ = error
            state = JobState.FAILED
        with self._changed:
            self._finish(state, failure)
        self._on_change(self)
        self._settle()

    def _finish(self, state: JobState, failure: StudioError | None) -> None:
        self._failure, self._state = failure, state
        self._finished_at = self._now()
        self._work = None

    def _settle(self) -> None:
        with self._changed:
            self._is_settled = True
            self._changed.notify_all()
