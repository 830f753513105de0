"""In which script most of a prototype's documents are written, counted again when they change.

Asked before every question, so what was counted is kept. Knows no model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from studio.records import Page
from studio.retrieval.terms import Script, script_of
from studio.workspace.documents import Documents, beginning

CJK_LANGUAGES = ("zh", "ja", "ko")
_LETTERS_PER_CHARACTER = 2
"""A Chinese character says at least what this many letters do."""


class DocumentsScript:
    """The script of the documents of one prototype. Every method may be called by any thread.

    Args:
        prototype_id: whose documents.
        documents: where they are stored.
    """

    def __init__(self, prototype_id: str, documents: Documents) -> None:
        self._id = prototype_id
        self._documents = documents
        self._counted: tuple[tuple[object, ...], Counter[Script]] | None = None

    def now(self, incoming: Iterable[Sequence[Page]] = ()) -> Script:
        """The script of most of the text; "latin" without documents.

        Args:
            incoming: the pages of documents that are counted as if they were stored already.
        """
        fingerprint = self._documents.fingerprint(self._id)
        counted = self._counted
        if counted is None or counted[0] != fingerprint:
            stored = _characters(self._documents.beginnings(self._id))
            counted = self._counted = (fingerprint, stored)
        texts = ((beginning(pages), sum(len(page.text) for page in pages)) for pages in incoming)
        n_characters = counted[1] + _characters(texts)
        n_cjk = _LETTERS_PER_CHARACTER * n_characters["cjk"]
        return "cjk" if n_cjk and n_cjk >= n_characters["latin"] else "latin"


def _characters(texts: Iterable[tuple[str, int]]) -> Counter[Script]:
    """Characters by script, of beginnings of documents with the lengths of these."""
    n_characters: Counter[Script] = Counter()
    for start, n in texts:
        n_characters[script_of(start)] += n
    return n_characters
