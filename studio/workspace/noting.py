"""What a change of rows means, in one word, for the activity log.

One place knows it, for every store: it looks at what a session is about to write. It reads which columns
changed and the names of things, and nothing that users wrote into them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from studio.workspace.activity import THE_STUDIO, Subject, add_entry
from studio.workspace.permissions import changed_columns, table_of
from studio.workspace.schema import (
    BatchTableRow,
    DocumentRow,
    PreferenceRow,
    ProjectRow,
    PrototypeRow,
    PublicationRow,
    PublishedVersionRow,
    ScenarioRow,
    UserRow,
    VersionRow,
)

Noted = tuple[str, Subject]

_OF_THE_STUDIO = ("prices.", "catalogue.", "business.exchange_rates")
"""Beginnings of the preferences that change the whole studio; others are a view's own."""


_ADDED: Mapping[type, str] = {
    VersionRow: "changed settings",
    DocumentRow: "added documents",
    BatchTableRow: "started a batch",
    ScenarioRow: "saved a business model",
    PublicationRow: "published",
}
"""What a new row of a prototype means."""


_PUT_AWAY: Mapping[type, tuple[str, str, str]] = {
    DocumentRow: ("deleted_at", "removed documents", "restored documents"),
    BatchTableRow: ("deleted_at", "deleted a batch", "restored a batch"),
    PublicationRow: ("ended_at", "ended a publication", "resumed a publication"),
}
"""Which column of a row says that it was put away, and what setting and emptying it means."""


def note_changes(session: Session, now: datetime) -> None:
    """Add an entry for each thing that a session is about to change, at an aware time."""
    for action, subject in dict.fromkeys(_noted(session)):  # each once, in their order
        add_entry(session, now, action, subject)


def _noted(session: Session) -> Iterator[Noted]:
    for row in list(session.new):
        yield from _of_new(session, row)
    for row in list(session.dirty):
        yield from _of_changed(session, row)
    for row in list(session.deleted):
        if isinstance(row, PrototypeRow):
            yield "deleted for good", _prototype(row)
        elif isinstance(row, UserRow):
            yield "removed a person", _user(row)


def _of_new(session: Session, row: object) -> Iterator[Noted]:
    match row:
        case PrototypeRow():
            yield "created", _prototype(row)
        case ProjectRow():
            yield "created", _project(row)
        case UserRow():
            yield "added a person", _user(row)
        case PreferenceRow() if row.key.startswith(_OF_THE_STUDIO):
            yield "changed the studio's settings", THE_STUDIO
        case PublishedVersionRow() if row.position > 0:
            found = session.get(PublicationRow, row.publication_id)
            if found is not None:
                yield "published another version", _owner(session, found.prototype_id)
        case VersionRow(version=1):
            pass  # part of the creation
        case _ if type(row) in _ADDED:
            yield _ADDED[type(row)], _owner(session, str(getattr(row, "prototype_id")))  # noqa: B009
        case _ if table_of(row) == "api_keys":
            yield "made a key", _key(row)


def _of_changed(session: Session, row: object) -> Iterator[Noted]:
    changed = changed_columns(row)
    match row:
        case PrototypeRow():
            yield from _of_put_away(row, changed, _prototype(row))
            if "project_id" in changed:
                yield "moved to another project", _prototype(row)
        case ProjectRow():
            yield from _of_put_away(row, changed, _project(row))
        case DocumentRow() | BatchTableRow() | PublicationRow():
            column, put_away, taken_back = _PUT_AWAY[type(row)]
            if column in changed:
                word = put_away if getattr(row, column) else taken_back
                yield word, _owner(session, row.prototype_id)
        case UserRow() if "role" in changed:
            yield "changed a role", _user(row)
        case UserRow() if "password_hash" in changed:
            yield "changed a password", _user(row)
        case PreferenceRow() if "value" in changed and row.key.startswith(_OF_THE_STUDIO):
            yield "changed the studio's settings", THE_STUDIO
        case _ if table_of(row) == "api_keys" and "revoked_at" in changed:
            yield "revoked a key", _key(row)


def _of_put_away(
    row: PrototypeRow | ProjectRow, changed: frozenset[str], subject: Subject
) -> Iterator[Noted]:
    """Renamed, archived, deleted, and taken back."""
    if "name" in changed:
        yield "renamed", subject
    if "archived_at" in changed:
        yield "archived" if row.archived_at else "unarchived", subject
    if isinstance(row, PrototypeRow) and "deleted_at" in changed:
        yield "deleted" if row.deleted_at else "restored", subject


def _owner(session: Session, prototype_id: str) -> Subject:
    with session.no_autoflush:
        row = session.get(PrototypeRow, prototype_id)
    name = "" if row is None else row.name
    return Subject(kind="prototype", id=prototype_id, name=name)


def _prototype(row: PrototypeRow) -> Subject:
    return Subject(kind="prototype", id=row.id, name=row.name)


def _project(row: ProjectRow) -> Subject:
    return Subject(kind="project", id=row.id, name=row.name)


def _user(row: UserRow) -> Subject:
    return Subject(kind="user", id=row.id, name=row.name)


def _key(row: Any) -> Subject:  # Any: a row of another module's table
    return Subject(kind="key", id=row.id, name=row.name)


def _of(row: Any) -> str:  # Any: rows of several tables
    return str(row.prototype_id)
