"""Bringing a database to this version of the tables when it is opened.

Runs Alembic in the caller's own transaction: two processes that open a workspace at once wait for
each other, and a migration that fails leaves everything as it was. Knows no rows.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from studio.errors import StudioError
from studio.workspace.database import database_errors

# Alembic keeps the migration it runs in module variables of its own, so one at a time per process.
_ALEMBIC = threading.Lock()


def migrate(engine: Engine) -> None:
    """Make or update the tables; does nothing when they are of this version already.

    Raises:
        DataError: the file is damaged; nothing is changed.
        StudioError: it was made by a newer version, or cannot be written; nothing is changed.
    """
    config = Config()
    config.set_main_option("script_location", "studio.workspace:migrations")
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    with database_errors(engine):
        with engine.connect() as connection:
            is_current = _revision(connection, scripts) == scripts.get_current_head()
        if not is_current:
            writing = engine.execution_options(is_writing=True, is_migrating=True)
            with _ALEMBIC, writing.begin() as connection:
                # Does nothing if another process has done it while this one waited.
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        _use_write_ahead_log(engine)


def _revision(connection: Connection, scripts: ScriptDirectory) -> str | None:
    """The version of the tables, None in an empty database."""
    found = MigrationContext.configure(connection).get_current_revision()
    try:
        scripts.get_revision(found or "base")
    except CommandError as error:
        raise StudioError(
            "The workspace was made by a newer version of the studio (its version {found} is not"
            " known here). Update the studio, or start it with another STUDIO_HOME.",
            found=found,
        ) from error
    return found


def _use_write_ahead_log(engine: Engine) -> None:
    """Let readers go on while one writes; the file remembers it."""
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()  # outside a transaction, in which the mode cannot change
    try:
        # Another process that is at it right now does it for this one too; a file that may only be
        # read keeps its mode and is refused with words at the first write.
        with contextlib.suppress(OperationalError, sqlite3.OperationalError):
            connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()
