"""Scenarios: a business model with its numbers, under a name. Nothing is lost: deleting puts away.

Values are JSON that the caller makes and reads; the workspace knows no business model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from studio.errors import NotFound
from studio.workspace.database import Database, as_json
from studio.workspace.naming import checked_name, new_id
from studio.workspace.records import ScenarioRecord
from studio.workspace.schema import PrototypeRow, ScenarioRow


class Scenarios:
    """The scenarios of all prototypes; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def create(
        self, prototype_id: str, name: str, model: str, content: Mapping[str, Any]
    ) -> ScenarioRecord:
        """A new scenario of a prototype; it is on the disk when this returns.

        Raises:
            NotFound: there is no such prototype.
            InvalidInput: the name is empty or too long, or the content is not JSON.
        """
        values, now = as_json(dict(content)), self._clock()
        with self._database.write() as session:
            if session.get(PrototypeRow, prototype_id) is None:
                raise NotFound("There is no prototype {prototype}.", prototype=prototype_id)
            row = ScenarioRow(
                id=new_id(),
                prototype_id=prototype_id,
                name=checked_name(name),
                model=model,
                content=values,
                created_at=now,
                updated_at=now,
            )
            session.add(row)
            return _record(row)

    def get(self, scenario_id: str) -> ScenarioRecord:
        """The scenario of that id.

        Raises:
            NotFound: there is none, or it was deleted.
        """
        with self._database.read() as session:
            return _record(_find(session, scenario_id))

    def list(self, prototype_id: str) -> tuple[ScenarioRecord, ...]:
        """The scenarios of a prototype, the one that was changed last first."""
        query = select(ScenarioRow).where(
            ScenarioRow.prototype_id == prototype_id, ScenarioRow.deleted_at.is_(None)
        )
        with self._database.read() as session:
            rows = session.scalars(query.order_by(ScenarioRow.updated_at.desc(), ScenarioRow.id))
            return tuple(_record(row) for row in rows)

    def update(
        self,
        scenario_id: str,
        *,
        name: str | None = None,
        content: Mapping[str, Any] | None = None,
    ) -> ScenarioRecord:
        """Give it another name, other content, or both.

        Raises:
            NotFound: there is none, or it was deleted.
            InvalidInput: the name is empty or too long, or the content is not JSON.
        """
        values = None if content is None else as_json(dict(content))
        with self._database.write() as session:
            row = _find(session, scenario_id)
            if name is not None:
                row.name = checked_name(name)
            if values is not None:
                row.content = values
            row.updated_at = self._clock()
            return _record(row)

    def duplicate(self, scenario_id: str, name: str) -> ScenarioRecord:
        """A copy under another name.

        Raises:
            NotFound: there is none, or it was deleted.
            InvalidInput: the name is empty or too long.
        """
        original = self.get(scenario_id)
        return self.create(original.prototype_id, name, original.model, original.content)

    def delete(self, scenario_id: str) -> None:
        """Put it away; `restore` brings it back. Deleting it again does nothing.

        Raises:
            NotFound: there is none.
        """
        with self._database.write() as session:
            row = _find(session, scenario_id, include_deleted=True)
            row.deleted_at = row.deleted_at or self._clock()

    def restore(self, scenario_id: str) -> ScenarioRecord:
        """Bring a deleted one back.

        Raises:
            NotFound: there is none.
        """
        with self._database.write() as session:
            row = _find(session, scenario_id, include_deleted=True)
            row.deleted_at = None
            return _record(row)


def _find(session: Session, scenario_id: str, *, include_deleted: bool = False) -> ScenarioRow:
    row = session.get(ScenarioRow, scenario_id)
    if row is None or (row.deleted_at is not None and not include_deleted):
        raise NotFound("There is no scenario {scenario}.", scenario=scenario_id)
    return row


def _record(row: ScenarioRow) -> ScenarioRecord:
    return ScenarioRecord(
        id=row.id,
        prototype_id=row.prototype_id,
        name=row.name,
        model=row.model,
        content=as_json(row.content),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
