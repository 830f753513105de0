"""Preferences: what the user chose, as JSON by key (language, prices, default models)."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from studio.workspace.database import Database, as_json
from studio.workspace.schema import PreferenceRow


class Preferences:
    """Values by key; every method is thread-safe. Keys have at most 200 characters."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def get(self, key: str, default: Any = None) -> Any:  # Any: whatever JSON can say
        """The value of the key, or the default when none was set."""
        row = self._database.recall(("preference", key), lambda session: _found(session, key))
        return default if row is None else deepcopy(row[0])

    def set(self, key: str, value: Any) -> None:  # Any: whatever JSON can say
        """Set the value; it is on the disk when this returns.

        Raises:
            InvalidInput: the value is not JSON.
        """
        values = as_json(value)
        with self._database.write() as session:
            session.merge(PreferenceRow(key=key, value=values, updated_at=self._clock()))


def _found(session: Session, key: str) -> tuple[Any] | None:
    """The value in a tuple, as it may be None itself."""
    row = session.get(PreferenceRow, key)
    return None if row is None else (row.value,)
