"""What people said about results: which item is right for which query, and how right.

One judgement per prototype, query and item; a later one replaces it. Knows no index; items are named
by keys that the kind of prototype makes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import delete, select

from studio.errors import InvalidInput
from studio.workspace.database import Database, clean
from studio.workspace.records import JudgementRecord, JudgementSource
from studio.workspace.schema import JudgementRow

MAX_GRADE = 10
_MAX_KEY = 1000


class Judgements:
    """The judgements of all prototypes; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def put(
        self,
        prototype_id: str,
        judged: Sequence[tuple[str, str, int]],
        source: JudgementSource,
    ) -> int:
        """Keep judgements; gives how many. They are on the disk when this returns, all or none.

        Args:
            prototype_id: whose results were judged.
            judged: query, key of the item, and grade from 0 (wrong) to 10.
            source: how they came about.

        Raises:
            InvalidInput: a grade is out of range, or a query or key is empty or too long.
        """
        rows = [_checked(*one) for one in judged]
        with self._database.write() as session:
            for query, item, grade in rows:
                session.merge(
                    JudgementRow(
                        prototype_id=prototype_id,
                        query=query,
                        item=item,
                        grade=grade,
                        source=source,
                        judged_at=self._clock(),
                    )
                )
        return len(rows)

    def list(self, prototype_id: str) -> tuple[JudgementRecord, ...]:
        """All judgements of a prototype, by query and item."""
        query = select(JudgementRow).where(JudgementRow.prototype_id == prototype_id)
        with self._database.read() as session:
            rows = session.scalars(query.order_by(JudgementRow.query, JudgementRow.item))
            return tuple(
                JudgementRecord(
                    query=row.query,
                    item=row.item,
                    grade=row.grade,
                    source=cast("JudgementSource", row.source),  # only `put` writes it
                    judged_at=row.judged_at,
                )
                for row in rows
            )

    def remove(self, prototype_id: str, query: str, item: str | None = None) -> None:
        """Take back the judgement of an item, or all of a query; nothing happens if there is none."""
        statement = delete(JudgementRow).where(
            JudgementRow.prototype_id == prototype_id, JudgementRow.query == _query(query)
        )
        if item is not None:
            statement = statement.where(JudgementRow.item == item)
        with self._database.write() as session:
            session.execute(statement)

    def copy(self, prototype_id: str, to_id: str) -> int:
        """Give another prototype the same judgements, as they came about; gives how many.

        They name items by the names of documents and rows, which a copy of the documents shares.
        """
        with self._database.write() as session:
            rows = session.scalars(
                select(JudgementRow).where(JudgementRow.prototype_id == prototype_id)
            ).all()
            for row in rows:
                session.merge(
                    JudgementRow(
                        prototype_id=to_id,
                        query=row.query,
                        item=row.item,
                        grade=row.grade,
                        source=row.source,
                        judged_at=row.judged_at,
                    )
                )
            return len(rows)


def _checked(query: str, item: str, grade: int) -> tuple[str, str, int]:
    text = _query(query)
    if not 0 <= grade <= MAX_GRADE:
        raise InvalidInput(
            "A grade is a whole number from 0 (wrong) to {highest}; {grade} was given for {query}.",
            highest=MAX_GRADE,
            grade=grade,
            query=text[:80],
        )
    for value in (text, item):
        if not value or len(value) > _MAX_KEY:
            raise InvalidInput(
                "A judgement needs a query and an item of 1 to {limit} characters each.",
                limit=_MAX_KEY,
            )
    return text, clean(item), grade


def _query(text: str) -> str:
    return " ".join(clean(text).split())
