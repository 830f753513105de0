"""The workspace's database: opening it, transactions, and its failures in plain words.

SQLite in a file by default, any SQLAlchemy URL else. What a transaction that ended wrote is on the
disk: it survives a kill of the process and a loss of power. Knows no table.
"""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

from studio.acting import Acting, Actor
from studio.errors import DataError, InvalidInput, Overloaded, StorageFull, StudioError

BUSY_TIMEOUT_MS = 10_000
_ACTOR = "actor"


def make_engine(url: str) -> Engine:
    """An engine for the URL; for a SQLite file its folder is made.

    SQLite gets foreign keys, full synchronisation and a wait of `BUSY_TIMEOUT_MS` for other
    writers.

    Raises:
        InvalidInput: the URL cannot be used.
        StudioError: the folder cannot be made.
    """
    try:
        parsed = make_url(url)
        engine = create_engine(parsed, json_serializer=to_json)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise InvalidInput(
            "STUDIO_DATABASE_URL cannot be used: {reason}. Write it like sqlite:///workspace.db.",
            reason=str(error),
        ) from error
    if engine.dialect.name == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            with storage_errors(parsed.database):
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


class Database:
    """Transactions on an engine; every method is thread-safe.

    Args:
        engine: from `make_engine`, its tables migrated.
        acting: tells who acts; asked before each transaction that writes, see `actor_of`.
    """

    def __init__(self, engine: Engine, acting: Acting | None = None) -> None:
        self._reading = engine
        # A writer takes SQLite's write lock at once: two that both read first would else deadlock.
        self._writing = engine.execution_options(is_writing=True)
        self._acting = acting or Acting()
        self._sessions = sessionmaker(self._writing)

    def guard(
        self,
        before_write: Callable[[Session], None],
        before_statement: Callable[[ORMExecuteState], None],
    ) -> None:
        """Have every write looked at first.

        Args:
            before_write: called with a session before what it holds is written; may refuse, or add.
            before_statement: called before a statement of a writing session runs; may refuse.
        """
        event.listen(self._sessions, "before_flush", lambda session, *_: before_write(session))
        event.listen(self._sessions, "do_orm_execute", before_statement)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session to read with.

        Raises:
            StudioError: the database cannot be read.
        """
        with database_errors(self._reading), Session(self._reading) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction; committed, and on the disk, when the block ends without an error.

        Raises:
            StorageFull: there is no room left on the disk.
            AccessDenied: whoever acts may not write this.
            StudioError: the database cannot be written. Nothing of the block is kept.
        """
        actor = self._acting.current()  # before the write lock is taken, as it may have to read
        with database_errors(self._writing), self._sessions.begin() as session:
            session.info[_ACTOR] = actor
            yield session

    def close(self) -> None:
        """Close all connections."""
        self._reading.dispose()


def actor_of(session: Session) -> Actor:
    """Who acts in a session that `Database.write` gave."""
    actor: Actor = session.info[_ACTOR]
    return actor


def to_json(value: Any) -> str:  # Any: whatever JSON can say
    """The value as JSON text that every database stores.

    Raises:
        InvalidInput: it has something that JSON cannot say, such as a date or a NaN.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidInput("A value cannot be saved: {reason}.", reason=str(error)) from error
    return clean(text)


def as_json(value: Any) -> Any:  # Any: whatever JSON can say
    """The value as it will be read back: a copy of its own, tuples as lists, keys as texts.

    Raises:
        InvalidInput: it has something that JSON cannot say, such as a date or a NaN.
    """
    return json.loads(to_json(value))


def clean(text: str) -> str:
    """The text without halves of characters and null characters, which no database stores."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


@contextmanager
def database_errors(engine: Engine) -> Iterator[None]:
    """Turn failures of the database into errors for the user."""
    try:
        yield
    except DBAPIError as error:
        raise _failure(error, engine.url.render_as_string(hide_password=True)) from error
    except PoolTimeoutError as error:
        raise Overloaded("The workspace is busy. Try again in a moment.") from error


@contextmanager
def storage_errors(path: str | Path) -> Iterator[None]:
    """Turn failures of the file system into errors for the user.

    Raises:
        StorageFull: there is no room left.
        StudioError: the file cannot be used.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(
                "There is no room left on the disk to save {file}. Free some space and try again.",
                file=path,
            ) from error
        raise StudioError(
            "{file} cannot be used: {reason}. Check that the folder exists and may be written to.",
            file=path,
            reason=error.strerror or str(error),
        ) from error


def _failure(error: DBAPIError, url: str) -> StudioError:
    code = (getattr(error.orig, "sqlite_errorcode", None) or 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return StorageFull(
            "There is no room left on the disk to save your work in {file}. Free some space and try"
            " again.",
            file=url,
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DataError(
            "The workspace {file} is damaged and cannot be read. Nothing was changed. Put a backup"
            " in its place, or move it away to begin anew.",
            file=url,
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StudioError(
            "The workspace {file} is in use by another program. Close it, or try again.", file=url
        )
    if code == sqlite3.SQLITE_READONLY:
        return StudioError(
            "The workspace {file} may not be written to. Change its permissions and try again.",
            file=url,
        )
    return StudioError(
        "The workspace {file} cannot be used: {reason}. Check that it is there and may be written"
        " to.",
        file=url,
        reason=str(error.orig),
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:  # Any: the driver's own, untyped
    # SQLAlchemy begins transactions itself (_begin_sqlite); the driver would begin them too late.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")
