"""Evaluation runs: every case with what came of it, and votes between two runs.

A finished result is on the disk when this returns, so that a run goes on where an ended process left
it. Knows no measure and no prototype.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from studio.errors import NotFound
from studio.records import Notice
from studio.workspace.database import Database, as_json
from studio.workspace.evaluation_record import (
    EvaluationResultRecord,
    EvaluationRunRecord,
    EvaluationVoteRecord,
    Label,
    RunState,
    Vote,
)
from studio.workspace.naming import checked_name, new_id
from studio.workspace.records import Json
from studio.workspace.schema import EvaluationResultRow, EvaluationRunRow, EvaluationVoteRow


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run to be kept: see `EvaluationRunRecord`; `cases` are those it is made on, in order."""

    set_id: str
    name: str
    part: str
    version: int
    setup: Json
    cases: Sequence[Json]


class EvaluationRuns:
    """The runs of all prototypes; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def add(self, prototype_id: str, new: NewRun) -> EvaluationRunRecord:
        """Keep a run with all its cases, waiting; all or nothing.

        Raises:
            InvalidInput: the name is empty or too long, or something is not JSON.
        """
        row = EvaluationRunRow(
            id=new_id(),
            prototype_id=prototype_id,
            set_id=new.set_id,
            name=checked_name(new.name),
            part=new.part,
            version=new.version,
            setup=as_json(dict(new.setup)),
            facts={},
            state="waiting",
            error=None,
            created_at=self._clock(),
        )
        with self._database.write() as session:
            session.add(row)
            session.flush()  # the results refer to it
            session.add_all(
                EvaluationResultRow(run_id=row.id, position=at, case=as_json(dict(case)))
                for at, case in enumerate(new.cases)
            )
            session.flush()
            return _records(session, [row])[0]

    def get(self, run_id: str) -> EvaluationRunRecord:
        """The run of that id, also one that was put away.

        Raises:
            NotFound: there is none.
        """
        with self._database.read() as session:
            return _records(session, [_find(session, run_id)])[0]

    def list(
        self, prototype_id: str, *, include_deleted: bool = False
    ) -> tuple[EvaluationRunRecord, ...]:
        """The runs of a prototype, the newest first."""
        query = select(EvaluationRunRow).where(EvaluationRunRow.prototype_id == prototype_id)
        if not include_deleted:
            query = query.where(EvaluationRunRow.deleted_at.is_(None))
        query = query.order_by(EvaluationRunRow.created_at.desc(), EvaluationRunRow.id)
        with self._database.read() as session:
            return _records(session, list(session.scalars(query)))

    def set_state(
        self,
        run_id: str,
        state: RunState,
        *,
        error: Notice | None = None,
        facts: Json | None = None,
    ) -> None:
        """Say where a run stands, why it failed, and what is known since it ran.

        Raises:
            NotFound: there is none.
        """
        with self._database.write() as session:
            row = _find(session, run_id)
            row.state = state
            row.error = None if error is None else as_json(error.to_json())
            row.finished_at = None if state in ("waiting", "running") else self._clock()
            if facts is not None:
                row.facts = as_json(dict(facts))

    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name. Raises NotFound, InvalidInput."""
        with self._database.write() as session:
            _find(session, run_id).name = checked_name(name)

    def delete(self, run_id: str, *, is_deleted: bool = True) -> None:
        """Put a run away, or with False bring it back. Raises NotFound."""
        with self._database.write() as session:
            row = _find(session, run_id)
            row.deleted_at = (row.deleted_at or self._clock()) if is_deleted else None

    def results(
        self, run_id: str, *, only_waiting: bool = False
    ) -> tuple[EvaluationResultRecord, ...]:
        """The cases of a run with their results, in order; only those without one if asked for."""
        query = select(EvaluationResultRow).where(EvaluationResultRow.run_id == run_id)
        if only_waiting:
            query = query.where(EvaluationResultRow.finished_at.is_(None))
        with self._database.read() as session:
            rows = session.scalars(query.order_by(EvaluationResultRow.position))
            return tuple(map(_result, rows))

    def finish(self, run_id: str, result: EvaluationResultRecord) -> None:
        """Write down what came of a case."""
        with self._database.write() as session:
            row = session.get(EvaluationResultRow, (run_id, result.position))
            if row is None:
                return
            row.attempt = None if result.attempt is None else as_json(dict(result.attempt))
            row.scores = None if result.scores is None else as_json(dict(result.scores))
            row.error = None if result.error is None else as_json(result.error.to_json())
            row.latency_ms = result.latency_ms
            row.cost = None if result.cost is None else str(result.cost)
            row.finished_at = self._clock()

    def label(self, run_id: str, position: int, label: Label | None) -> None:
        """Keep a person's word on an attempt; None takes it back.

        Raises:
            NotFound: the run has no such case.
        """
        with self._database.write() as session:
            row = session.get(EvaluationResultRow, (run_id, position))
            if row is None:
                raise NotFound("This case is not in the run (any more).")
            row.label = label

    def vote(
        self, prototype_id: str, first_run: str, second_run: str, case_id: str, vote: Vote
    ) -> None:
        """Keep which of two runs did better on a case."""
        with self._database.write() as session:
            session.add(
                EvaluationVoteRow(
                    id=new_id(),
                    prototype_id=prototype_id,
                    first_run=first_run,
                    second_run=second_run,
                    case_id=case_id,
                    vote=vote,
                    created_at=self._clock(),
                )
            )

    def votes(self, prototype_id: str) -> tuple[EvaluationVoteRecord, ...]:
        """All votes between runs of a prototype, the oldest first."""
        query = (
            select(EvaluationVoteRow)
            .where(EvaluationVoteRow.prototype_id == prototype_id)
            .order_by(EvaluationVoteRow.created_at, EvaluationVoteRow.id)
        )
        with self._database.read() as session:
            return tuple(
                EvaluationVoteRecord(
                    first_run=row.first_run,
                    second_run=row.second_run,
                    case_id=row.case_id,
                    vote=cast("Vote", row.vote),  # only `vote` writes it
                    created_at=row.created_at,
                )
                for row in session.scalars(query)
            )


def _find(session: Session, run_id: str) -> EvaluationRunRow:
    row = session.get(EvaluationRunRow, run_id)
    if row is None:
        raise NotFound("This evaluation is not there (any more). Choose another one.")
    return row


def _records(session: Session, runs: Sequence[EvaluationRunRow]) -> tuple[EvaluationRunRecord, ...]:
    """The runs with their counts, which one query gives for all of them."""
    query = (
        select(
            EvaluationResultRow.run_id, func.count(), func.count(EvaluationResultRow.finished_at)
        )
        .where(EvaluationResultRow.run_id.in_([row.id for row in runs]))
        .group_by(EvaluationResultRow.run_id)
    )
    counts = {run_id: (n, n_done) for run_id, n, n_done in session.execute(query)}
    return tuple(_record(row, *counts.get(row.id, (0, 0))) for row in runs)


def _record(row: EvaluationRunRow, n_cases: int, n_done: int) -> EvaluationRunRecord:
    return EvaluationRunRecord(
        id=row.id,
        prototype_id=row.prototype_id,
        set_id=row.set_id,
        name=row.name,
        part=row.part,
        version=row.version,
        setup=as_json(row.setup),
        facts=as_json(row.facts),
        state=cast("RunState", row.state),  # only `set_state` writes it
        error=None if row.error is None else Notice.from_json(row.error),
        n_cases=n_cases,
        n_done=n_done,
        created_at=row.created_at,
        finished_at=row.finished_at,
        is_deleted=row.deleted_at is not None,
    )


def _result(row: EvaluationResultRow) -> EvaluationResultRecord:
    return EvaluationResultRecord(
        position=row.position,
        case=as_json(row.case),
        attempt=None if row.attempt is None else as_json(row.attempt),
        scores=None if row.scores is None else as_json(row.scores),
        error=None if row.error is None else Notice.from_json(row.error),
        latency_ms=row.latency_ms,
        cost=None if row.cost is None else Decimal(row.cost),
        label=cast("Label | None", row.label),  # only `label` writes it
        finished_at=row.finished_at,
    )
