"""What was written for a prototype, stored: nothing is overwritten, everything can be taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from studio.prototypes.content.text import Text
from studio.prototypes.content.text_json import text_from_json, text_to_json
from studio.workspace.records import TextRecord
from studio.workspace.texts import Texts


class History:
    """The stored texts of one prototype. Every method may be called by any thread."""

    def __init__(self, prototype_id: str, texts: Texts) -> None:
        self._id = prototype_id
        self._texts = texts

    def add(self, texts: Sequence[Text]) -> tuple[Text, ...]:
        """Keep texts; gives them with their ids. All have the same parent, or none."""
        if not texts:
            return ()
        parent = texts[0].parent_id
        written = [(text.content, text_to_json(text)) for text in texts]
        records = self._texts.add(self._id, written, parent)
        return tuple(replace(text, id=one.id) for text, one in zip(texts, records, strict=True))

    def get(self, text_id: str) -> Text:
        """A text. Raises NotFound."""
        return _text(self._texts.get(self._id, text_id))

    def list(self, *, only_kept: bool, offset: int, limit: int) -> tuple[Text, ...]:
        """Texts, the newest first."""
        records = self._texts.list(self._id, only_kept=only_kept, offset=offset, limit=limit)
        return tuple(map(_text, records))

    def revisions(self, text_id: str) -> tuple[Text, ...]:
        """All that goes back to the same first text, the oldest first. Raises NotFound."""
        return tuple(map(_text, self._texts.revisions(self._id, text_id)))

    def keep(self, text_id: str, *, is_kept: bool) -> None:
        """Note whether the user keeps it. Raises NotFound."""
        self._texts.mark(self._id, text_id, is_kept=is_kept)

    def rate(self, text_id: str, rating: int | None) -> None:
        """Note how good it is. Raises NotFound, InvalidInput."""
        self._texts.rate(self._id, text_id, rating)


def _text(record: TextRecord) -> Text:
    return text_from_json(record.extra, id=record.id, is_kept=record.is_kept, rating=record.rating)
