"""Written texts: what was written for a prototype, and what people made of it. None is overwritten."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from studio.errors import InvalidInput, NotFound
from studio.workspace.database import Database, as_json, clean
from studio.workspace.naming import new_id
from studio.workspace.records import TextRecord
from studio.workspace.schema import TextRow

MAX_RATING = 5


class Texts:
    """The texts of all prototypes; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def add(
        self,
        prototype_id: str,
        written: Sequence[tuple[str, Mapping[str, Any]]],
        parent_id: str = "",
    ) -> tuple[TextRecord, ...]:
        """Keep texts, in their order; they are on the disk when this returns, all or none.

        Args:
            prototype_id: whose they are.
            written: content and the kind's own JSON of each.
            parent_id: the text they were made from; empty for new ones.

        Raises:
            NotFound: there is no such parent.
            InvalidInput: something is no JSON.
        """
        values = [(clean(content), as_json(dict(extra))) for content, extra in written]
        with self._database.write() as session:
            root = _find(session, prototype_id, parent_id).root_id if parent_id else ""
            query = select(func.max(TextRow.position)).where(TextRow.prototype_id == prototype_id)
            position = session.scalar(query) or 0
            rows = []
            for n, (content, extra) in enumerate(values, start=1):
                identifier = new_id()
                row = TextRow(
                    id=identifier,
                    prototype_id=prototype_id,
                    root_id=root or identifier,
                    position=position + n,
                    content=content,
                    extra=extra,
                    is_kept=False,
                    rating=None,
                    created_at=self._clock(),
                )
                session.add(row)
                rows.append(row)
            return tuple(map(_record, rows))

    def get(self, prototype_id: str, text_id: str) -> TextRecord:
        """A text of a prototype.

        Raises:
            NotFound: there is none.
        """
        with self._database.read() as session:
            return _record(_find(session, prototype_id, text_id))

    def list(
        self, prototype_id: str, *, only_kept: bool = False, offset: int = 0, limit: int = 50
    ) -> tuple[TextRecord, ...]:
        """The texts of a prototype, the newest first."""
        query = select(TextRow).where(TextRow.prototype_id == prototype_id)
        if only_kept:
            query = query.where(TextRow.is_kept)
        query = query.order_by(TextRow.position.desc()).offset(offset).limit(limit)
        with self._database.read() as session:
            return tuple(map(_record, session.scalars(query)))

    def revisions(self, prototype_id: str, text_id: str) -> tuple[TextRecord, ...]:
        """All texts that go back to the same first one, the oldest first.

        Raises:
            NotFound: there is no such text.
        """
        with self._database.read() as session:
            root = _find(session, prototype_id, text_id).root_id
            query = select(TextRow).where(TextRow.root_id == root).order_by(TextRow.position)
            return tuple(map(_record, session.scalars(query)))

    def mark(self, prototype_id: str, text_id: str, *, is_kept: bool) -> None:
        """Note whether the user keeps a text. Raises NotFound."""
        with self._database.write() as session:
            _find(session, prototype_id, text_id).is_kept = is_kept

    def rate(self, prototype_id: str, text_id: str, rating: int | None) -> None:
        """Note how good a text is, 1 to 5; None for no opinion.

        Raises:
            NotFound: there is no such text.
            InvalidInput: the rating is out of range.
        """
        if rating is not None and not 1 <= rating <= MAX_RATING:
            raise InvalidInput(
                "A rating is a whole number from 1 to {highest}; {rating} was given.",
                highest=MAX_RATING,
                rating=rating,
            )
        with self._database.write() as session:
            _find(session, prototype_id, text_id).rating = rating


def _find(session: Session, prototype_id: str, text_id: str) -> TextRow:
    row = session.get(TextRow, text_id)
    if row is None or row.prototype_id != prototype_id:
        raise NotFound("This text is not there (any more). Write it again.")
    return row


def _record(row: TextRow) -> TextRecord:
    return TextRecord(
        id=row.id,
        prototype_id=row.prototype_id,
        root_id=row.root_id,
        content=row.content,
        extra=as_json(row.extra),
        is_kept=row.is_kept,
        rating=row.rating,
        created_at=row.created_at,
    )
