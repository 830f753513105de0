"""Which prototypes are listed, and in which order: what was typed and chosen above the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from studio.workspace.records import PrototypeRecord

Shelf = Literal["active", "archived", "deleted"]
Order = Literal["changed", "made", "name", "kind"]

_ORDERS: Mapping[Order, tuple[Callable[[PrototypeRecord], Any], bool]] = {
    "changed": (lambda record: record.updated_at, True),
    "made": (lambda record: record.created_at, True),
    "name": (lambda record: record.name.casefold(), False),
    "kind": (lambda record: (record.kind, record.name.casefold()), False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryQuery:
    """What is looked for.

    Attributes:
        words: all of them must stand in the name, the kind or the project of a prototype.
        kind: only this kind; None for every one.
        project_id: only this project; None for every one.
        shelf: what is in use, what was put aside, or what was deleted.
        order: by what they are sorted.
    """

    words: str = ""
    kind: str | None = None
    project_id: str | None = None
    shelf: Shelf = "active"
    order: Order = "changed"

    def apply(
        self,
        records: Sequence[PrototypeRecord],
        kind_names: Mapping[str, str],
        project_names: Mapping[str, str],
    ) -> list[PrototypeRecord]:
        """The records that fit, sorted; equal ones keep their order.

        Args:
            records: all of them, deleted ones included.
            kind_names: kind -> what the user calls it.
            project_names: id of a project -> its name.
        """
        wanted = self.words.casefold().split()
        found = []
        for record in records:
            if shelf_of(record) != self.shelf or not self._is_here(record):
                continue
            text = " ".join(
                (
                    record.name,
                    kind_names.get(record.kind, record.kind),
                    project_names.get(record.project_id, ""),
                )
            ).casefold()
            if all(word in text for word in wanted):
                found.append(record)
        by, is_reversed = _ORDERS[self.order]
        return sorted(found, key=by, reverse=is_reversed)

    def _is_here(self, record: PrototypeRecord) -> bool:
        return self.kind in (None, record.kind) and self.project_id in (None, record.project_id)


def shelf_of(record: PrototypeRecord) -> Shelf:
    """Where a prototype is listed."""
    if record.deleted_at is not None:
        return "deleted"
    return "active" if record.archived_at is None else "archived"
