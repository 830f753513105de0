"""Blind comparisons: two texts, and which one somebody found better."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from studio.errors import NotFound
from studio.workspace.database import Database, as_json, clean
from studio.workspace.naming import new_id
from studio.workspace.records import BallotRecord
from studio.workspace.schema import BallotRow


class Ballots:
    """The comparisons of all prototypes; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def add(
        self, prototype_id: str, left_name: str, right_name: str, texts: Mapping[str, Any]
    ) -> BallotRecord:
        """Keep a comparison without a vote; `texts` is the kind's own JSON."""
        row = BallotRow(
            id=new_id(),
            prototype_id=prototype_id,
            left_name=clean(left_name),
            right_name=clean(right_name),
            texts=as_json(dict(texts)),
            vote=None,
            created_at=self._clock(),
        )
        with self._database.write() as session:
            session.add(row)
            return _record(row)

    def cast(self, prototype_id: str, ballot_id: str, vote: str) -> BallotRecord:
        """Keep a vote instead of the one before.

        Raises:
            NotFound: there is no such comparison.
        """
        with self._database.write() as session:
            row = session.get(BallotRow, ballot_id)
            if row is None or row.prototype_id != prototype_id:
                raise NotFound("This comparison is not there (any more). Start a new one.")
            row.vote = vote
            return _record(row)

    def latest(self, prototype_id: str) -> BallotRecord | None:
        """The newest comparison, with a vote or without; None where there is none."""
        query = (
            select(BallotRow)
            .where(BallotRow.prototype_id == prototype_id)
            .order_by(BallotRow.created_at.desc(), BallotRow.id)
            .limit(1)
        )
        with self._database.read() as session:
            row = session.scalars(query).first()
            return None if row is None else _record(row)

    def list(self, prototype_id: str) -> tuple[BallotRecord, ...]:
        """The comparisons of a prototype that have a vote, the newest first."""
        query = (
            select(BallotRow)
            .where(BallotRow.prototype_id == prototype_id, BallotRow.vote.is_not(None))
            .order_by(BallotRow.created_at.desc(), BallotRow.id)
        )
        with self._database.read() as session:
            return tuple(map(_record, session.scalars(query)))


def _record(row: BallotRow) -> BallotRecord:
    return BallotRecord(
        id=row.id,
        left_name=row.left_name,
        right_name=row.right_name,
        texts=as_json(row.texts),
        vote=row.vote,
        created_at=row.created_at,
    )
