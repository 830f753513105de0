"""Preferences: what the user chose, as JSON by key (language, prices, default models)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from studio.workspace.database import Database, as_json
from studio.workspace.schema import PreferenceRow


class Preferences:
    """Values by key; every method is thread-safe. Keys have at most 200 characters."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def get(self, key: str, default: Any = None) -> Any:  # Any: whatever JSON can say
        """The value of the key, or the default when none was set."""
        with self._database.read() as session:
            row = session.get(PreferenceRow, key)
            return default if row is None else row.value

    def set(self, key: str, value: Any) -> None:  # Any: whatever JSON can say
        """Set the value; it is on the disk when this returns.

        Raises:
            InvalidInput: the value is not JSON.
        """
        values = as_json(value)
        with self._database.write() as session:
            session.merge(PreferenceRow(key=key, value=values, updated_at=self._clock()))
