"""Batches: sheets whose rows are written one by one. A finished row is on the disk when this returns.

Keeps and counts; knows neither what a row becomes nor who writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from studio.errors import NotFound
from studio.records import Notice
from studio.workspace.database import Database, as_json, clean
from studio.workspace.naming import new_id
from studio.workspace.records import BatchRecord, BatchRowRecord
from studio.workspace.schema import BatchRowRow, BatchTableRow

WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatch:
    """A batch to be kept: see `BatchRecord`; `rows` are the cells of each row."""

    name: str
    version: int
    settings: Mapping[str, Any]
    columns: Mapping[str, Any]
    rows: Sequence[Mapping[str, str]]
    estimate: Mapping[str, Any] | None = None


class Batches:
    """The batches of all prototypes; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def add(self, prototype_id: str, new: NewBatch) -> BatchRecord:
        """Keep a batch with all its rows, waiting; all or nothing."""
        row = BatchTableRow(
            id=new_id(),
            prototype_id=prototype_id,
            name=clean(new.name),
            state=WAITING,
            version=new.version,
            settings=as_json(dict(new.settings)),
            columns=as_json(dict(new.columns)),
            estimate=None if new.estimate is None else as_json(dict(new.estimate)),
            error=None,
            seconds=0.0,
            cost="0",
            created_at=self._clock(),
        )
        with self._database.write() as session:
            session.add(row)
            session.flush()  # the rows refer to it
            session.add_all(
                BatchRowRow(
                    batch_id=row.id,
                    position=position,
                    state=WAITING,
                    cells=as_json(dict(cells)),
                    text=None,
                    error=None,
                    n_attempts=0,
                    tokens_in=0,
                    tokens_out=0,
                    finished_at=None,
                )
                for position, cells in enumerate(new.rows)
            )
            session.flush()
            return _records(session, [row])[0]

    def get(self, prototype_id: str, batch_id: str) -> BatchRecord:
        """A batch as it stands.

        Raises:
            NotFound: there is none.
        """
        with self._database.read() as session:
            return _records(session, [_find(session, prototype_id, batch_id)])[0]

    def state(self, batch_id: str) -> str | None:
        """The state of a batch; None where there is none."""
        with self._database.read() as session:
            return session.scalar(select(BatchTableRow.state).where(BatchTableRow.id == batch_id))

    def list(self, prototype_id: str) -> tuple[BatchRecord, ...]:
        """The batches of a prototype, the newest first."""
        query = (
            select(BatchTableRow)
            .where(BatchTableRow.prototype_id == prototype_id, BatchTableRow.deleted_at.is_(None))
            .order_by(BatchTableRow.created_at.desc(), BatchTableRow.id)
        )
        with self._database.read() as session:
            return _records(session, list(session.scalars(query)))

    def rows(
        self,
        batch_id: str,
        states: Sequence[str] = (),
        *,
        offset: int = 0,
        limit: int | None = None,
    ) -> tuple[BatchRowRecord, ...]:
        """Rows in order, only of some states if these are given."""
        query = select(BatchRowRow).where(BatchRowRow.batch_id == batch_id)
        if states:
            query = query.where(BatchRowRow.state.in_(states))
        query = query.order_by(BatchRowRow.position).offset(offset)
        if limit is not None:
            query = query.limit(limit)
        with self._database.read() as session:
            return tuple(map(_row_record, session.scalars(query)))

    def finish_row(
        self, batch_id: str, row: BatchRowRecord, seconds: float, cost: Decimal | None
    ) -> None:
        """Write down what became of a row.

        A row of a batch that is not there is dropped. What it took is added to what it had taken before.

        Args:
            batch_id: of the batch.
            row: as it is now; its tokens are those of this time.
            seconds: how long the batch has run by now.
            cost: what the row took; None for unknown, which makes the whole unknown.
        """
        with self._database.write() as session:
            found = session.get(BatchRowRow, (batch_id, row.position))
            batch = session.get(BatchTableRow, batch_id)
            if found is None or batch is None:
                return
            found.state, found.n_attempts = row.state, row.n_attempts
            found.text = None if row.text is None else as_json(row.text)
            found.error = None if row.error is None else as_json(row.error.to_json())
            found.tokens_in += row.tokens_in
            found.tokens_out += row.tokens_out
            found.finished_at = self._clock()
            batch.seconds = seconds
            is_known = cost is not None and batch.cost is not None
            batch.cost = str(Decimal(batch.cost or 0) + (cost or 0)) if is_known else None

    def replace_texts(self, batch_id: str, rows: Sequence[BatchRowRecord]) -> None:
        """Put other texts and states to rows that are finished; the rest of them stays."""
        with self._database.write() as session:
            for row in rows:
                found = session.get(BatchRowRow, (batch_id, row.position))
                if found is not None:
                    found.state = row.state
                    found.text = None if row.text is None else as_json(row.text)

    def set_state(
        self,
        batch_id: str,
        state: str,
        *,
        only_from: Sequence[str] = (),
        error: Notice | None = None,
    ) -> bool:
        """Move a batch to a state; gives whether it did.

        Args:
            batch_id: of the batch.
            state: the new one.
            only_from: the states it may be in; any by default.
            error: why it failed; None takes an earlier one away.
        """
        statement = update(BatchTableRow).where(BatchTableRow.id == batch_id)
        if only_from:
            statement = statement.where(BatchTableRow.state.in_(only_from))
        values = {"state": state, "error": None if error is None else as_json(error.to_json())}
        with self._database.write() as session:
            changed = session.execute(statement.values(**values).returning(BatchTableRow.id))
            return changed.first() is not None

    def wait_again(self, batch_id: str, states: Sequence[str]) -> int:
        """Let rows of these states be written again; gives how many.

        Their texts stay until then: they tell what was wrong.
        """
        statement = (
            update(BatchRowRow)
            .where(BatchRowRow.batch_id == batch_id, BatchRowRow.state.in_(states))
            .values(state=WAITING, error=None, finished_at=None)
            .returning(BatchRowRow.position)
        )
        with self._database.write() as session:
            return len(session.execute(statement).all())

    def delete(self, prototype_id: str, batch_id: str) -> None:
        """Put a batch away; `restore` brings it back. Raises NotFound."""
        with self._database.write() as session:
            _find(session, prototype_id, batch_id).deleted_at = self._clock()

    def restore(self, prototype_id: str, batch_id: str) -> None:
        """Bring a deleted batch back with its rows, as it was. Raises NotFound."""
        with self._database.write() as session:
            _find(session, prototype_id, batch_id, include_deleted=True).deleted_at = None


def _find(
    session: Session, prototype_id: str, batch_id: str, *, include_deleted: bool = False
) -> BatchTableRow:
    row = session.get(BatchTableRow, batch_id)
    if row is not None and row.deleted_at is not None and not include_deleted:
        row = None
    if row is None or row.prototype_id != prototype_id:
        raise NotFound("This batch is not there (any more).")
    return row


def _records(session: Session, batches: Sequence[BatchTableRow]) -> tuple[BatchRecord, ...]:
    """The batches with their counts, which one query gives for all of them."""
    query = (
        select(
            BatchRowRow.batch_id,
            BatchRowRow.state,
            func.count(),
            func.sum(BatchRowRow.tokens_in),
            func.sum(BatchRowRow.tokens_out),
        )
        .where(BatchRowRow.batch_id.in_([row.id for row in batches]))
        .group_by(BatchRowRow.batch_id, BatchRowRow.state)
    )
    counts: dict[str, dict[str, int]] = {}
    tokens: dict[str, tuple[int, int]] = {}
    for batch_id, state, n, tokens_in, tokens_out in session.execute(query):
        counts.setdefault(batch_id, {})[state] = n
        before_in, before_out = tokens.get(batch_id, (0, 0))
        tokens[batch_id] = (before_in + int(tokens_in or 0), before_out + int(tokens_out or 0))
    return tuple(
        BatchRecord(
            id=row.id,
            prototype_id=row.prototype_id,
            name=row.name,
            state=row.state,
            version=row.version,
            settings=as_json(row.settings),
            columns=as_json(row.columns),
            estimate=None if row.estimate is None else as_json(row.estimate),
            error=None if row.error is None else Notice.from_json(row.error),
            seconds=row.seconds,
            cost=None if row.cost is None else Decimal(row.cost),
            created_at=row.created_at,
            n_by_state=counts.get(row.id, {}),
            tokens_in=tokens.get(row.id, (0, 0))[0],
            tokens_out=tokens.get(row.id, (0, 0))[1],
        )
        for row in batches
    )


def _row_record(row: BatchRowRow) -> BatchRowRecord:
    return BatchRowRecord(
        position=row.position,
        state=row.state,
        cells=as_json(row.cells),
        text=None if row.text is None else as_json(row.text),
        error=None if row.error is None else Notice.from_json(row.error),
        n_attempts=row.n_attempts,
        tokens_in=row.tokens_in,
        tokens_out=row.tokens_out,
        finished_at=row.finished_at,
    )
