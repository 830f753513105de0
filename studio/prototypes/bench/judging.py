"""Judgements of a prototype's results: kept, listed, read from a file, drafted from the documents.

Items are called by `ItemNames`, so that judgements outlive an edited file; those whose item is not
there any more are kept and told apart. Knows no search.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from studio.evaluation.drafting import Draft, draft_judgements
from studio.evaluation.items import Item, items_of
from studio.evaluation.judgements import Judgement, normalised, query_id_of
from studio.evaluation.reading import ReadJudgements, read_judgements
from studio.prototypes.bench.item_names import ItemNames
from studio.prototypes.search.query_text import MAX_QUERY_CHARACTERS, checked_query
from studio.prototypes.uploaded_rows import rows_of
from studio.records import Document
from studio.workspace.judgements import Judgements
from studio.workspace.records import JudgementRecord, JudgementSource

N_DRAFTED_FROM = 2000
"""Items that drafts are made from, where there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A judgement as it is kept: `item` is what it is called now, None where it is not there any more.

    `title` is what a person calls it; `stored` the name it is kept under.
    """

    query: str
    item: str | None
    title: str
    grade: int
    source: JudgementSource
    judged_at: datetime
    stored: str


class Judging:
    """The judgements of one prototype. Every method may be called by any thread.

    Args:
        prototype_id: whose.
        store: the workspace's judgements.
        names: gives the names of what can be found now.
    """

    def __init__(
        self, prototype_id: str, store: Judgements, names: Callable[[], ItemNames]
    ) -> None:
        self._id = prototype_id
        self._store = store
        self._names = names

    def judge(self, query: str, item: str, grade: int | None, source: JudgementSource) -> None:
        """Keep how right an item is for a query, 0 or more; None takes it back.

        Raises:
            InvalidInput: the query is empty or too long, or the grade is not allowed.
        """
        text = checked_query(query)
        for record in self._records(text):  # under the same words, or an earlier name of the item
            is_replaced = (record.query, record.item) != (text, item)
            if self._names().resolve(record.item) == item and (grade is None or is_replaced):
                self._store.remove(self._id, record.query, record.item)
        if grade is not None:
            self._store.put(self._id, [(text, item, grade)], source)

    def grades(self, query: str) -> dict[str, int]:
        """The judgements of a query: item -> grade; what is not there any more is left out."""
        found = {
            self._names().resolve(record.item): record.grade
            for record in self._records(checked_query(query))
        }
        return {item: grade for item, grade in found.items() if item is not None}

    def kept(self) -> tuple[Judged, ...]:
        """All judgements, by query and item."""
        names = self._names()
        listed = []
        for record in self._store.list(self._id):
            item = names.resolve(record.item)
            listed.append(
                Judged(
                    query=record.query,
                    item=item,
                    title=names.title(item or record.item),
                    grade=record.grade,
                    source=record.source,
                    judged_at=record.judged_at,
                    stored=record.item,
                )
            )
        return tuple(listed)

    def remove(self, judged: Sequence[Judged]) -> None:
        """Take judgements back; those that are gone already do not matter."""
        for one in judged:
            self._store.remove(self._id, one.query, one.stored)

    def read(self, name: str, content: bytes, *, max_bytes: int) -> ReadJudgements:
        """Keep the judgements in a file; gives what was read and which rows were dropped and why.

        The file is a table with a column of queries and one of documents, and grades if wanted.
        Documents may be named by file name, rows by their title or article number.

        Raises:
            DataError: the file cannot be read, has no table, or not these columns.
        """
        rows = rows_of(name, content, wanted="query, document, grade", max_bytes=max_bytes)
        found = read_judgements(
            rows, documents=self._names().by_name, max_query_characters=MAX_QUERY_CHARACTERS
        )
        self._store.put(
            self._id,
            [(checked_query(j.query), j.document_id, j.grade) for j in found.judgements],
            "upload",
        )
        return found

    def drafts(
        self, documents: Sequence[Document], ignored: frozenset[str], *, n: int, seed: int
    ) -> tuple[Draft, ...]:
        """Guesses at what people may ask, for a person to confirm; none for what was judged.

        Args:
            documents: the prototype's.
            ignored: columns of tables that are not indexed.
            n: drafts wanted.
            seed: decides which items come first.
        """
        names = self._names()
        items: dict[str, Item] = {}
        for document in documents:
            for item in items_of([document]):
                cells = tuple(cell for cell in item.cells if cell[0] not in ignored)
                called = names.of_row(document.document_id, document.name, cells)
                if names.resolve(called) is not None:
                    found = replace(item, item_id=called, name=names.title(called), cells=cells)
                    items.setdefault(called, found)
        chosen = list(items.values())
        if len(chosen) > N_DRAFTED_FROM:
            chosen = random.Random(seed).sample(chosen, N_DRAFTED_FROM)
        asked = {normalised(record.query) for record in self._store.list(self._id)}
        drafts = draft_judgements(chosen, n=n + len(asked), seed=seed)
        return tuple(d for d in drafts if normalised(d.query) not in asked)[:n]

    def _records(self, query: str) -> list[JudgementRecord]:
        wanted = normalised(query)
        return [r for r in self._store.list(self._id) if normalised(r.query) == wanted]


def to_measure(judged: Sequence[Judged]) -> tuple[Judgement, ...]:
    """The judgements whose item is there, as the measures take them."""
    return tuple(
        Judgement(
            query_id=query_id_of(one.query), query=one.query, document_id=one.item, grade=one.grade
        )
        for one in judged
        if one.item is not None
    )
