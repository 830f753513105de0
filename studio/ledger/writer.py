"""The thread that writes the ledger: one transaction for all records that came in meanwhile.

Callers only put a row in a queue. What cannot be written stays in the queue, in order, and is tried
again until it can. Knows rows and their place; knows no record and no price.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from itertools import islice

from studio.errors import StudioError
from studio.ledger.place import LedgerConnection, LedgerPlace, Row
from studio.records import Notice

GATHER_S = 0.02  # how long a record waits for company: one disk write for all calls of that time
RETRY_S = 1.0
MAX_BATCH = 5_000

_log = logging.getLogger(__name__)


class Writer:
    """A queue of rows and the thread that empties it into its place; every method is thread-safe.

    The thread starts with the first row and ends with `stop`; a later row starts it again.
    """

    def __init__(self, place: LedgerPlace) -> None:
        self._place = place
        self._state = threading.Condition()
        self._rows: deque[Row] = deque()
        self._n_submitted = 0
        self._n_written = 0
        self._n_failures = 0
        self._is_urgent = False
        self._is_stopping = False
        self._thread: threading.Thread | None = None
        self._error: StudioError | None = None

    @property
    def n_waiting(self) -> int:
        """Rows that are not on the disk yet."""
        with self._state:
            return len(self._rows)

    @property
    def problem(self) -> Notice | None:
        """Why the last attempt to write failed; None when it succeeded."""
        with self._state:
            if self._error is None:
                return None
            return Notice(
                "{n_records} usage records are not saved yet. {reason} They are kept and saved as"
                " soon as that is possible.",
                n_records=len(self._rows),
                reason=self._error.notice,
            )

    def submit(self, row: Row) -> None:
        """Queue a row; returns at once."""
        with self._state:
            self._rows.append(row)
            self._n_submitted += 1
            if not self._ensure_thread() and len(self._rows) == 1:
                self._state.notify_all()

    def flush(self, timeout_s: float) -> None:
        """Wait until every row submitted so far is on the disk.

        Raises:
            StudioError: it could not be written, or not in time; the rows are kept.
        """
        with self._state:
            target, n_failures = self._n_submitted, self._n_failures
            if self._n_written >= target:
                return
            self._ensure_thread()
            self._is_urgent = True
            self._state.notify_all()
            self._state.wait_for(
                lambda: self._n_written >= target or self._n_failures > n_failures, timeout_s
            )
            if self._n_written >= target:
                return
            if self._error is not None:
                raise self._error
            raise _late(len(self._rows), timeout_s)

    def stop(self, timeout_s: float) -> None:
        """Write what is left, once more if need be, and end the thread.

        Raises:
            StudioError: rows are left; they are kept and a later `submit` or `stop` tries again.
        """
        with self._state:
            if self._rows:
                self._ensure_thread()
            thread, self._is_stopping = self._thread, True
            self._state.notify_all()
        if thread is not None:
            thread.join(timeout_s)
        with self._state:
            self._is_stopping = False
            if self._rows:
                raise self._error or _late(len(self._rows), timeout_s)

    def _ensure_thread(self) -> bool:
        """Start the thread unless it runs; whether that was needed. Called with the lock held."""
        if self._thread is not None and self._thread.is_alive():
            return False
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()
        return True

    def _run(self) -> None:
        connection: LedgerConnection | None = None
        try:
            while rows := self._next_rows():
                try:
                    connection = connection or self._place.open()
                    connection.write(rows)
                except StudioError as error:
                    if connection is not None:
                        connection.close()  # a new one may find the disk mended
                    connection = None
                    if not self._wait_after(error):
                        return
                else:
                    self._settle(len(rows))
        finally:
            if connection is not None:
                connection.close()

    def _next_rows(self) -> list[Row]:
        """Up to `MAX_BATCH` rows in order, still in the queue; none when the thread shall end."""
        with self._state:
            self._state.wait_for(lambda: bool(self._rows) or self._is_stopping)
            if not (self._is_urgent or self._is_stopping):
                self._state.wait_for(lambda: self._is_urgent or self._is_stopping, GATHER_S)
            self._is_urgent = False
            if not self._rows:
                self._thread = None
            return list(islice(self._rows, MAX_BATCH))

    def _settle(self, n_rows: int) -> None:
        with self._state:
            for _ in range(n_rows):
                self._rows.popleft()
            self._n_written += n_rows
            self._error = None
            # A flush may wait for rows behind this batch.
            self._is_urgent = self._is_urgent or len(self._rows) >= MAX_BATCH
            self._state.notify_all()

    def _wait_after(self, error: StudioError) -> bool:
        """Tell those who wait, and pause; False when the thread shall end."""
        with self._state:
            if self._error is None:  # said once, not with every attempt
                _log.warning("%d usage records wait: %s", len(self._rows), error)
            self._error = error
            self._n_failures += 1
            self._state.notify_all()
            if not self._is_stopping:
                self._state.wait_for(lambda: self._is_urgent or self._is_stopping, RETRY_S)
                return True
            self._thread = None
            return False


def _late(n_records: int, seconds: float) -> StudioError:
    return StudioError(
        "{n_records} usage records were not saved within {seconds:g} seconds. They are kept and"
        " saved as soon as that is possible.",
        n_records=n_records,
        seconds=seconds,
    )
