"""The ledger's file: opening it, and saying in plain words why it cannot be used.

Knows SQLite's result codes; knows no record and no thread.
"""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from pathlib import Path

from studio.errors import DataError, StorageFull, StudioError
from studio.ledger import schema

BUSY_TIMEOUT_S = 5.0


def open_ledger(path: Path) -> sqlite3.Connection:
    """A connection to the file with its table in this version; made if it is not there.

    The connection belongs to the calling thread. What a returned COMMIT wrote is on the disk, also
    after a loss of power (`synchronous = FULL`).

    Raises:
        StudioError: the file was written by a newer version.
        sqlite3.Error: it cannot be opened, read or written; `failure` puts it in words.
        OSError: the folder cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        schema.migrate(connection)
        # Another process may be switching at this very moment; then it is done already.
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = WAL")
    except BaseException:
        connection.close()
        raise
    return connection


def failure(error: Exception, path: Path) -> StudioError:
    """The error in words for the user; a `StudioError` is given back as it is."""
    if isinstance(error, StudioError):
        return error
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
