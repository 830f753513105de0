"""What was read of a database is remembered until anybody writes to it.

A page asks for the same few rows dozens of times, through layers that know nothing of each other. What
this process writes is known at once; SQLite tells in microseconds whether another process has committed
anything. Other databases do not, and nothing is remembered of them. Knows no table.
"""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine

MOST_ENTRIES = 1_000
LOOK_S = 0.05
"""For so long after a look another process is taken to have written nothing. Not at every read, as each
look lets go of the interpreter, which a busy studio gives back only after milliseconds."""

T = TypeVar("T")


class ReadMemory:
    """Values by key, all forgotten with the next write; every method is thread-safe.

    Args:
        engine: of the database that the values are read from.
        timer: monotonic seconds.
    """

    def __init__(self, engine: Engine, timer: Callable[[], float] = time.monotonic) -> None:
        path = engine.url.database
        is_file = engine.dialect.name == "sqlite" and path and path != ":memory:"
        self._path = path if is_file else None
        self._timer = timer
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._n_written = 0  # by this process
        self._version: int | None = None  # as SQLite told it last; None where it did not
        self._looked_s = -math.inf
        self._state: tuple[int, int] | None = None
        self._values: dict[Hashable, Any] = {}

    def note_write(self) -> None:
        """This process has committed something."""
        with self._lock:
            self._n_written += 1

    def recall(self, key: Hashable, load: Callable[[], T]) -> T:
        """What `load` gave for the key if nothing has been written since, else what it gives now.

        The value is shared by all who ask for it: give out what nobody can change, or a copy.

        Args:
            key: says what is read, and with which arguments.
            load: reads it. What it raises is not remembered.
        """
        with self._lock:
            state = self._state_now()
            if state is not None and state == self._state and key in self._values:
                value: T = self._values[key]
                return value
        value = load()  # of this state or a later one, which is found out the next time
        if state is not None:
            with self._lock:
                if state != self._state or len(self._values) >= MOST_ENTRIES:
                    self._state, self._values = state, {}
                self._values[key] = value
        return value

    def close(self) -> None:
        """Forget everything and remember nothing more."""
        with self._lock:
            self._path, self._values = None, {}
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _state_now(self) -> tuple[int, int] | None:
        """Another value after every commit; None where it is not known. Holds the lock."""
        if self._path is None:
            return None
        now_s = self._timer()
        if now_s - self._looked_s >= LOOK_S:
            self._version, self._looked_s = self._version_now(self._path), now_s
        return None if self._version is None else (self._n_written, self._version)

    def _version_now(self, path: str) -> int | None:
        with suppress(sqlite3.Error):  # locked, or not there yet
            if self._connection is None:
                self._connection = sqlite3.connect(
                    f"{Path(path).absolute().as_uri()}?mode=rw",  # it makes no file
                    uri=True,
                    timeout=0,
                    isolation_level=None,
                    check_same_thread=False,
                )
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        return None
