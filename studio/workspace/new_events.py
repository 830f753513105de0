"""What users of recommenders did since the data was read, in the order it came.

Knows no item and no user list; whether an id is known is the caller's to check.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sqlalchemy import select

from studio.errors import InvalidInput
from studio.workspace.database import Database, clean
from studio.workspace.records import NewEventRecord
from studio.workspace.schema import NewEventRow

MAX_ID = 200
MAX_KIND = 100


class NewEvents:
    """The new events of all prototypes; every method is thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, prototype_id: str, events: Sequence[NewEventRecord]) -> None:
        """Keep events, all or none; they are on the disk when this returns.

        Raises:
            InvalidInput: an id or kind is empty or too long, or a rating is not a number.
        """
        rows = [_row(prototype_id, event) for event in events]
        with self._database.write() as session:
            session.add_all(rows)

    def list(self, prototype_id: str) -> tuple[NewEventRecord, ...]:
        """All new events of a prototype, in the order they came."""
        query = select(NewEventRow).where(NewEventRow.prototype_id == prototype_id)
        with self._database.read() as session:
            return tuple(
                NewEventRecord(
                    user_id=row.user,
                    item_id=row.item,
                    kind=row.kind,
                    rating=row.rating,
                    at=row.happened_at,
                )
                for row in session.scalars(query.order_by(NewEventRow.id))
            )

    def copy(self, prototype_id: str, to_id: str) -> int:
        """Give another prototype the same events behind its own; gives how many."""
        events = self.list(prototype_id)
        self.add(to_id, events)
        return len(events)


def _row(prototype_id: str, event: NewEventRecord) -> NewEventRow:
    for value, limit in (
        (event.user_id, MAX_ID),
        (event.item_id, MAX_ID),
        (event.kind, MAX_KIND),
    ):
        if not value or len(value) > limit:
            raise InvalidInput(
                "An event needs a user, an item and a kind of 1 to {limit} characters.", limit=limit
            )
    if event.rating is not None and not math.isfinite(event.rating):
        raise InvalidInput("The rating {rating} is not a number.", rating=event.rating)
    return NewEventRow(
        prototype_id=prototype_id,
        user=clean(event.user_id),
        item=clean(event.item_id),
        kind=clean(event.kind),
        rating=event.rating,
        happened_at=event.at,
    )
