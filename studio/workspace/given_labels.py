"""Labels that people gave to texts of a classifier: one per text, the latest word counts.

What makes two texts the same is the caller's to say, by the key. Knows no table and no model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from studio.errors import InvalidInput
from studio.workspace.database import Database, clean
from studio.workspace.records import GivenLabelRecord
from studio.workspace.schema import GivenLabelRow

MAX_KEY = 64
MAX_LABEL = 200
MAX_TEXT = 20_000


class GivenLabels:
    """The labels given in all prototypes; every method is thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def put(self, prototype_id: str, labelled: Sequence[tuple[str, str, str]]) -> None:
        """Keep labels, all or none; they are on the disk when this returns.

        Args:
            prototype_id: whose texts.
            labelled: (key, text, label); a label given before to the same key is replaced.

        Raises:
            InvalidInput: a key, text or label is empty or too long.
        """
        checked = [_checked(*one) for one in labelled]
        now = self._clock()
        with self._database.write() as session:
            for key, text, label in checked:
                session.merge(
                    GivenLabelRow(
                        prototype_id=prototype_id, key=key, text=text, label=label, given_at=now
                    )
                )

    def list(self, prototype_id: str) -> tuple[GivenLabelRecord, ...]:
        """All labels of a prototype, the oldest first."""
        query = select(GivenLabelRow).where(GivenLabelRow.prototype_id == prototype_id)
        with self._database.read() as session:
            rows = session.scalars(query.order_by(GivenLabelRow.given_at, GivenLabelRow.key))
            return tuple(
                GivenLabelRecord(key=row.key, text=row.text, label=row.label, given_at=row.given_at)
                for row in rows
            )

    def remove(self, prototype_id: str, key: str) -> None:
        """Take the label of a text back; nothing happens where it has none."""
        statement = delete(GivenLabelRow).where(
            GivenLabelRow.prototype_id == prototype_id, GivenLabelRow.key == key
        )
        with self._database.write() as session:
            session.execute(statement)

    def copy(self, prototype_id: str, to_id: str) -> None:
        """Give another prototype the same labels."""
        self.put(to_id, [(one.key, one.text, one.label) for one in self.list(prototype_id)])


def _checked(key: str, text: str, label: str) -> tuple[str, str, str]:
    for value, limit in ((key, MAX_KEY), (text, MAX_TEXT), (label, MAX_LABEL)):
        if not value.strip() or len(value) > limit:
            raise InvalidInput(
                "A text of 1 to {max_text} characters and a label of 1 to {max_label} can be kept.",
                max_text=MAX_TEXT,
                max_label=MAX_LABEL,
            )
    return key, clean(text), clean(label)
