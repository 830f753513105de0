"""What people said about answers: one opinion per person and answer; a later one replaces it.

Keeps what it is given, with the whole exchange, so that it can be read when documents and settings
have changed. What accepting an opinion means is decided in `studio.feedback`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from studio.errors import NotFound
from studio.workspace.database import Database, as_json, clean
from studio.workspace.feedback_record import (
    Exchange,
    FeedbackFilter,
    FeedbackRecord,
    FeedbackState,
    Opinion,
    Retrieved,
    Thumb,
)
from studio.workspace.naming import new_id
from studio.workspace.prototypes import find_prototype
from studio.workspace.schema import FeedbackRow

_EVERYTHING = FeedbackFilter()


class FeedbackStore:
    """The opinions on all prototypes; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def put(
        self,
        prototype_id: str,
        request_id: str,
        exchange: Exchange,
        opinion: Opinion,
        *,
        version: int | None = None,
        publication_id: str | None = None,
        account: str = "",
    ) -> FeedbackRecord:
        """Keep an opinion, instead of this person's earlier one on the same answer.

        One that was put aside counts as new again when it says something else now; one that was
        accepted stays so.

        Args:
            prototype_id: what answered.
            request_id: which request; with `exchange.part` it names the answer.
            exchange: question, answer and what was found.
            opinion: what they think.
            version: the version that answered.
            publication_id: where they met it; None for the builder's own page.
            account: who they are, as in the ledger.

        Raises:
            NotFound: there is no such prototype.
        """
        now = self._clock()
        with self._database.write() as session:
            prototype = find_prototype(session, prototype_id)
            row = session.scalars(_answer(prototype.id, request_id, exchange.part, account)).first()
            if row is None:
                row = FeedbackRow(
                    id=new_id(),
                    prototype_id=prototype.id,
                    request_id=request_id,
                    part=exchange.part,
                    account=account,
                    version=version,
                    publication_id=publication_id,
                    question=clean(exchange.question),
                    answer=clean(exchange.answer),
                    language=exchange.language,
                    retrieved=as_json([asdict(one) for one in exchange.retrieved]),
                    state="new",
                    outcome={},
                    created_at=now,
                )
                session.add(row)
            elif row.state == "dismissed" and _opinion(row) != opinion:
                row.state = "new"
            _take(row, opinion, now)
            session.flush()
            return _record(row)

    def get(self, feedback_id: str) -> FeedbackRecord:
        """The opinion of that id.

        Raises:
            NotFound: there is none (any more).
        """
        with self._database.read() as session:
            return _record(_find(session, feedback_id))

    def find(
        self, prototype_id: str, request_id: str, part: str = "", account: str = ""
    ) -> FeedbackRecord | None:
        """What a person said about an answer; None where they said nothing."""
        with self._database.read() as session:
            row = session.scalars(_answer(prototype_id, request_id, part, account)).first()
            return None if row is None else _record(row)

    def take_back(
        self, prototype_id: str, request_id: str, part: str = "", account: str = ""
    ) -> None:
        """Forget what a person said about an answer, unless it was accepted already."""
        with self._database.write() as session:
            row = session.scalars(_answer(prototype_id, request_id, part, account)).first()
            if row is not None and row.state in ("new", "dismissed"):
                session.delete(row)

    def list(
        self, wanted: FeedbackFilter = _EVERYTHING, *, limit: int | None = None, offset: int = 0
    ) -> tuple[FeedbackRecord, ...]:
        """The opinions that are wanted, the newest first; `limit` and `offset` cut a page out."""
        query = _matching(select(FeedbackRow), wanted)
        query = query.order_by(FeedbackRow.updated_at.desc(), FeedbackRow.id)
        with self._database.read() as session:
            return tuple(map(_record, session.scalars(query.limit(limit).offset(offset))))

    def count(self, wanted: FeedbackFilter = _EVERYTHING) -> int:
        """How many opinions are wanted so."""
        query = _matching(select(func.count()).select_from(FeedbackRow), wanted)
        with self._database.read() as session:
            return session.scalar(query) or 0

    def settle(
        self, feedback_id: str, state: FeedbackState, outcome: Mapping[str, Any] | None = None
    ) -> FeedbackRecord:
        """Say what became of an opinion, and what that made (JSON).

        Raises:
            NotFound: there is none (any more).
        """
        with self._database.write() as session:
            row = _find(session, feedback_id, is_locked=True)
            row.state, row.outcome = state, as_json(dict(outcome or {}))
            return _record(row)


def _answer(prototype_id: str, request_id: str, part: str, account: str) -> Select[FeedbackRow]:
    return select(FeedbackRow).where(
        FeedbackRow.prototype_id == prototype_id,
        FeedbackRow.request_id == request_id,
        FeedbackRow.part == part,
        FeedbackRow.account == account,
    )


def _matching(query: Select[Any], wanted: FeedbackFilter) -> Select[Any]:  # of rows or of a number
    for name in ("prototype_id", "state", "thumb", "reason", "version"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(FeedbackRow, name) == value)
    if wanted.publication_id is not None:
        query = query.where(FeedbackRow.publication_id.is_(None) if not wanted.publication_id
                            else FeedbackRow.publication_id == wanted.publication_id)  # fmt: skip
    if wanted.since is not None:
        query = query.where(FeedbackRow.created_at >= wanted.since)
    text = clean(wanted.text).strip()
    if text:
        columns = (
            FeedbackRow.question,
            FeedbackRow.answer,
            FeedbackRow.comment,
            FeedbackRow.correction,
        )
        query = query.where(or_(*(one.icontains(text, autoescape=True) for one in columns)))
    return query


def _find(session: Session, feedback_id: str, *, is_locked: bool = False) -> FeedbackRow:
    row = session.get(FeedbackRow, feedback_id, with_for_update=is_locked or None)
    if row is None:
        raise NotFound("This feedback is not there (any more). It was taken back.")
    return row


def _take(row: FeedbackRow, opinion: Opinion, now: datetime) -> None:
    row.thumb, row.reason = opinion.thumb, opinion.reason
    row.comment, row.correction = clean(opinion.comment), clean(opinion.correction)
    row.updated_at = now


def _opinion(row: FeedbackRow) -> Opinion:
    return Opinion(
        thumb=cast("Thumb", row.thumb),  # only `put` writes it
        reason=row.reason,
        comment=row.comment,
        correction=row.correction,
    )


def _record(row: FeedbackRow) -> FeedbackRecord:
    return FeedbackRecord(
        id=row.id,
        prototype_id=row.prototype_id,
        request_id=row.request_id,
        version=row.version,
        publication_id=row.publication_id,
        account=row.account,
        exchange=Exchange(
            question=row.question,
            answer=row.answer,
            language=row.language,
            retrieved=tuple(Retrieved(**one) for one in row.retrieved),
            part=row.part,
        ),
        opinion=_opinion(row),
        state=cast("FeedbackState", row.state),  # only `settle` writes it
        outcome=as_json(row.outcome),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
