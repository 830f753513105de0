"""A text in the making: runs on its own thread, so that a dropped page does not stop it.

Several readers may follow it; stopping it stops the model. Knows nothing of how a text comes about.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from studio.errors import StudioError
from studio.inference.protocol import GenerationStream
from studio.jobs.rate import RateMeter
from studio.prototypes.content.composing import Watcher
from studio.records import Notice, Progress

logger = logging.getLogger(__name__)

T = TypeVar("T")

HEARTBEAT_S = 0.2


def unexpected(problem: Exception) -> StudioError:
    """What people are told of a mistake of ours; the log has the rest under the id that it names."""
    incident = uuid.uuid4().hex[:8]
    logger.error("writing failed, incident %s", incident, exc_info=problem)
    error = StudioError(
        "Something unexpected happened while writing (id {id}). Try again; if it happens again, the "
        "log has the details under this id.",
        id=incident,
    )
    error.__cause__ = problem
    return error


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """How far it is: the texts as they stand now, and what is being done with what progress.

    `rejected` says for each text why the one before it was not accepted, None where it is the first.
    """

    texts: tuple[str, ...]
    rejected: tuple[Notice | None, ...]
    progress: Progress


class Writing(Generic[T]):
    """Something that is being written.

    Args:
        work: makes it; is given this object to report to. Called once, on a new thread.
        n_texts: how many texts `Glimpse.texts` has from the start.
        request_id: joins its calls; a new one by default.
    """

    def __init__(
        self, work: Callable[[Writing[T]], T], n_texts: int = 1, request_id: str = ""
    ) -> None:
        self.request_id = request_id or uuid.uuid4().hex
        self._work = work
        self._changed = threading.Condition()
        self._texts = [""] * n_texts
        self._rejected: dict[int, Notice] = {}
        self._progress = Progress(notice=Notice("Getting ready"))
        self._n_changes = 0
        self._streams: list[GenerationStream] = []
        self._is_cancelled = False
        self._is_done = False
        self._result: T | None = None
        self._error: StudioError | None = None
        self._meter = RateMeter()
        self._unit = ""
        self._thread = threading.Thread(target=self._run, name="studio-writing", daemon=True)

    def begin(self) -> Writing[T]:
        """Begin; gives itself."""
        self._thread.start()
        return self

    @property
    def is_done(self) -> bool:
        """Whether it has ended, in whichever way."""
        return self._is_done

    @property
    def is_cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self._is_cancelled

    def glimpse(self) -> Glimpse:
        """How it stands now; does not wait."""
        with self._changed:
            return Glimpse(
                texts=tuple(self._texts),
                rejected=tuple(map(self._rejected.get, range(len(self._texts)))),
                progress=self._progress,
            )

    def __iter__(self) -> Iterator[Glimpse]:
        """How it stands, whenever that changes and at least every 0.2 s; the last one when it ended.

        Errors are not raised here but by `result()`.
        """
        seen = -1
        while True:
            with self._changed:
                if self._n_changes == seen and not self._is_done:
                    self._changed.wait(HEARTBEAT_S)
                seen, is_over = self._n_changes, self._is_done
            yield self.glimpse()
            if is_over:
                return

    def cancel(self) -> None:
        """Stop the model; what was written so far becomes the result where it can be used."""
        with self._changed:
            self._is_cancelled = True
            streams = list(self._streams)
        for stream in streams:
            stream.cancel()

    def result(self, timeout_s: float | None = None) -> T:
        """Wait for the end and give what was written.

        Raises:
            StudioError: it failed, or was stopped before there was anything.
            TimeoutError: it did not end in time.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_done, timeout_s):
                raise TimeoutError(f"not written after {timeout_s} s")
            if self._error is not None:
                raise self._error
            return self._result  # type: ignore[return-value] # done without an error: a T

    # For the work

    def show(self, number: int, text: str) -> None:
        """Replace what readers see of a text, from 0; one beyond the last adds to them."""
        with self._changed:
            while len(self._texts) <= number:
                self._texts.append("")
            self._texts[number] = text
            self._tell()

    def again(self, number: int, why: Notice) -> None:
        """A text was not accepted and is written again."""
        with self._changed:
            self._rejected[number] = why
            self._tell()

    def report(
        self, notice: Notice, done: float = 0, total: float | None = None, unit: str = ""
    ) -> None:
        """Say what is being done, and how far it is."""
        with self._changed:
            if unit != self._unit or done < self._progress.done:  # it counts anew
                self._meter, self._unit = RateMeter(), unit
            rate = self._meter.update(done, time.monotonic())
            self._progress = Progress(
                notice=notice,
                done=done,
                total=total,
                unit=unit,
                rate_per_s=rate,
                remaining_s=self._meter.remaining_s(total),
            )
            self._tell()

    def watcher(self, number: int = 0) -> Watcher:
        """Who looks on for the text of that number."""
        return Watcher(
            show=lambda text: self.show(number, text),
            again=lambda why: self.again(number, why),
            follow=self.follow,
            is_cancelled=lambda: self._is_cancelled,
        )

    def follow(self, stream: GenerationStream) -> None:
        """Name a model's stream, so that stopping the writing stops the model."""
        with self._changed:
            self._streams.append(stream)
            is_cancelled = self._is_cancelled
        if is_cancelled:
            stream.cancel()

    def _tell(self) -> None:
        self._n_changes += 1
        self._changed.notify_all()

    def _run(self) -> None:
        result: T | None = None
        error: StudioError | None = None
        try:
            result = self._work(self)
        except StudioError as problem:
            error = problem
        except Exception as problem:  # noqa: BLE001 - `unexpected` logs it
            error = unexpected(problem)
        with self._changed:
            self._result, self._error = result, error
            self._streams.clear()
            self._is_done = True
            self._tell()
