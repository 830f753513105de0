"""A ledger in a SQLite file: its table, its versions, and why it cannot be used, in plain words.

Knows SQLite's statements and result codes; knows no record and no thread.
"""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from studio.errors import DataError, StorageFull, StudioError
from studio.ledger.place import Row, SqlValue
from studio.ledger.schema import INSERT, newer_version

BUSY_TIMEOUT_S = 5.0

# One statement per version of the file, applied in order; `PRAGMA user_version` counts them.
_MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE calls (
            call_id TEXT PRIMARY KEY NOT NULL,
            request_id TEXT NOT NULL,
            prototype_id TEXT,
            version INTEGER,
            surface TEXT NOT NULL,
            stage TEXT NOT NULL,
            model TEXT NOT NULL,
            revision TEXT NOT NULL,
            engine TEXT NOT NULL,
            device TEXT NOT NULL,
            precision TEXT NOT NULL,
            tokens_in INTEGER NOT NULL,
            tokens_out INTEGER NOT NULL,
            cached_tokens INTEGER NOT NULL,
            queue_ms REAL,
            first_token_ms REAL,
            total_ms REAL,
            busy_ms REAL,
            batch_size REAL,
            error TEXT,
            started_at INTEGER NOT NULL -- microseconds since 1970, UTC
        )""",
        "CREATE INDEX calls_by_prototype ON calls (prototype_id, started_at)",
        "CREATE INDEX calls_by_request ON calls (request_id)",
        "CREATE INDEX calls_by_time ON calls (started_at)",
    ),
    (
        "ALTER TABLE calls ADD COLUMN account TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX calls_by_account ON calls (account, started_at) WHERE account <> ''",
    ),
)


class SqliteFile:
    """A file of calls; see `place.LedgerPlace`. It and its folder are made if they are not there."""

    position = "rowid"

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self) -> SqliteConnection:
        """A connection of the calling thread.

        What a returned COMMIT wrote is on the disk, also after a loss of power
        (`synchronous = FULL`).
        """
        with _in_words(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
            try:
                connection.execute("PRAGMA synchronous = FULL")
                migrate(connection)
                # Another process may be switching at this very moment; then it is done already.
                with contextlib.suppress(sqlite3.OperationalError):
                    connection.execute("PRAGMA journal_mode = WAL")
            except BaseException:
                connection.close()
                raise
        return SqliteConnection(connection, self._path)


class SqliteConnection:
    """See `place.LedgerConnection`."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self._path = path

    def rows(self, sql: str, values: Sequence[SqlValue] = ()) -> list[Row]:
        """The answer to a query."""
        with _in_words(self._path):
            return self.connection.execute(sql, tuple(values)).fetchall()

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows in one transaction."""
        with _in_words(self._path):
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.executemany(INSERT, rows)
            self.connection.execute("COMMIT")

    def close(self) -> None:
        """End it; what was not committed is gone."""
        self.connection.close()


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file's table to this version; several processes may do so at once.

    Raises:
        StudioError: the file was written by a newer version; nothing is changed.
        sqlite3.Error: it cannot be read or written.
    """
    if _version(connection) == len(_MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Read again: another process may have done it while this one waited for the lock.
        for number in range(_version(connection), len(_MIGRATIONS)):
            for statement in _MIGRATIONS[number]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(_MIGRATIONS):
        raise newer_version(version, len(_MIGRATIONS))
    return version


@contextlib.contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise _failure(error, path) from error


def _failure(error: Exception, path: Path) -> StudioError:
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    number = error.errno if isinstance(error, OSError) else None
    if code == sqlite3.SQLITE_FULL or number in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(
            "There is no room left on the disk for the usage records ({file}). Free some space.",
            file=path,
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DataError(
            "The usage records ({file}) are damaged and cannot be read. Nothing was changed. Put a"
            " backup in their place, or move the file away to begin anew.",
            file=path,
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StudioError(
            "The usage records ({file}) are in use by another program. Close it, or wait.",
            file=path,
        )
    return StudioError(
        "The usage records ({file}) cannot be used: {reason}. Check that the folder exists and may"
        " be written to.",
        file=path,
        reason=str(error),
    )
