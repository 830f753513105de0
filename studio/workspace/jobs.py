"""Long work written down: what was begun, how far it came, and which process has it.

Keeps and hands over; it neither runs work nor knows which processes are alive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select

from studio.records import JobRecord, Notice, Progress
from studio.workspace.database import Database, as_json
from studio.workspace.schema import JobRow

N_ENDED_KEPT = 200
UNFINISHED = ("queued", "running")


class Jobs:
    """The jobs of a workspace; every method is thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, record: JobRecord) -> None:
        """Write a job down as it stands; it is on the disk when this returns.

        Does nothing when another owner has taken it over. Of the ended ones the newest
        `N_ENDED_KEPT` are kept.
        """
        with self._database.write() as session:
            row = session.get(JobRow, record.id, with_for_update=True)
            if row is not None and row.owner != record.owner:
                return
            session.merge(_row(record))
            if record.state not in UNFINISHED:
                session.flush()
                ended = select(JobRow.id).where(JobRow.state.not_in(UNFINISHED))
                newest_first = ended.order_by(JobRow.created_at.desc(), JobRow.id)
                old = session.scalars(newest_first.offset(N_ENDED_KEPT)).all()
                if old:
                    session.execute(delete(JobRow).where(JobRow.id.in_(old)))

    def unfinished(self, kinds: Sequence[str]) -> tuple[JobRecord, ...]:
        """Jobs of these kinds that wait or run, whoever has them, the oldest first."""
        query = select(JobRow).where(JobRow.kind.in_(kinds), JobRow.state.in_(UNFINISHED))
        with self._database.read() as session:
            rows = session.scalars(query.order_by(JobRow.created_at, JobRow.id))
            return tuple(_record(row) for row in rows)

    def claim(self, job_id: str, from_owner: str, to_owner: str) -> JobRecord | None:
        """Take a job over from an owner that is gone: it waits again, under the new one.

        Of several that claim it at once one gets it; the others get None, as do all when it ended.
        """
        with self._database.write() as session:
            row = session.get(JobRow, job_id, with_for_update=True)
            if row is None or row.owner != from_owner or row.state not in UNFINISHED:
                return None
            row.n_interrupted += row.state == "running"
            row.owner, row.state = to_owner, "queued"
            return _record(row)

    def list(self, limit: int = N_ENDED_KEPT) -> tuple[JobRecord, ...]:
        """The latest jobs, the newest first."""
        query = select(JobRow).order_by(JobRow.created_at.desc(), JobRow.id).limit(limit)
        with self._database.read() as session:
            return tuple(_record(row) for row in session.scalars(query))


def _row(record: JobRecord) -> JobRow:
    return JobRow(
        id=record.id,
        kind=record.kind,
        key=record.key,
        title=as_json(record.title.to_json()),
        state=record.state,
        progress=None if record.progress is None else as_json(_progress_json(record.progress)),
        error=None if record.error is None else as_json(record.error.to_json()),
        owner=record.owner,
        n_interrupted=record.n_interrupted,
        created_at=record.created_at,
        started_at=record.started_at,
        ended_at=record.ended_at,
    )


def _record(row: JobRow) -> JobRecord:
    return JobRecord(
        id=row.id,
        kind=row.kind,
        key=row.key,
        title=Notice.from_json(row.title),
        state=row.state,
        progress=None if row.progress is None else _progress(row.progress),
        error=None if row.error is None else Notice.from_json(row.error),
        owner=row.owner,
        n_interrupted=row.n_interrupted,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def _progress_json(progress: Progress) -> dict[str, Any]:
    return {
        "notice": progress.notice.to_json(),
        "done": progress.done,
        "total": progress.total,
        "unit": progress.unit,
        "rate_per_s": progress.rate_per_s,
        "remaining_s": progress.remaining_s,
    }


def _progress(stored: Mapping[str, Any]) -> Progress:
    return Progress(**{**stored, "notice": Notice.from_json(stored["notice"])})
