"""The rows of a batch written, many at once; what is finished is on the disk before it is reported.

Knows how rows are written and kept; who starts, pauses and shows batches is `batch.py`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass, field, replace

from studio.errors import Cancelled, ModelUnavailable, Overloaded, StudioError
from studio.inference.protocol import GenerationStream
from studio.jobs.runner import JobContext
from studio.prototypes.content.composing import Composed, Composer, Watcher
from studio.prototypes.content.sheet import ColumnMapping
from studio.prototypes.content.text_json import text_from_json, text_to_json
from studio.prototypes.content.writing import unexpected
from studio.records import Notice, Stage
from studio.workspace.batches import Batches as BatchStore
from studio.workspace.records import BatchRecord, BatchRowRecord

N_TRIES = 3
"""How often a row is begun whose model was busy or did not answer."""
WAIT_S = 1.0
LOOK_S = 0.3
"""How often it is looked whether somebody paused or cancelled the batch."""
N_FAILURES_IN_A_ROW = 5
"""From so many rows on that the model failed, it is taken to be gone, and the batch ends."""


@dataclass(slots=True)
class _Stop:
    """Ends the rows that are being written."""

    event: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    streams: list[GenerationStream] = field(default_factory=list)

    def follow(self, stream: GenerationStream) -> None:
        with self.lock:
            self.streams = [*self.streams[-64:], stream]
        if self.event.is_set():
            stream.cancel()

    def now(self) -> None:
        self.event.set()
        with self.lock:
            streams = list(self.streams)
        for stream in streams:
            stream.cancel()


def rows_at_once(n_concurrent: int) -> int:
    """Threads that write rows: a few more than the model takes, as others wait for their checks."""
    return n_concurrent + max(1, n_concurrent // 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowToWrite:
    """A row: its place in the sheet, its form, and what became of it before.

    `n_before` is how often it was written, `reason` why that was not accepted; 0 and empty for a first
    time.
    """

    position: int
    values: Mapping[str, str]
    n_before: int = 0
    reason: str = ""


def write_rows(
    composer: Composer,
    rows: Sequence[RowToWrite],
    n_at_once: int,
    *,
    watcher: Watcher | None = None,
) -> Iterator[tuple[int, Composed | StudioError]]:
    """Texts for forms, as they are finished; a failed one gives its error.

    Args:
        composer: writes them.
        rows: what is to be written.
        n_at_once: how many are written at once.
        watcher: who may stop it; then the rest is left out.
    """
    watcher = watcher or Watcher()
    pending: dict[Future[Composed], int] = {}
    todo = iter(rows)
    with ThreadPoolExecutor(max_workers=n_at_once, thread_name_prefix="studio-row") as pool:

        def feed() -> None:
            while len(pending) < n_at_once and not watcher.is_cancelled():
                following = next(todo, None)
                if following is None:
                    return
                running = pool.submit(copy_context().run, _written, composer, following, watcher)
                pending[running] = following.position

        feed()
        while pending:
            done, _ = wait(pending, timeout=LOOK_S, return_when=FIRST_COMPLETED)
            if not done:
                watcher.is_cancelled()  # lets the watcher look and stop
            for future in done:
                position = pending.pop(future)
                try:
                    outcome: Composed | StudioError = future.result()
                except Cancelled:
                    continue
                except StudioError as error:
                    outcome = error
                except Exception as problem:  # noqa: BLE001 - logged; the other rows go on
                    outcome = unexpected(problem)
                feed()
                yield position, outcome


def _written(composer: Composer, row: RowToWrite, watcher: Watcher) -> Composed:
    """A text, begun again where the model was busy or did not answer."""
    for n in range(1, N_TRIES + 1):
        if watcher.is_cancelled():
            raise Cancelled("The batch was stopped.")
        try:
            composed = composer.compose(
                row.values, number=row.n_before, watcher=watcher, reason=row.reason
            )
        except (Overloaded, ModelUnavailable):
            if n == N_TRIES:
                raise
            time.sleep(WAIT_S * n)
            continue
        if composed.text.finish_reason == "cancelled":
            raise Cancelled("The batch was stopped.")
        return composed
    raise AssertionError("not reached")


class BatchRun:
    """One run over the waiting rows of a batch.

    Args:
        store: keeps rows and states.
        batch: as it stands.
        composer: writes its rows.
        mapping: which column fills which field.
        n_at_once: rows that are written at once.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        store: BatchStore,
        batch: BatchRecord,
        composer: Composer,
        mapping: ColumnMapping,
        *,
        n_at_once: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._batch = batch
        self._composer = composer
        self._mapping = mapping
        self._n_at_once = n_at_once
        self._clock = clock
        self._began_s = clock()
        self._looked_s = clock()
        self._stop = _Stop()

    def run(self, context: JobContext) -> None:
        """Write what waits, until it is done or somebody stops it.

        Raises:
            StudioError: the model or the disk gave up; finished rows stay.
            Cancelled: the process ends.
        """
        waiting = self._store.rows(self._batch.id, ["waiting"])
        n_rows = sum(self._batch.n_by_state.values())
        n_done = n_rows - len(waiting)
        watcher = Watcher(follow=self._stop.follow, is_cancelled=lambda: self._is_stopped(context))
        rows = [self._to_write(row) for row in waiting]
        by_position = {row.position: row for row in waiting}
        notice = Notice("Writing {name}", name=self._batch.name)
        context.report(n_done, n_rows, "rows", notice)
        n_gone = 0
        for position, outcome in write_rows(self._composer, rows, self._n_at_once, watcher=watcher):
            self._keep(by_position[position], outcome)
            n_done += 1
            context.report(n_done, n_rows, "rows", notice)
            n_gone = n_gone + 1 if isinstance(outcome, ModelUnavailable) else 0
            if n_gone >= N_FAILURES_IN_A_ROW and isinstance(outcome, StudioError):
                self._stop.now()
                raise outcome
        context.raise_if_cancelled()

    def _to_write(self, row: BatchRowRecord) -> RowToWrite:
        values, reason = self._mapping.values(_cells(row)), ""
        if row.text is not None:
            reason = self._composer.reason_for(text_from_json(row.text).failed_required, values)
        return RowToWrite(
            position=row.position, values=values, n_before=row.n_attempts, reason=reason
        )

    def _keep(self, row: BatchRowRecord, outcome: Composed | StudioError) -> None:
        seconds = self._batch.seconds + self._clock() - self._began_s
        if isinstance(outcome, StudioError):
            failed = replace(
                row,
                state="failed",
                text=None,
                error=outcome.notice,
                n_attempts=row.n_attempts + 1,
                tokens_in=0,
                tokens_out=0,
            )
            zero = self._composer.figures((), 0).cost
            self._store.finish_row(self._batch.id, failed, seconds, zero)
            return
        text = outcome.text
        written = [call for call in outcome.calls if call.stage is Stage.GENERATION]
        self._store.finish_row(
            self._batch.id,
            replace(
                row,
                state="done" if text.is_accepted else "rejected",
                text=text_to_json(text),
                error=None,
                n_attempts=row.n_attempts + text.n_attempts,
                tokens_in=sum(call.tokens_in for call in written),
                tokens_out=sum(call.tokens_out for call in written),
            ),
            seconds,
            text.figures.cost if text.figures else None,
        )

    def _is_stopped(self, context: JobContext) -> bool:
        """Whether the process ends, or the batch was paused or cancelled, from wherever."""
        if self._stop.event.is_set():
            return True
        is_stopped = context.cancelled()
        if not is_stopped and self._clock() - self._looked_s > LOOK_S:
            self._looked_s = self._clock()
            state = self._store.state(self._batch.id)
            is_stopped = state != "running"
        if is_stopped:
            self._stop.now()
        return is_stopped


def _cells(row: BatchRowRecord) -> Mapping[str, str]:
    return {str(column): str(cell) for column, cell in row.cells.items()}
