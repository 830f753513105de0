"""What was typed into the forms of a prototype and not used yet: kept, so that a reload finds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.workspace.drafts import Drafts as DraftStore

Values = Mapping[str, Any]  # Any: what JSON can say


class Typed:
    """What is in the forms of one prototype, each person's own. For any thread.

    Args:
        prototype_id: whose forms they are.
        store: keeps them.
    """

    def __init__(self, prototype_id: str, store: DraftStore) -> None:
        self._id = prototype_id
        self._store = store

    def get(self, form: str, person: str = "") -> Values:
        """What a person typed last, by field; {} where nothing is kept.

        Args:
            form: which one; 20 characters at most.
            person: the id of their account; empty where nobody signs in.
        """
        found = self._find(form, person)
        return {} if found is None else self._store.get(self._id, found).content

    def keep(self, form: str, values: Values, person: str = "") -> None:
        """Keep what a person typed instead of what they typed before.

        Raises:
            InvalidInput: the values are no JSON.
        """
        found = self._find(form, person)
        if found is None:
            self._store.add(self._id, _kind(form), person, values)
        else:
            self._store.change(self._id, found, lambda _before: values)

    def _find(self, form: str, person: str) -> str | None:
        heads = self._store.list(self._id, _kind(form), limit=1, title=person)
        return heads[0].id if heads else None


def _kind(form: str) -> str:
    return f"typed.{form}"
