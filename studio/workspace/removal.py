"""Removing a prototype for good, with everything that hangs on it. Only on an owner's word.

It finds what refers to a prototype by the tables' own references, so that a table that is added later
is covered, too. Nothing calls it by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, delete, select
from sqlalchemy.orm import Session

from studio.acting import Acting, Role
from studio.errors import InvalidInput
from studio.workspace.database import Database
from studio.workspace.prototypes import find_prototype
from studio.workspace.schema import Base, DocumentRow, PreferenceRow, PrototypeRow

KEPT_FOR = timedelta(days=30)
"""For this long what was deleted can only be brought back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What is left to clear away: the id of what is gone, and files that nothing needs any more."""

    prototype_id: str
    unused_files: tuple[str, ...]


def removable_from(deleted_at: datetime) -> datetime:
    """The time from which on something that was deleted can be removed for good."""
    return deleted_at + KEPT_FOR


class Removal:
    """Removes what was deleted long ago; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime], acting: Acting) -> None:
        self._database = database
        self._clock = clock
        self._acting = acting

    def remove(self, prototype_id: str) -> Removed:
        """Remove a deleted prototype and all that belongs to it; it cannot be brought back.

        Raises:
            AccessDenied: whoever acts is no owner.
            NotFound: there is no such prototype.
            InvalidInput: it was not deleted, or not long enough ago; says from when on it can be.
        """
        self._acting.require(Role.OWNER)
        with self._database.write() as session:
            row = find_prototype(session, prototype_id, include_deleted=True, is_locked=True)
            self._check(row)
            files = set(
                session.scalars(
                    select(DocumentRow.sha256).where(DocumentRow.prototype_id == row.id)
                )
            )
            prototypes = Base.metadata.tables[PrototypeRow.__tablename__]
            _delete_what_refers(session, prototypes, prototypes.c.id == row.id)
            session.execute(
                delete(PreferenceRow).where(PreferenceRow.key.contains(row.id, autoescape=True))
            )
            removed_id = row.id
            session.delete(row)
            session.flush()
            used = set(
                session.scalars(select(DocumentRow.sha256).where(DocumentRow.sha256.in_(files)))
            )
        return Removed(prototype_id=removed_id, unused_files=tuple(sorted(files - used)))

    def _check(self, row: PrototypeRow) -> None:
        if row.deleted_at is None:
            raise InvalidInput("{name} was not deleted. Delete it first.", name=row.name)
        earliest = removable_from(row.deleted_at)
        if self._clock() < earliest:
            raise InvalidInput(
                "{name} can be restored until {date}; from then on it can be removed for good.",
                name=row.name,
                date=earliest.date().isoformat(),
            )


def _delete_what_refers(session: Session, table: Table, rows: ColumnElement[bool]) -> None:
    """Delete the rows of other tables that refer to these rows, those that refer to them first."""
    for other in Base.metadata.tables.values():
        for key in other.foreign_keys:
            if key.column.table is table and other is not table:
                wanted = select(key.column).where(rows)
                referring = key.parent.in_(wanted)
                _delete_what_refers(session, other, referring)
                session.execute(delete(other).where(referring))
