"""What was done in the studio: by whom, when, to what. No text that anybody wrote is in it.

The entries of changes are made by `noting`, in the transaction of the change itself; what changes no
table (signing in, an export) is recorded by whoever does it. Nothing is ever deleted from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from studio.workspace.database import Database, actor_of, clean
from studio.workspace.schema import ActivityRow

TOGETHER = timedelta(minutes=10)
"""The same done again to the same thing within this time is one entry that counts."""

MAX_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What something was done to.

    `kind` is "prototype", "project", "user", "publication", "key" or "studio"; `name` is what it was
    called then.
    """

    kind: str
    id: str = ""
    name: str = ""


THE_STUDIO = Subject(kind="studio")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRecord:
    """One entry: `actor` (empty: nobody was signed in) did `action` to `subject`.

    `n_times` says how often within a few minutes; `at` is the last time, aware UTC.
    """

    id: int
    at: datetime
    actor: str
    action: str
    subject: Subject
    n_times: int


class Activity:
    """The log of a workspace; every method is thread-safe.

    Args:
        database: where it is kept.
        clock: gives the aware time.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def record(self, action: str, subject: Subject = THE_STUDIO, *, actor: str = "") -> None:
        """Note that something was done.

        Args:
            action: a word of `noting`, or one more.
            subject: to what.
            actor: by whom; by default whoever acts.
        """
        with self._database.write() as session:
            add_entry(session, self._clock(), action, subject, actor)

    def list(
        self,
        *,
        since: datetime | None = None,
        actor: str | None = None,
        action: str | None = None,
        prototype_id: str | None = None,
        limit: int = 500,
    ) -> tuple[ActivityRecord, ...]:
        """The entries, the newest first.

        Args:
            since: only those of this aware time or later.
            actor: only of this person; "" for what was done without signing in.
            action: only of this sort.
            prototype_id: only what was done to this prototype.
            limit: how many at most.
        """
        query = select(ActivityRow).order_by(ActivityRow.at.desc(), ActivityRow.id.desc())
        if since is not None:
            query = query.where(ActivityRow.at >= since)
        if actor is not None:
            query = query.where(ActivityRow.actor == actor)
        if action is not None:
            query = query.where(ActivityRow.action == action)
        if prototype_id is not None:
            query = query.where(
                ActivityRow.subject_kind == "prototype", ActivityRow.subject_id == prototype_id
            )
        with self._database.read() as session:
            return tuple(map(_record, session.scalars(query.limit(limit))))


def add_entry(
    session: Session, now: datetime, action: str, subject: Subject, actor: str = ""
) -> None:
    """Put an entry into a transaction, or count one more of the same that is a moment old.

    Done by `actor`, or else by whoever acts in the session.
    """
    actor = actor or actor_of(session).name
    with session.no_autoflush:
        latest = session.scalars(
            select(ActivityRow)
            .where(ActivityRow.at >= now - TOGETHER)
            .where(ActivityRow.actor == actor, ActivityRow.action == action)
            .where(ActivityRow.subject_kind == subject.kind, ActivityRow.subject_id == subject.id)
            .order_by(ActivityRow.id.desc())
            .limit(1)
        ).first()
    if latest is not None:
        latest.at, latest.n_times = now, latest.n_times + 1
        return
    session.add(
        ActivityRow(
            at=now,
            actor=actor[:MAX_NAME],
            action=action,
            subject_kind=subject.kind,
            subject_id=subject.id,
            subject_name=clean(subject.name)[:MAX_NAME],
            n_times=1,
        )
    )


def _record(row: ActivityRow) -> ActivityRecord:
    return ActivityRecord(
        id=row.id,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject=Subject(kind=row.subject_kind, id=row.subject_id, name=row.subject_name),
        n_times=row.n_times,
    )
