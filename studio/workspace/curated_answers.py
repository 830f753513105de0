"""Answers of the team: a question with the answer that it, and those like it, get from then on.

Keeps them with the vectors of their questions; which question is alike is the chatbot's business.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from studio.errors import InvalidInput, NotFound
from studio.workspace.database import Database, clean
from studio.workspace.feedback_record import CuratedRecord
from studio.workspace.naming import new_id
from studio.workspace.prototypes import find_prototype
from studio.workspace.schema import CuratedAnswerRow

MAX_QUESTION = 4000
MAX_ANSWER = 8000


class CuratedAnswers:
    """The answers of the teams of all prototypes; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def add(
        self,
        prototype_id: str,
        question: str,
        answer: str,
        *,
        language: str = "en",
        feedback_id: str | None = None,
    ) -> CuratedRecord:
        """Keep an answer; it is on, and has no vector yet.

        Raises:
            NotFound: there is no such prototype.
            InvalidInput: question or answer is empty or too long.
        """
        asked, said = _checked(question, answer)
        now = self._clock()
        with self._database.write() as session:
            row = CuratedAnswerRow(
                id=new_id(),
                prototype_id=find_prototype(session, prototype_id).id,
                question=asked,
                answer=said,
                language=language,
                model="",
                revision="",
                is_on=True,
                n_hits=0,
                feedback_id=feedback_id,
                created_at=now,
                updated_at=now,
            )
            session.add(row)
            session.flush()
            return _record(row)

    def get(self, curated_id: str) -> CuratedRecord:
        """The answer of that id.

        Raises:
            NotFound: there is none, or it was deleted.
        """
        with self._database.read() as session:
            return _record(_find(session, curated_id))

    def list(self, prototype_id: str, *, only_on: bool = False) -> tuple[CuratedRecord, ...]:
        """The answers of a prototype, the newest first; only those that are on if asked for."""
        query = select(CuratedAnswerRow).where(
            CuratedAnswerRow.prototype_id == prototype_id, CuratedAnswerRow.deleted_at.is_(None)
        )
        if only_on:
            query = query.where(CuratedAnswerRow.is_on)
        query = query.order_by(CuratedAnswerRow.created_at.desc(), CuratedAnswerRow.id)
        with self._database.read() as session:
            return tuple(map(_record, session.scalars(query)))

    def edit(self, curated_id: str, question: str, answer: str) -> CuratedRecord:
        """Change question and answer; a changed question loses its vector.

        Raises:
            NotFound: there is none, or it was deleted.
            InvalidInput: question or answer is empty or too long.
        """
        asked, said = _checked(question, answer)
        with self._database.write() as session:
            row = _find(session, curated_id, is_locked=True)
            if asked != row.question:
                row.model, row.revision, row.vector = "", "", None
            row.question, row.answer, row.updated_at = asked, said, self._clock()
            return _record(row)

    def switch(self, curated_id: str, *, is_on: bool) -> CuratedRecord:
        """Give it from now on, or do not; what it has counted stays.

        Raises:
            NotFound: there is none, or it was deleted.
        """
        with self._database.write() as session:
            row = _find(session, curated_id, is_locked=True)
            row.is_on, row.updated_at = is_on, self._clock()
            return _record(row)

    def copy(self, prototype_id: str, to_id: str) -> int:
        """Give another prototype the same answers, with nothing counted; gives how many."""
        kept = self.list(prototype_id)
        now = self._clock()
        with self._database.write() as session:
            target = find_prototype(session, to_id).id
            for one in kept:
                session.add(
                    CuratedAnswerRow(
                        id=new_id(),
                        prototype_id=target,
                        question=one.question,
                        answer=one.answer,
                        language=one.language,
                        model=one.model,
                        revision=one.revision,
                        vector=one.vector,
                        is_on=one.is_on,
                        n_hits=0,
                        feedback_id=None,
                        created_at=now,
                        updated_at=now,
                    )
                )
        return len(kept)

    def keep_vector(self, curated_id: str, model: str, revision: str, vector: bytes) -> None:
        """Keep how a model read its question; nothing happens where it was deleted meanwhile."""
        statement = update(CuratedAnswerRow).where(CuratedAnswerRow.id == curated_id)
        with self._database.write() as session:
            session.execute(statement.values(model=model, revision=revision, vector=vector))

    def count_hit(self, curated_id: str) -> None:
        """Note that it was given just now."""
        statement = update(CuratedAnswerRow).where(CuratedAnswerRow.id == curated_id)
        with self._database.write() as session:
            session.execute(
                statement.values(n_hits=CuratedAnswerRow.n_hits + 1, last_hit_at=self._clock())
            )

    def delete(self, curated_id: str) -> None:
        """Put it away; `restore` brings it back. Deleting it again does nothing."""
        self._set_deleted(curated_id, self._clock())

    def restore(self, curated_id: str) -> None:
        """Bring a deleted one back as it was."""
        self._set_deleted(curated_id, None)

    def _set_deleted(self, curated_id: str, at: datetime | None) -> None:
        statement = update(CuratedAnswerRow).where(CuratedAnswerRow.id == curated_id)
        with self._database.write() as session:
            session.execute(statement.values(deleted_at=at))


def _checked(question: str, answer: str) -> tuple[str, str]:
    asked, said = " ".join(clean(question).split()), clean(answer).strip()
    for text, limit in ((asked, MAX_QUESTION), (said, MAX_ANSWER)):
        if not text or len(text) > limit:
            raise InvalidInput(
                "An answer of the team needs a question of 1 to {question:,} characters and an answer"
                " of 1 to {answer:,}.",
                question=MAX_QUESTION,
                answer=MAX_ANSWER,
            )
    return asked, said


def _find(session: Session, curated_id: str, *, is_locked: bool = False) -> CuratedAnswerRow:
    row = session.get(CuratedAnswerRow, curated_id, with_for_update=is_locked or None)
    if row is None or row.deleted_at is not None:
        raise NotFound("This answer of the team is not there (any more).")
    return row


def _record(row: CuratedAnswerRow) -> CuratedRecord:
    return CuratedRecord(
        id=row.id,
        prototype_id=row.prototype_id,
        question=row.question,
        answer=row.answer,
        language=row.language,
        model=row.model,
        revision=row.revision,
        vector=row.vector,
        is_on=row.is_on,
        n_hits=row.n_hits,
        last_hit_at=row.last_hit_at,
        feedback_id=row.feedback_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
