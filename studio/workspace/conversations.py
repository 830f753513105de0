"""Conversations: what was said to a prototype and what it answered. None is deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from studio.errors import NotFound
from studio.workspace.database import Database, as_json, clean
from studio.workspace.naming import new_secret_id
from studio.workspace.records import ConversationRecord, ConversationSummary, TurnRecord
from studio.workspace.schema import ConversationRow, PrototypeRow, TurnRow


class Conversations:
    """The conversations of all prototypes; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def start(self, prototype_id: str, key: str = "") -> ConversationRecord:
        """A new conversation; `key` tells the caller's own kinds apart (a page, a share link).

        Raises:
            NotFound: there is no such prototype.
        """
        with self._database.write() as session:
            if session.get(PrototypeRow, prototype_id) is None:
                raise NotFound("There is no prototype {prototype}.", prototype=prototype_id)
            return _record(self._start(session, prototype_id, key))

    def get(self, conversation_id: str) -> ConversationRecord:
        """The conversation of that id, also of a cleared one.

        Raises:
            NotFound: there is none.
        """
        with self._database.read() as session:
            return _record(_find(session, conversation_id))

    def list(self, prototype_id: str, key: str | None = None) -> tuple[ConversationRecord, ...]:
        """The conversations of a prototype, the newest first; only those of a key if given."""
        query = select(ConversationRow).where(ConversationRow.prototype_id == prototype_id)
        if key is not None:
            query = query.where(ConversationRow.key == key)
        query = query.order_by(ConversationRow.started_at.desc(), ConversationRow.id)
        with self._database.read() as session:
            return tuple(_record(row) for row in session.scalars(query))

    def recent(self, prototype_id: str, key: str, limit: int) -> tuple[ConversationSummary, ...]:
        """The conversations of a key in which something was said, the latest words first."""
        last_said_at = func.max(TurnRow.created_at)
        first = aliased(TurnRow)
        first_words = (
            select(first.content)
            .where(first.conversation_id == ConversationRow.id, first.position == 0)
            .scalar_subquery()
        )
        query = (
            select(ConversationRow.id, ConversationRow.ended_at, first_words, last_said_at)
            .join(TurnRow, TurnRow.conversation_id == ConversationRow.id)
            .where(ConversationRow.prototype_id == prototype_id, ConversationRow.key == key)
            .group_by(ConversationRow.id)
            .order_by(last_said_at.desc(), ConversationRow.id)
            .limit(limit)
        )
        return self._database.recall(
            ("recent conversations", prototype_id, key, limit),
            lambda session: tuple(
                ConversationSummary(
                    id=conversation_id,
                    first_words=words or "",
                    last_said_at=said_at,
                    is_over=ended_at is not None and ended_at >= said_at,
                )
                for conversation_id, ended_at, words, said_at in session.execute(query)
            ),
        )

    def end(self, conversation_id: str) -> None:
        """Note that a conversation is over; it is kept, and may go on all the same.

        Raises:
            NotFound: there is no such conversation.
        """
        with self._database.write() as session:
            _find(session, conversation_id, is_locked=True).ended_at = self._clock()

    def append_turn(
        self,
        conversation_id: str,
        role: str,
        content: str,
        extra: Mapping[str, Any] | None = None,
    ) -> TurnRecord:
        """Add what one side said; it is on the disk when this returns.

        Args:
            conversation_id: where it was said.
            role: "user" or "assistant".
            content: the text.
            extra: the caller's own JSON (citations, figures, why it ended, the request's id).

        Raises:
            NotFound: there is no such conversation.
            InvalidInput: `extra` is not JSON.
        """
        values = as_json(dict(extra or {}))
        with self._database.write() as session:
            _find(session, conversation_id, is_locked=True)
            query = select(func.max(TurnRow.position))
            latest = session.scalar(query.where(TurnRow.conversation_id == conversation_id))
            row = TurnRow(
                conversation_id=conversation_id,
                position=0 if latest is None else latest + 1,
                role=role,
                content=clean(content),
                extra=values,
                created_at=self._clock(),
            )
            session.add(row)
            return _turn_record(row)

    def turns(self, conversation_id: str) -> tuple[TurnRecord, ...]:
        """What was said, in order; nothing in a new conversation.

        Raises:
            NotFound: there is no such conversation.
        """
        with self._database.read() as session:
            _find(session, conversation_id)
            query = select(TurnRow).where(TurnRow.conversation_id == conversation_id)
            return tuple(
                _turn_record(row) for row in session.scalars(query.order_by(TurnRow.position))
            )

    def clear(self, conversation_id: str) -> ConversationRecord:
        """End the conversation and start an empty one in its place; the old one is kept.

        Returns:
            The new conversation, of the same prototype and key.

        Raises:
            NotFound: there is no such conversation.
        """
        with self._database.write() as session:
            old = _find(session, conversation_id, is_locked=True)
            old.ended_at = old.ended_at or self._clock()
            return _record(self._start(session, old.prototype_id, old.key))

    def _start(self, session: Session, prototype_id: str, key: str) -> ConversationRow:
        row = ConversationRow(
            id=new_secret_id(), prototype_id=prototype_id, key=key, started_at=self._clock()
        )
        session.add(row)
        return row


def _find(session: Session, conversation_id: str, *, is_locked: bool = False) -> ConversationRow:
    row = session.get(ConversationRow, conversation_id, with_for_update=is_locked or None)
    if row is None:
        raise NotFound("This conversation is not there. Start a new one.")
    return row


def _record(row: ConversationRow) -> ConversationRecord:
    return ConversationRecord(
        id=row.id,
        prototype_id=row.prototype_id,
        key=row.key,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def _turn_record(row: TurnRow) -> TurnRecord:
    return TurnRecord(
        conversation_id=row.conversation_id,
        position=row.position,
        role=row.role,
        content=row.content,
        extra=as_json(row.extra),
        created_at=row.created_at,
    )
