"""Projects: a founder's folders. Every prototype lies in one; there is always a default one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from studio.errors import NotFound
from studio.workspace.database import Database
from studio.workspace.naming import checked_name, new_id
from studio.workspace.records import ProjectRecord
from studio.workspace.schema import ProjectRow

DEFAULT_ID = "default"
DEFAULT_NAME = "My project"


class Projects:
    """The projects of a workspace; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def ensure_default_project(self, name: str = DEFAULT_NAME) -> ProjectRecord:
        """The default project; made under that name if it is not there."""
        with self._database.write() as session:
            return _record(default_project(session, self._clock(), name))

    def create(self, name: str) -> ProjectRecord:
        """A new project.

        Raises:
            InvalidInput: the name is empty or too long.
        """
        with self._database.write() as session:
            row = ProjectRow(id=new_id(), name=checked_name(name), created_at=self._clock())
            session.add(row)
            return _record(row)

    def list(self, *, include_archived: bool = True) -> tuple[ProjectRecord, ...]:
        """All projects, the oldest first."""
        query = select(ProjectRow).order_by(ProjectRow.created_at, ProjectRow.id)
        if not include_archived:
            query = query.where(ProjectRow.archived_at.is_(None))
        with self._database.read() as session:
            return tuple(_record(row) for row in session.scalars(query))

    def rename(self, project_id: str, name: str) -> ProjectRecord:
        """Give the project another name.

        Raises:
            NotFound: there is no such project.
            InvalidInput: the name is empty or too long.
        """
        with self._database.write() as session:
            row = find_project(session, project_id)
            row.name = checked_name(name)
            return _record(row)

    def archive(self, project_id: str, *, is_archived: bool = True) -> ProjectRecord:
        """Put a project aside with its prototypes, which stay as they are; or take it back.

        Raises:
            NotFound: there is no such project.
        """
        with self._database.write() as session:
            row = find_project(session, project_id)
            row.archived_at = (row.archived_at or self._clock()) if is_archived else None
            return _record(row)


def find_project(session: Session, project_id: str) -> ProjectRow:
    """The project's row.

    Raises:
        NotFound: there is none.
    """
    row = session.get(ProjectRow, project_id)
    if row is None:
        raise NotFound(
            "There is no project {project}. It may have been deleted.", project=project_id
        )
    return row


def default_project(session: Session, now: datetime, name: str = DEFAULT_NAME) -> ProjectRow:
    """The row of the default project, made if need be."""
    row = session.get(ProjectRow, DEFAULT_ID)
    if row is None:
        row = ProjectRow(id=DEFAULT_ID, name=checked_name(name), created_at=now)
        session.add(row)
        session.flush()  # rows that refer to it follow
    return row


def _record(row: ProjectRow) -> ProjectRecord:
    return ProjectRecord(
        id=row.id, name=row.name, created_at=row.created_at, archived_at=row.archived_at
    )
