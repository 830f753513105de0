"""Evaluation sets and their cases. Nothing is lost: what is deleted is put away and can be restored.

A case is JSON with a `case_id` of its own; the workspace knows nothing else of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from studio.errors import InvalidInput, NotFound
from studio.workspace.database import Database, as_json
from studio.workspace.evaluation_record import EvaluationSetRecord
from studio.workspace.naming import checked_name, new_id
from studio.workspace.prototypes import find_prototype
from studio.workspace.records import Json
from studio.workspace.schema import EvaluationCaseRow, EvaluationSetRow

MAX_CASE_ID = 200


class EvaluationSets:
    """The evaluation sets of all prototypes; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def create(
        self, prototype_id: str, name: str, *, seed: int, tune_share: float
    ) -> EvaluationSetRecord:
        """A new set without cases.

        Raises:
            NotFound: there is no such prototype.
            InvalidInput: the name is empty or too long.
        """
        now = self._clock()
        with self._database.write() as session:
            row = EvaluationSetRow(
                id=new_id(),
                prototype_id=find_prototype(session, prototype_id).id,
                name=checked_name(name),
                seed=seed,
                tune_share=tune_share,
                created_at=now,
                updated_at=now,
            )
            session.add(row)
            return _record(row, 0)

    def get(self, set_id: str) -> EvaluationSetRecord:
        """The set of that id.

        Raises:
            NotFound: there is none, or it was deleted.
        """
        with self._database.read() as session:
            row = _find(session, set_id)
            return _record(row, _counts(session, [row.id]).get(row.id, 0))

    def list(self, prototype_id: str) -> tuple[EvaluationSetRecord, ...]:
        """The sets of a prototype, the one that was changed last first."""
        query = (
            select(EvaluationSetRow)
            .where(
                EvaluationSetRow.prototype_id == prototype_id, EvaluationSetRow.deleted_at.is_(None)
            )
            .order_by(EvaluationSetRow.updated_at.desc(), EvaluationSetRow.id)
        )
        with self._database.read() as session:
            rows = list(session.scalars(query))
            counts = _counts(session, [row.id for row in rows])
            return tuple(_record(row, counts.get(row.id, 0)) for row in rows)

    def rename(self, set_id: str, name: str) -> None:
        """Give it another name.

        Raises:
            NotFound: there is none, or it was deleted.
            InvalidInput: the name is empty or too long.
        """
        with self._database.write() as session:
            row = _find(session, set_id)
            row.name, row.updated_at = checked_name(name), self._clock()

    def delete(self, set_id: str, *, is_deleted: bool = True) -> None:
        """Put it away, or with False bring it back; runs on it stay.

        Raises:
            NotFound: there is none.
        """
        with self._database.write() as session:
            row = _find(session, set_id, include_deleted=True)
            row.deleted_at = (row.deleted_at or self._clock()) if is_deleted else None

    def cases(self, set_id: str) -> tuple[Json, ...]:
        """The cases of a set, in order."""
        query = (
            select(EvaluationCaseRow.content)
            .where(EvaluationCaseRow.set_id == set_id, EvaluationCaseRow.deleted_at.is_(None))
            .order_by(EvaluationCaseRow.position)
        )
        with self._database.read() as session:
            return tuple(as_json(content) for content in session.scalars(query))

    def put_cases(self, set_id: str, cases: Sequence[Json]) -> None:
        """Keep cases, all or none; one whose `case_id` the set has already is put in its place.

        Raises:
            NotFound: there is no such set.
            InvalidInput: an id is empty or too long, or a case is not JSON.
        """
        now = self._clock()
        with self._database.write() as session:
            row = _find(session, set_id)
            highest = session.scalar(
                select(func.max(EvaluationCaseRow.position)).where(
                    EvaluationCaseRow.set_id == row.id
                )
            )
            position = -1 if highest is None else highest
            for case in cases:
                case_id = _checked_id(str(case["case_id"]))
                found = session.get(EvaluationCaseRow, (row.id, case_id))
                if found is not None:
                    found.content, found.deleted_at = as_json(dict(case)), None
                    continue
                position += 1
                session.add(
                    EvaluationCaseRow(
                        set_id=row.id,
                        case_id=case_id,
                        position=position,
                        content=as_json(dict(case)),
                        created_at=now,
                    )
                )
            row.updated_at = now

    def delete_cases(
        self, set_id: str, case_ids: Sequence[str], *, is_deleted: bool = True
    ) -> None:
        """Put cases away, or with False bring them back; those that are not there do not matter."""
        with self._database.write() as session:
            row = _find(session, set_id)
            for case_id in case_ids:
                found = session.get(EvaluationCaseRow, (row.id, case_id))
                if found is not None:
                    found.deleted_at = (found.deleted_at or self._clock()) if is_deleted else None
            row.updated_at = self._clock()

    def copy(self, prototype_id: str, to_id: str) -> int:
        """Give another prototype the same sets with their cases; gives how many."""
        kept = self.list(prototype_id)
        for one in reversed(kept):  # the one that was changed last stays so
            made = self.create(to_id, one.name, seed=one.seed, tune_share=one.tune_share)
            self.put_cases(made.id, self.cases(one.id))
        return len(kept)


def _checked_id(case_id: str) -> str:
    if not case_id or len(case_id) > MAX_CASE_ID:
        raise InvalidInput(
            "A case has an id of {n} characters; it must have 1 to {limit}.",
            n=len(case_id),
            limit=MAX_CASE_ID,
        )
    return case_id


def _find(session: Session, set_id: str, *, include_deleted: bool = False) -> EvaluationSetRow:
    row = session.get(EvaluationSetRow, set_id)
    if row is None or (row.deleted_at is not None and not include_deleted):
        raise NotFound("This evaluation set is not there (any more). Choose another one.")
    return row


def _counts(session: Session, set_ids: Sequence[str]) -> dict[str, int]:
    query = (
        select(EvaluationCaseRow.set_id, func.count())
        .where(EvaluationCaseRow.set_id.in_(set_ids), EvaluationCaseRow.deleted_at.is_(None))
        .group_by(EvaluationCaseRow.set_id)
    )
    return {str(set_id): int(n) for set_id, n in session.execute(query)}


def _record(row: EvaluationSetRow, n_cases: int) -> EvaluationSetRecord:
    return EvaluationSetRecord(
        id=row.id,
        prototype_id=row.prototype_id,
        name=row.name,
        seed=row.seed,
        tune_share=row.tune_share,
        n_cases=n_cases,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
