"""Prototypes and their versions. Settings are the kind's own JSON; every change of them is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from studio.errors import NotFound
from studio.workspace.database import Database, as_json, clean
from studio.workspace.documents import copy_documents
from studio.workspace.naming import checked_name, new_id, slug_of
from studio.workspace.projects import default_project, find_project
from studio.workspace.records import PrototypeRecord, VersionRecord
from studio.workspace.schema import PrototypeRow, VersionRow


class Prototypes:
    """The prototypes of a workspace; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def create(
        self,
        kind: str,
        name: str,
        settings: Mapping[str, Any],
        project_id: str | None = None,
        *,
        is_sample: bool = False,
    ) -> PrototypeRecord:
        """A new prototype, at version 1, in the project or in the default one.

        Raises:
            InvalidInput: the name is empty or too long, or the settings are not JSON.
            NotFound: there is no such project.
        """
        values, now = as_json(dict(settings)), self._clock()
        with self._database.write() as session:
            if project_id is None:
                project_id = default_project(session, now).id
            else:
                find_project(session, project_id)
            row = _new_row(session, checked_name(name), now)
            row.kind, row.project_id, row.is_sample = kind, project_id, is_sample
            session.add(row)
            _set_version(session, row, 1, values, "", now)
            return _record(row)

    def get(self, id_or_slug: str, *, include_deleted: bool = False) -> PrototypeRecord:
        """The prototype of that id or slug.

        Raises:
            NotFound: there is none, or it was deleted.
        """
        return self._database.recall(
            ("prototype", id_or_slug, include_deleted),
            lambda session: _record(
                find_prototype(session, id_or_slug, include_deleted=include_deleted)
            ),
        )

    def list(
        self, kind: str | None = None, *, include_deleted: bool = False
    ) -> tuple[PrototypeRecord, ...]:
        """The prototypes, the newest first; only of a kind if given."""
        query = select(PrototypeRow).order_by(PrototypeRow.created_at.desc(), PrototypeRow.id)
        if kind is not None:
            query = query.where(PrototypeRow.kind == kind)
        if not include_deleted:
            query = query.where(PrototypeRow.deleted_at.is_(None))
        return self._database.recall(
            ("prototypes", kind, include_deleted),
            lambda session: tuple(_record(row) for row in session.scalars(query)),
        )

    def update_settings(
        self, prototype_id: str, settings: Mapping[str, Any], note: str = ""
    ) -> PrototypeRecord:
        """Change the settings: a new version when they differ, else nothing.

        Raises:
            NotFound: there is no such prototype, or it was deleted.
            InvalidInput: the settings are not JSON.
        """
        values, now = as_json(dict(settings)), self._clock()
        with self._database.write() as session:
            row = find_prototype(session, prototype_id, is_locked=True)
            if values != row.settings:
                _set_version(session, row, row.version + 1, values, note, now)
            return _record(row)

    def versions(self, prototype_id: str) -> tuple[VersionRecord, ...]:
        """All versions, the newest (the current one) first.

        Raises:
            NotFound: there is no such prototype, or it was deleted.
        """
        with self._database.read() as session:
            prototype = find_prototype(session, prototype_id)
            query = select(VersionRow).where(VersionRow.prototype_id == prototype.id)
            rows = session.scalars(query.order_by(VersionRow.version.desc()))
            return tuple(_version_record(row) for row in rows)

    def version(self, prototype_id: str, version: int) -> VersionRecord:
        """One version.

        Raises:
            NotFound: there is no such prototype or version, or the prototype was deleted.
        """
        with self._database.read() as session:
            return _version_record(
                _find_version(session, find_prototype(session, prototype_id), version)
            )

    def restore_version(self, prototype_id: str, version: int) -> PrototypeRecord:
        """Take the settings of an earlier version again, as a new version.

        Raises:
            NotFound: there is no such prototype or version.
        """
        with self._database.write() as session:
            row = find_prototype(session, prototype_id, is_locked=True)
            old = _find_version(session, row, version)
            if old.settings != row.settings:
                _set_version(session, row, row.version + 1, old.settings, old.note, self._clock())
            return _record(row)

    def rename(self, prototype_id: str, name: str) -> PrototypeRecord:
        """Give it another name; its slug stays, so that links keep working.

        Raises:
            NotFound: there is no such prototype, or it was deleted.
            InvalidInput: the name is empty or too long.
        """
        with self._database.write() as session:
            row = find_prototype(session, prototype_id, is_locked=True)
            row.name, row.updated_at = checked_name(name), self._clock()
            return _record(row)

    def duplicate(self, prototype_id: str, name: str) -> PrototypeRecord:
        """A copy under another name: current settings as version 1, and the documents.

        Conversations are not copied, and the copy is no sample.

        Raises:
            NotFound: there is no such prototype, or it was deleted.
            InvalidInput: the name is empty or too long.
        """
        now = self._clock()
        with self._database.write() as session:
            original = find_prototype(session, prototype_id)
            row = _new_row(session, checked_name(name), now)
            row.kind, row.project_id, row.is_sample = original.kind, original.project_id, False
            session.add(row)
            _set_version(session, row, 1, original.settings, "", now)
            copy_documents(session, original.id, row.id, now)
            return _record(row)

    def delete(self, prototype_id: str) -> PrototypeRecord:
        """Put it away; `restore` brings it back with everything. Deleting it again does nothing.

        Raises:
            NotFound: there is no such prototype.
        """
        with self._database.write() as session:
            row = find_prototype(session, prototype_id, include_deleted=True, is_locked=True)
            row.deleted_at = row.deleted_at or self._clock()
            return _record(row)

    def restore(self, prototype_id: str) -> PrototypeRecord:
        """Bring a deleted prototype back.

        Raises:
            NotFound: there is no such prototype.
        """
        with self._database.write() as session:
            row = find_prototype(session, prototype_id, include_deleted=True, is_locked=True)
            row.deleted_at = None
            return _record(row)

    def archive(self, prototype_id: str, *, is_archived: bool = True) -> PrototypeRecord:
        """Put it aside: it works as before and is listed apart; or take it back.

        Raises:
            NotFound: there is no such prototype, or it was deleted.
        """
        with self._database.write() as session:
            row = find_prototype(session, prototype_id, is_locked=True)
            row.archived_at = (row.archived_at or self._clock()) if is_archived else None
            return _record(row)

    def move(self, prototype_id: str, project_id: str) -> PrototypeRecord:
        """Put it into another project; its address stays.

        Raises:
            NotFound: there is no such prototype or project, or the prototype was deleted.
        """
        with self._database.write() as session:
            row = find_prototype(session, prototype_id, is_locked=True)
            row.project_id = find_project(session, project_id).id
            return _record(row)


def find_prototype(
    session: Session, id_or_slug: str, *, include_deleted: bool = False, is_locked: bool = False
) -> PrototypeRow:
    """The prototype's row; locked against other writers where the database has row locks.

    Raises:
        NotFound: there is none, or it was deleted and that is not asked for.
    """
    query = select(PrototypeRow).where(
        or_(PrototypeRow.id == id_or_slug, PrototypeRow.slug == id_or_slug)
    )
    row = session.scalars(query.with_for_update() if is_locked else query).first()
    if row is None:
        raise NotFound("There is no prototype {prototype}.", prototype=id_or_slug)
    if row.deleted_at is not None and not include_deleted:
        raise NotFound("The prototype {name} was deleted. It can be restored.", name=row.name)
    return row


def _find_version(session: Session, row: PrototypeRow, version: int) -> VersionRow:
    found = session.get(VersionRow, (row.id, version))
    if found is None:
        raise NotFound(
            "{name} has no version {version}; its versions are 1 to {latest}.",
            name=row.name,
            version=version,
            latest=row.version,
        )
    return found


def _new_row(session: Session, name: str, now: datetime) -> PrototypeRow:
    identifier = _free(session, lambda _: new_id())
    slug = slug_of(name)
    if slug:
        slug = _free(session, lambda number: slug if number == 1 else f"{slug}-{number}")
    return PrototypeRow(id=identifier, slug=slug or identifier, name=name, created_at=now)


def _free(session: Session, candidate: Callable[[int], str]) -> str:
    """The first candidate that is no prototype's id or slug, so that either finds just one."""
    taken = select(PrototypeRow.id)
    return next(
        text
        for text in map(candidate, count(1))
        if session.scalar(
            taken.where(or_(PrototypeRow.id == text, PrototypeRow.slug == text)).limit(1)
        )
        is None
    )


def _set_version(
    session: Session,
    row: PrototypeRow,
    version: int,
    settings: dict[str, Any],
    note: str,
    now: datetime,
) -> None:
    row.version, row.settings, row.updated_at = version, settings, now
    session.flush()  # the version refers to the prototype
    session.add(
        VersionRow(
            prototype_id=row.id,
            version=version,
            settings=settings,
            note=clean(note),
            created_at=now,
        )
    )


def _record(row: PrototypeRow) -> PrototypeRecord:
    return PrototypeRecord(
        id=row.id,
        project_id=row.project_id,
        slug=row.slug,
        kind=row.kind,
        name=row.name,
        version=row.version,
        settings=as_json(row.settings),
        is_sample=row.is_sample,
        created_at=row.created_at,
        updated_at=row.updated_at,
        deleted_at=row.deleted_at,
        archived_at=row.archived_at,
    )


def _version_record(row: VersionRow) -> VersionRecord:
    return VersionRecord(
        prototype_id=row.prototype_id,
        version=row.version,
        settings=as_json(row.settings),
        note=row.note,
        created_at=row.created_at,
    )
