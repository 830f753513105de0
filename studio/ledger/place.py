"""Where a ledger lies: a SQLite file, or a PostgreSQL database that several machines share.

Knows what the store and the writer ask of a place, and which place an address names; knows no
record.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

SqlValue: TypeAlias = str | int | float | None
Row: TypeAlias = tuple[SqlValue, ...]


class LedgerConnection(Protocol):
    """A connection of one thread. Every method raises `StudioError`, in words for the user."""

    def rows(self, sql: str, values: Sequence[SqlValue] = ()) -> list[Row]:
        """The answer to a query whose values stand as question marks."""
        ...

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows in the order of `schema.COLUMNS`, all or none; on the disk when it returns.

        A row whose call is there already is left out. Whoever has read up to a position never
        misses one: rows become visible in the order of their positions.
        """
        ...

    def close(self) -> None:
        """End it."""
        ...


class LedgerPlace(Protocol):
    """A place and its ways. `position` names the column that numbers rows as they are written."""

    position: str

    def open(self) -> LedgerConnection:
        """A connection for the calling thread, the table in this version; made if it is not there.

        Raises:
            DataError: what is there is damaged; it is left as it is.
            StudioError: it was written by a newer version, or cannot be used.
        """
        ...


def place_at(location: Path | str) -> LedgerPlace:
    """The place that is meant: a path is a SQLite file, a text the URL of a PostgreSQL database."""
    if isinstance(location, Path):
        from studio.ledger.sqlite_file import SqliteFile

        return SqliteFile(location)
    from studio.ledger.postgres import PostgresDatabase

    return PostgresDatabase(location)
