"""Drafts: what was worked out for a prototype beside its texts, such as reports, outlines and trials.

Values are JSON that the caller makes and reads; the workspace knows no kind of draft. A draft may be
large, so that the list gives heads only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from studio.errors import NotFound
from studio.workspace.database import Database, as_json, clean
from studio.workspace.naming import new_id
from studio.workspace.records import DraftHead, DraftRecord
from studio.workspace.schema import DraftRow, PrototypeRow


class Drafts:
    """The drafts of all prototypes; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def add(
        self, prototype_id: str, kind: str, title: str, content: Mapping[str, Any]
    ) -> DraftRecord:
        """Keep a new draft; it is on the disk when this returns.

        Args:
            prototype_id: whose it is.
            kind: what it is, of the caller's own kinds; 30 characters at most.
            title: what people find it by.
            content: the kind's own JSON.

        Raises:
            NotFound: there is no such prototype.
            InvalidInput: the content is no JSON.
        """
        values, now = as_json(dict(content)), self._clock()
        with self._database.write() as session:
            if session.get(PrototypeRow, prototype_id) is None:
                raise NotFound("There is no prototype {prototype}.", prototype=prototype_id)
            row = DraftRow(
                id=new_id(),
                prototype_id=prototype_id,
                kind=kind,
                title=clean(title),
                content=values,
                created_at=now,
                updated_at=now,
            )
            session.add(row)
            return _record(row)

    def change(
        self,
        prototype_id: str,
        draft_id: str,
        changed: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    ) -> DraftRecord:
        """Put other content to a draft; nobody else changes it meanwhile.

        One that was deleted is changed, too: work that was begun before may end after it.

        Args:
            prototype_id: whose it is.
            draft_id: which one.
            changed: the new content, from the one there is.

        Raises:
            NotFound: there is no such draft.
            InvalidInput: the content is no JSON.
        """
        with self._database.write() as session:
            row = _find(session, prototype_id, draft_id, include_deleted=True)
            row.content = as_json(dict(changed(as_json(row.content))))
            row.updated_at = self._clock()
            return _record(row)

    def get(self, prototype_id: str, draft_id: str) -> DraftRecord:
        """A draft of a prototype.

        Raises:
            NotFound: there is none.
        """
        with self._database.read() as session:
            return _record(_find(session, prototype_id, draft_id))

    def latest(self, prototype_id: str, kind: str) -> DraftRecord | None:
        """The newest draft of a kind; None where there is none."""
        query = (
            select(DraftRow)
            .where(*_standing(prototype_id), DraftRow.kind == kind)
            .order_by(DraftRow.created_at.desc(), DraftRow.id)
            .limit(1)
        )
        with self._database.read() as session:
            row = session.scalars(query).first()
            return None if row is None else _record(row)

    def has_any(self, prototype_id: str) -> bool:
        """Whether anything is kept for a prototype."""
        query = select(DraftRow.id).where(*_standing(prototype_id)).limit(1)
        with self._database.read() as session:
            return session.scalars(query).first() is not None

    def list(
        self, prototype_id: str, kind: str, limit: int = 50, *, title: str | None = None
    ) -> tuple[DraftHead, ...]:
        """The heads of the drafts of a kind, the newest first; of those with a title if one is given."""
        query = (
            select(DraftRow.id, DraftRow.title, DraftRow.created_at)
            .where(*_standing(prototype_id), DraftRow.kind == kind)
            .order_by(DraftRow.created_at.desc(), DraftRow.id)
            .limit(limit)
        )
        if title is not None:
            query = query.where(DraftRow.title == clean(title))
        with self._database.read() as session:
            found = session.execute(query)
            return tuple(DraftHead(id=i, title=title, created_at=at) for i, title, at in found)

    def delete(self, prototype_id: str, draft_id: str) -> None:
        """Put a draft away; `restore` brings it back. Raises NotFound."""
        with self._database.write() as session:
            _find(session, prototype_id, draft_id).deleted_at = self._clock()

    def restore(self, prototype_id: str, draft_id: str) -> None:
        """Bring a deleted draft back as it was. Raises NotFound."""
        with self._database.write() as session:
            _find(session, prototype_id, draft_id, include_deleted=True).deleted_at = None

    def remove(self, prototype_id: str, kind: str) -> None:
        """Forget all drafts of a kind: for what is kept only until it was used."""
        with self._database.write() as session:
            session.execute(
                delete(DraftRow).where(DraftRow.prototype_id == prototype_id, DraftRow.kind == kind)
            )


def _standing(prototype_id: str) -> tuple[ColumnElement[bool], ...]:
    """What holds for the drafts of a prototype that were not deleted."""
    return DraftRow.prototype_id == prototype_id, DraftRow.deleted_at.is_(None)


def _find(
    session: Session, prototype_id: str, draft_id: str, *, include_deleted: bool = False
) -> DraftRow:
    row = session.get(DraftRow, draft_id)
    if row is not None and row.deleted_at is not None and not include_deleted:
        row = None
    if row is None or row.prototype_id != prototype_id:
        raise NotFound("This is not there (any more). Make it again.")
    return row


def _record(row: DraftRow) -> DraftRecord:
    return DraftRecord(
        id=row.id,
        title=row.title,
        content=as_json(row.content),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
