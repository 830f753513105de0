"""A ledger in a PostgreSQL database, for studios on several machines.

Its table lies in a schema of its own, so that it can share the database of the workspace. Knows
PostgreSQL's statements; knows no record and no thread.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

from studio.errors import InvalidInput, StorageFull, StudioError
from studio.ledger.place import Row, SqlValue
from studio.ledger.schema import INSERT, newer_version

if TYPE_CHECKING:
    import psycopg

BUSY_TIMEOUT_MS = 10_000
CONNECT_TIMEOUT_S = 10
# Advisory locks are numbers of the whole database; any will do, the same in every process. Whoever
# writes holds it, so that rows become visible in the order of their positions.
_WRITERS = 5_417_202

# One tuple of statements per version, applied in order; the table `format` counts them.
_MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE calls (
            position BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
            call_id TEXT PRIMARY KEY,
            request_id TEXT NOT NULL,
            prototype_id TEXT,
            version BIGINT,
            surface TEXT NOT NULL,
            stage TEXT NOT NULL,
            model TEXT NOT NULL,
            revision TEXT NOT NULL,
            engine TEXT NOT NULL,
            device TEXT NOT NULL,
            precision TEXT NOT NULL,
            tokens_in BIGINT NOT NULL,
            tokens_out BIGINT NOT NULL,
            cached_tokens BIGINT NOT NULL,
            queue_ms DOUBLE PRECISION,
            first_token_ms DOUBLE PRECISION,
            total_ms DOUBLE PRECISION,
            busy_ms DOUBLE PRECISION,
            batch_size DOUBLE PRECISION,
            error TEXT,
            started_at BIGINT NOT NULL, -- microseconds since 1970, UTC
            account TEXT COLLATE "C" NOT NULL -- ordered by its bytes, for ranges
        )""",
        "CREATE INDEX calls_by_prototype ON calls (prototype_id, started_at)",
        "CREATE INDEX calls_by_request ON calls (request_id)",
        "CREATE INDEX calls_by_time ON calls (started_at)",
        "CREATE INDEX calls_by_account ON calls (account, started_at) WHERE account <> ''",
    ),
)


class PostgresDatabase:
    """A database of calls; see `place.LedgerPlace`.

    Args:
        url: its SQLAlchemy URL, as the workspace's.

    Raises:
        InvalidInput: the driver is not installed.
    """

    position = "position"

    def __init__(self, url: str) -> None:
        try:
            import psycopg  # noqa: F401 - said now rather than with the first call
        except ModuleNotFoundError as error:
            raise InvalidInput(
                "STUDIO_DATABASE_URL names PostgreSQL, whose driver is not installed. Run"
                " pip install -e '.[postgres]' in the studio's folder."
            ) from error
        parsed = make_url(url)
        self._name = parsed.render_as_string(hide_password=True)
        self._options: dict[str, Any] = {  # what psycopg's connect takes
            "host": parsed.host,
            "port": parsed.port,
            "user": parsed.username,
            "password": parsed.password,
            "dbname": parsed.database,
            "connect_timeout": CONNECT_TIMEOUT_S,
        } | dict(parsed.query)

    def open(self) -> PostgresConnection:
        """A connection of the calling thread."""
        import psycopg

        with _in_words(self._name):
            options = {name: value for name, value in self._options.items() if value is not None}
            connection = psycopg.connect(**options, autocommit=True)
            try:
                connection.execute(f"SET lock_timeout = {BUSY_TIMEOUT_MS}")
                connection.execute("SET search_path TO ledger")
                _migrate(connection)
            except BaseException:
                connection.close()
                raise
        return PostgresConnection(connection, self._name)


class PostgresConnection:
    """See `place.LedgerConnection`."""

    def __init__(self, connection: psycopg.Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    def rows(self, sql: str, values: Sequence[SqlValue] = ()) -> list[Row]:
        """The answer to a query."""
        with _in_words(self._name):
            return self._connection.execute(_with_its_marks(sql), tuple(values)).fetchall()

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows in one transaction, after whoever writes at the moment."""
        with _in_words(self._name), self._connection.transaction():
            self._connection.execute(f"SELECT pg_advisory_xact_lock({_WRITERS})")
            with self._connection.cursor() as cursor:
                cursor.executemany(_with_its_marks(INSERT), rows)

    def close(self) -> None:
        """End it; what was not committed is gone."""
        self._connection.close()


def _with_its_marks(sql: str) -> Any:  # Any: the driver wants a literal, to warn of injections
    """A statement whose values stand as psycopg writes them."""
    return sql.replace("?", "%s")


def _migrate(connection: psycopg.Connection) -> None:
    if _version(connection) == len(_MIGRATIONS):
        return
    with connection.transaction():
        connection.execute("SET LOCAL lock_timeout = 0")  # another process may be at it for long
        connection.execute(f"SELECT pg_advisory_xact_lock({_WRITERS})")
        connection.execute("CREATE SCHEMA IF NOT EXISTS ledger")
        connection.execute("CREATE TABLE IF NOT EXISTS format (version INTEGER NOT NULL)")
        # Read again: another process may have done it while this one waited for the lock.
        for number in range(_version(connection), len(_MIGRATIONS)):
            for statement in _MIGRATIONS[number]:
                connection.execute(_with_its_marks(statement))
        connection.execute("DELETE FROM format")
        connection.execute("INSERT INTO format VALUES (%s)", (len(_MIGRATIONS),))


def _version(connection: psycopg.Connection) -> int:
    if connection.execute("SELECT to_regclass('ledger.format')").fetchone() == (None,):
        return 0
    found = connection.execute("SELECT coalesce(max(version), 0) FROM format").fetchone()
    version = int(found[0]) if found else 0
    if version > len(_MIGRATIONS):
        raise newer_version(version, len(_MIGRATIONS))
    return version


@contextlib.contextmanager
def _in_words(name: str) -> Iterator[None]:
    import psycopg

    try:
        yield
    except psycopg.errors.DiskFull as error:
        raise StorageFull(
            "There is no room left on the disk for the usage records ({file}). Free some space.",
            file=name,
        ) from error
    except psycopg.errors.LockNotAvailable as error:
        raise StudioError(
            "The usage records ({file}) are in use by another program. Close it, or wait.",
            file=name,
        ) from error
    except psycopg.Error as error:
        raise StudioError(
            "The usage records ({file}) cannot be used: {reason}. Check that the server runs and"
            " that they may be written to.",
            file=name,
            reason=(str(error).strip().splitlines() or [type(error).__name__])[0].rstrip("."),
        ) from error
