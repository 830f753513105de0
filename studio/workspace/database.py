"""The workspace's database: opening it, transactions, and its failures in plain words.

SQLite in a file by default, any SQLAlchemy URL else. What a transaction that ended wrote is on the
disk: it survives a kill of the process and a loss of power. Knows no table.
"""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

from studio.acting import Acting, Actor
from studio.errors import DataError, InvalidInput, Overloaded, StorageFull, StudioError
from studio.workspace.read_memory import ReadMemory

BUSY_TIMEOUT_MS = 10_000
CONNECT_TIMEOUT_S = 10
"""How long a PostgreSQL server may take to answer, where the URL says nothing else of it."""
# Advisory locks are numbers of the whole database; any will do, the same in every process.
POSTGRES_WRITERS = 5_417_201
_ACTOR = "actor"

T = TypeVar("T")


def make_engine(url: str) -> Engine:
    """An engine for the URL; for a SQLite file its folder is made.

    SQLite gets foreign keys, full synchronisation and a wait of `BUSY_TIMEOUT_MS` for other
    writers. On PostgreSQL, too, one transaction writes at a time, so that whatever one reads before
    it writes still holds.

    Raises:
        InvalidInput: the URL cannot be used.
        StudioError: the folder cannot be made.
    """
    try:
        parsed = make_url(url)
        options: dict[str, int] = {}
        if parsed.get_backend_name() == "postgresql" and "connect_timeout" not in parsed.query:
            options["connect_timeout"] = CONNECT_TIMEOUT_S
        engine = create_engine(
            parsed,
            json_serializer=to_json,
            pool_pre_ping=parsed.get_backend_name() != "sqlite",
            connect_args=options,
        )
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
    elif engine.dialect.name == "postgresql":
        event.listen(engine, "begin", _begin_postgres)
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
        self._memory = ReadMemory(engine)
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

    def recall(self, key: Hashable, load: Callable[[Session], T]) -> T:
        """What is read in a session, from memory where nothing has been written since.

        The value is shared by all who ask: nobody may change it.

        Args:
            key: says what is read, and with which arguments.
            load: reads it.

        Raises:
            StudioError: the database cannot be read, or what `load` raises.
        """

        def read() -> T:
            with self.read() as session:
                return load(session)

        return self._memory.recall(key, read)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction; committed, and on the disk, when the block ends without an error.

        Raises:
            StorageFull: there is no room left on the disk.
            AccessDenied: whoever acts may not write this.
            StudioError: the database cannot be written. Nothing of the block is kept.
        """
        actor = self._acting.current()  # before the write lock is taken, as it may have to read
        try:
            with database_errors(self._writing), self._sessions.begin() as session:
                session.info[_ACTOR] = actor
                yield session
        finally:
            self._memory.note_write()

    def close(self) -> None:
        """Close all connections."""
        self._memory.close()
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
    reason = _reason(error)
    if reason == "full":
        return StorageFull(
            "There is no room left on the disk to save your work in {file}. Free some space and try"
            " again.",
            file=url,
        )
    if reason == "damaged":
        return DataError(
            "The workspace {file} is damaged and cannot be read. Nothing was changed. Put a backup"
            " in its place, or move it away to begin anew.",
            file=url,
        )
    if reason == "busy":
        return StudioError(
            "The workspace {file} is in use by another program. Close it, or try again.", file=url
        )
    if reason == "read only":
        return StudioError(
            "The workspace {file} may not be written to. Change its permissions and try again.",
            file=url,
        )
    return StudioError(
        "The workspace {file} cannot be used: {reason}. Check that it is there and may be written"
        " to.",
        file=url,
        reason=(str(error.orig).strip().splitlines() or [""])[0].rstrip("."),
    )


def _reason(error: DBAPIError) -> str | None:
    """What kind of failure it is, by the codes of SQLite and PostgreSQL; None for any other."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _OF_SQLITE.get(code & 0xFF)
    return _OF_POSTGRES.get(getattr(error.orig, "sqlstate", None) or "")


_OF_SQLITE = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_READONLY: "read only",
}
_OF_POSTGRES = {  # https://www.postgresql.org/docs/current/errcodes-appendix.html
    "53100": "full",
    "XX001": "damaged",
    "XX002": "damaged",
    "55P03": "busy",
    "53300": "busy",
    "25006": "read only",
    "42501": "read only",
}


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


def _begin_postgres(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("is_writing", False):
        wait_ms = 0 if options.get("is_migrating", False) else BUSY_TIMEOUT_MS  # 0: for any time
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {wait_ms}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({POSTGRES_WRITERS})")
