"""The ledger: every model call, appended from any thread and read back as a table.

Knows records and their table. Knows no price: economics adds it when it reads.
"""

from __future__ import annotations

import contextlib
import logging
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import pandas as pd

from studio.errors import DataError, StudioError
from studio.ledger import schema
from studio.ledger.place import LedgerConnection, Row, SqlValue, place_at
from studio.ledger.writer import Writer
from studio.records import CallRecord, Notice

_READ_YOUR_WRITES_S = 2.0
_CLOSE_S = 10.0

_log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LedgerPage:
    """Calls as `Ledger.frame` gives them, and where the ledger ends behind the last of them."""

    calls: pd.DataFrame
    position: int


class Ledger:
    """The calls of all processes that use the same file or database.

    A record is *acknowledged* when `append(..., wait=True)` or a later `flush()` has returned: then
    it is on the disk and survives a kill of the process and a loss of power. Records that are not
    acknowledged yet are written within about 50 ms; while they cannot be (disk full, file locked)
    they are kept in memory, tried again every second, and `problem` says so.

    Args:
        location: the path of a SQLite file, or the URL of a PostgreSQL database; a file and its
            folder are made if they are not there.

    Raises:
        DataError: the file is damaged or was written by a newer version; it is left as it is.
    """

    def __init__(self, location: Path | str) -> None:
        self._place = place_at(location)
        self._n_refused = 0
        self._opening: StudioError | None = None
        self._writer = Writer(self._place)
        try:
            self._place.open().close()
        except DataError:
            raise
        except StudioError as error:
            # A full or locked disk may be mended later; until then calls are answered all the same.
            self._opening = error
            _log.warning("%s", error)
        # Runs when the ledger is collected and when the interpreter ends, whichever is first.
        self._finish = weakref.finalize(self, _stop_quietly, self._writer)

    def append(self, record: CallRecord, *, wait: bool = False) -> None:
        """Take a record in; returns at once and never raises, unless `wait` is set.

        A record with the `call_id` of an earlier one is the same call and is not written again.

        Args:
            record: what to keep.
            wait: return only when the record is on the disk.

        Raises:
            StudioError: only with `wait`: it is not on the disk; it is kept and tried again.
        """
        try:
            row = schema.row_of(record)
        except (TypeError, ValueError, OverflowError, AttributeError) as error:
            self._n_refused += 1
            _log.exception("a call record has a value that cannot be stored: %r", record)
            if wait:
                raise StudioError(
                    "A usage record cannot be saved: {reason}.", reason=str(error)
                ) from error
            return
        self._writer.submit(row)
        if wait:
            self.flush()

    def flush(self, timeout_s: float = 10.0) -> None:
        """Wait until every record appended so far is on the disk.

        Raises:
            StorageFull: there is no room left on the disk.
            StudioError: they cannot be written for another reason, or not in time. They are kept.
        """
        self._writer.flush(timeout_s)

    @property
    def problem(self) -> Notice | None:
        """What keeps records from being saved at present, for the user; None when all is well."""
        waiting = self._writer.problem
        if waiting is not None:
            return waiting
        if self._opening is not None:
            return self._opening.notice
        if self._n_refused:
            return Notice(
                "{n_records} usage records had values that cannot be stored; the log names them.",
                n_records=self._n_refused,
            )
        return None

    def frame(
        self,
        prototype_id: str | None = None,
        request_id: str | None = None,
        since: datetime | None = None,
        account: str | None = None,
        account_prefix: str = "",
        position: int | None = None,
    ) -> pd.DataFrame:
        """The calls as a table, one row each, in the order they started.

        Columns are the fields of `CallRecord`, with the dtypes of `schema.COLUMNS` also when there
        are no rows: texts `str` (missing: NaN), `version` Int64, tokens int64, times in ms float64,
        `started_at` datetime64[us, UTC]. Calls that this process appended before are included
        unless `problem` says otherwise.

        Args:
            prototype_id: only calls of this prototype.
            request_id: only calls of this user action.
            since: only calls that started at this aware time or later.
            account: only calls on this account; empty for the owner's.
            account_prefix: only calls on accounts that begin with this.
            position: only calls that stand before this place; `after` has the others.

        Raises:
            StudioError: the file cannot be read.
        """
        conditions: dict[str, SqlValue] = {}
        if prototype_id is not None:
            conditions["prototype_id = ?"] = prototype_id
        if request_id is not None:
            conditions["request_id = ?"] = request_id
        if since is not None:
            conditions["started_at >= ?"] = schema.microseconds(since)
        if account is not None:
            conditions[schema.ON_ACCOUNT if account else schema.ON_OWNERS] = account
        if account_prefix:
            # A range of texts, which the index of accounts finds; it holds none of the owner's.
            conditions["account <> '' AND account >= ?"] = account_prefix
            conditions["account < ?"] = _after_prefix(account_prefix)
        if position is not None:
            conditions[f"{self._place.position} <= ?"] = position
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        sql = f"{schema.SELECT}{where} ORDER BY started_at, {self._place.position}"
        rows = self._read(lambda calls: calls.rows(sql, tuple(conditions.values())))
        return schema.frame_of(rows)

    def after(
        self, position: int, account: str | None = None, account_prefix: str = ""
    ) -> LedgerPage:
        """The calls that were written since an earlier look, in the order they were written.

        For sums that are kept up to date without reading everything again.

        Args:
            position: `LedgerPage.position` of that look, or of `position`; 0 for all calls.
            account: as in `frame`.
            account_prefix: as in `frame`.

        Raises:
            StudioError: the file cannot be read.
        """
        conditions: dict[str, SqlValue] = {f"{self._place.position} > ?": position}
        if account is not None:
            conditions[schema.ON_ACCOUNT_AMONG_FEW] = account
        if account_prefix:
            bounds = (account_prefix, _after_prefix(account_prefix))
            conditions |= dict(zip(schema.ON_ACCOUNTS_AMONG_FEW, bounds, strict=True))
        place = self._place.position
        where = f"{' AND '.join(conditions)} AND {place} <= ?"
        sql = f"{schema.SELECT} WHERE {where} ORDER BY {place}"

        def look(calls: LedgerConnection) -> tuple[int, list[Row]]:
            end = self._end(calls)
            return end, calls.rows(sql, (*conditions.values(), end))

        end, rows = self._read(look)
        return LedgerPage(calls=schema.frame_of(rows), position=end)

    def position(self) -> int:
        """Where the ledger ends now, for `after`.

        Raises:
            StudioError: the file cannot be read.
        """
        return self._read(self._end)

    def count(self) -> int:
        """Number of calls on the disk, of all processes.

        Raises:
            StudioError: the file cannot be read.
        """
        return self._read(lambda calls: int(calls.rows("SELECT count(*) FROM calls")[0][0] or 0))

    def close(self) -> None:
        """Write what is left and end the writing thread. A later `append` starts it again.

        Raises:
            StudioError: records are left that cannot be written; they are kept in memory.
        """
        self._writer.stop(_CLOSE_S)

    def _end(self, calls: LedgerConnection) -> int:
        return int(
            calls.rows(f"SELECT coalesce(max({self._place.position}), 0) FROM calls")[0][0] or 0
        )

    def _read(self, query: Callable[[LedgerConnection], _Answer]) -> _Answer:
        with contextlib.suppress(StudioError):  # what is on the disk can be shown all the same
            self.flush(_READ_YOUR_WRITES_S)
        with contextlib.closing(self._place.open()) as connection:
            answer = query(connection)
        self._opening = None
        return answer


def _stop_quietly(writer: Writer) -> None:
    try:
        writer.stop(_CLOSE_S)
    except StudioError:
        _log.exception("%d usage records could not be saved", writer.n_waiting)


def _after_prefix(prefix: str) -> str:
    """The first text that no longer begins with the prefix."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
