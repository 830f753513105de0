"""The ledger's table: how a call record becomes a row, and what a table of calls looks like.

Knows the columns and the statements that every database understands; knows no thread and no file.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

import pandas as pd

from studio.errors import DataError
from studio.ledger.place import Row, SqlValue
from studio.records import CallRecord

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
ON_ACCOUNT_AMONG_FEW = "account || '' = ?"  # an expression keeps SQLite from taking the index
ON_ACCOUNTS_AMONG_FEW = ("account || '' >= ?", "account || '' < ?")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INTEGERS = frozenset(name for name, dtype in COLUMNS.items() if dtype.lower() == "int64")
_FLOATS = frozenset(name for name, dtype in COLUMNS.items() if dtype == "float64")
_MAY_BE_NONE = frozenset({"prototype_id", "version", "first_token_ms", "error"})


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970; a time without a zone is read as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    delta = aware - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def row_of(record: CallRecord) -> Row:
    """The record in the order of `COLUMNS`, in types that databases store.

    Whatever passes here can be written, so that one bad record never holds up those behind it.

    Raises:
        TypeError: a number is not one, or a value that must be there is None.
        ValueError: a number is not one.
        OverflowError: a number has more than 64 bits.
    """
    return tuple(_sql_value(name, getattr(record, name)) for name in COLUMNS)


def frame_of(rows: list[Row]) -> pd.DataFrame:
    """Rows of `SELECT` as a data frame with the columns and dtypes of `COLUMNS`, even of none."""
    return _frame(rows) if rows else _frame_of_none().copy()


@cache
def _frame_of_none() -> pd.DataFrame:
    """Made once: meters look before every request whether anything is new, and mostly nothing is."""
    return _frame([])


def _frame(rows: list[Row]) -> pd.DataFrame:
    values = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
    series: dict[str, pd.Series] = {}
    for (name, dtype), column in zip(COLUMNS.items(), values, strict=True):
        if name == "started_at":
            stamps = pd.Series(column, dtype="int64").astype("datetime64[us]")
            series[name] = stamps.dt.tz_localize("UTC")
        else:
            series[name] = pd.Series(column, dtype=dtype)
    return pd.DataFrame(series)


def newer_version(found: int, known: int) -> DataError:
    """The error about records in a format that is not known here."""
    return DataError(
        "The usage records were written by a newer version of the studio (format {found}; this"
        " one reads up to {known}). Update the studio, or start it with another STUDIO_HOME.",
        found=found,
        known=known,
    )


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
    # A lone surrogate or a null character cannot be stored; a name must not cost the record.
    return str(value).replace("\0", "").encode("utf-8", "replace").decode("utf-8")
