"""Drafts of one kind of one prototype: values that are kept beside the texts, and found again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from studio.workspace.drafts import Drafts as DraftStore
from studio.workspace.records import DraftHead, DraftRecord

T = TypeVar("T")
Json = Mapping[str, Any]  # Any: what JSON can say


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(Generic[T]):
    """Something that is kept: `value` with the id and the time, aware UTC, of its first version."""

    id: str
    created_at: datetime
    value: T


class Drafts(Generic[T]):
    """What is kept of one kind for one prototype. Every method may be called by any thread.

    Args:
        prototype_id: whose they are.
        store: keeps them.
        kind: what they are kept as.
        to_json: a value as plain JSON.
        from_json: the value that `to_json` was called on.
    """

    def __init__(
        self,
        prototype_id: str,
        store: DraftStore,
        kind: str,
        to_json: Callable[[T], Json],
        from_json: Callable[[Json], T],
    ) -> None:
        self._id = prototype_id
        self._store = store
        self._kind = kind
        self._to_json = to_json
        self._from_json = from_json

    def add(self, title: str, value: T) -> Draft[T]:
        """Keep a new one, which people find by its title."""
        return self._draft(self._store.add(self._id, self._kind, title, self._to_json(value)))

    def change(self, draft_id: str, changed: Callable[[T], T]) -> Draft[T]:
        """Put what `changed` makes of its value to one that is kept. Raises NotFound."""
        record = self._store.change(
            self._id, draft_id, lambda stored: self._to_json(changed(self._from_json(stored)))
        )
        return self._draft(record)

    def get(self, draft_id: str) -> Draft[T]:
        """One that is kept. Raises NotFound."""
        return self._draft(self._store.get(self._id, draft_id))

    def latest(self) -> Draft[T] | None:
        """The newest; None where there is none."""
        record = self._store.latest(self._id, self._kind)
        return None if record is None else self._draft(record)

    def list(self) -> tuple[DraftHead, ...]:
        """Id, title and time of those that are kept, the newest first."""
        return self._store.list(self._id, self._kind)

    def delete(self, draft_id: str) -> None:
        """Put one away; `restore` brings it back. Raises NotFound."""
        self._store.delete(self._id, draft_id)

    def restore(self, draft_id: str) -> None:
        """Bring a deleted one back as it was. Raises NotFound."""
        self._store.restore(self._id, draft_id)

    def clear(self) -> None:
        """Forget all of them."""
        self._store.remove(self._id, self._kind)

    def _draft(self, record: DraftRecord) -> Draft[T]:
        return Draft(
            id=record.id, created_at=record.created_at, value=self._from_json(record.content)
        )
