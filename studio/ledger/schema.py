"""The ledger's table: how a call record becomes a row, and what a table of calls looks like.

Knows SQLite's statements and the columns of the data frame; knows no thread and no file.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pandas as pd

from studio.errors import StudioError
from studio.records import CallRecord

SqlValue: TypeAlias = str | int | float | None

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

#: Column -> dtype of the data frame. `version` is a nullable integer; missing texts are NaN.
COLUMNS: dict[str, str] = {
    "call_id": "str",
    "request_id": "str",
    "prototype_id": "str",
    "version": "Int64",
    "surface": "str",
    "stage": "str",
    "model": "str",
    "revision": "str",
    "engine": "str",
    "device": "str",
    "precision": "str",
    "tokens_in": "int64",
    "tokens_out": "int64",
    "cached_tokens": "int64",
    "queue_ms": "float64",
    "first_token_ms": "float64",
    "total_ms": "float64",
    "busy_ms": "float64",
    "batch_size": "float64",
    "error": "str",
    "started_at": "datetime64[us, UTC]",
    "account": "str",
}

# A call that was written already (a retry after a commit of unknown outcome) is not written twice.
INSERT = (
    f"INSERT INTO calls ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
    " ON CONFLICT (call_id) DO NOTHING"
)
SELECT = f"SELECT {', '.join(COLUMNS)} FROM calls"

# The index of accounts leaves out the owner's calls, and is used only where a query says so, too.
ON_ACCOUNT = "account <> '' AND account = ?"
ON_OWNERS = "account = ?"
ON_ACCOUNT_AMONG_FEW = "+account = ?"  # a plus keeps SQLite from taking the index

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INTEGERS = frozenset(name for name, dtype in COLUMNS.items() if dtype.lower() == "int64")
_FLOATS = frozenset(name for name, dtype in COLUMNS.items() if dtype == "float64")
_MAY_BE_NONE = frozenset({"prototype_id", "version", "first_token_ms", "error"})


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970; a time without a zone is read as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    delta = aware - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def row_of(record: CallRecord) -> tuple[SqlValue, ...]:
    """The record in the order of `COLUMNS`, in types that SQLite stores.

    Whatever passes here can be written, so that one bad record never holds up those behind it.

    Raises:
        TypeError: a number is not one, or a value that must be there is None.
        ValueError: a number is not one.
        OverflowError: a number has more than 64 bits.
    """
    return tuple(_sql_value(name, getattr(record, name)) for name in COLUMNS)


def frame_of(rows: list[tuple[SqlValue, ...]]) -> pd.DataFrame:
    """Rows of `SELECT` as a data frame with the columns and dtypes of `COLUMNS`, even of none."""
    values = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
    series: dict[str, pd.Series] = {}
    for (name, dtype), column in zip(COLUMNS.items(), values, strict=True):
        if name == "started_at":
            stamps = pd.Series(column, dtype="int64").astype("datetime64[us]")
            series[name] = stamps.dt.tz_localize("UTC")
        else:
            series[name] = pd.Series(column, dtype=dtype)
    return pd.DataFrame(series)


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
        raise StudioError(
            "The usage records were written by a newer version of the studio (format {found}; this"
            " one reads up to {known}). Update the studio, or start it with another STUDIO_HOME.",
            found=version,
            known=len(_MIGRATIONS),
        )
    return version


def _sql_value(name: str, value: Any) -> SqlValue:  # Any: numbers may be numpy's
    if value is None:
        if name in _MAY_BE_NONE:
            return None
        raise TypeError(f"{name} is None")
    if name == "started_at":
        return microseconds(value)
    if name in _INTEGERS:
        number = int(value)
        if not -(2**63) <= number < 2**63:
            raise OverflowError(f"{name} is {number}")
        return number
    if name in _FLOATS:
        return float(value)
    # A lone surrogate cannot be written as UTF-8; a name must not cost the record.
    return str(value).encode("utf-8", "replace").decode("utf-8")
