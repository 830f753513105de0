"""Feedback as evaluation cases: which results are right for a question, as judgements of the bench."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.errors import InvalidInput
from studio.prototypes.base import StoredPrototype
from studio.prototypes.documented import DocumentedPrototype
from studio.workspace.feedback_record import Retrieved

KINDS = ("chatbot", "search")
"""The kinds whose bench measures by judgements."""

AnyPrototype = StoredPrototype[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseItem:
    """Something that may be right for a question: its key in the judgements and what it is called.

    `was_found` says that it was among what was found when the opinion was given.
    """

    item: str
    title: str
    was_found: bool


def case_items(prototype: AnyPrototype, retrieved: Sequence[Retrieved]) -> tuple[CaseItem, ...]:
    """What may be right: what was found first, then everything else by name.

    None where the prototype has no judgements to keep it in, or nothing is indexed.
    """
    if not isinstance(prototype, DocumentedPrototype) or prototype.kind not in KINDS:
        return ()
    names = prototype.bench.names()
    found = _items_of(prototype, retrieved)
    others = sorted(set(names.by_name) - set(found), key=names.title)
    return tuple(
        CaseItem(item=item, title=names.title(item), was_found=item in found)
        for item in (*found, *others)
    )


def keep_case(
    prototype: AnyPrototype, query: str, right: Sequence[str], retrieved: Sequence[Retrieved]
) -> dict[str, int | None]:
    """Keep what is right for a query; what was found and is not among it counts as wrong.

    Returns:
        The grade that each judged item had before, None for none: what `take_case_back` wants.

    Raises:
        InvalidInput: nothing is right, or the prototype keeps no judgements.
    """
    if not isinstance(prototype, DocumentedPrototype) or not right:
        raise InvalidInput(
            "Choose at least one result that is right for the question: without it, no search can be"
            " measured by it."
        )
    grades = dict.fromkeys(_items_of(prototype, retrieved), 0) | dict.fromkeys(right, 1)
    before = prototype.bench.grades(query)
    for item, grade in grades.items():
        prototype.bench.judge_item(query, item, grade)
    return {item: before.get(item) for item in grades}


def take_case_back(prototype: AnyPrototype, query: str, before: Mapping[str, int | None]) -> None:
    """Give every item the grade that it had before."""
    if isinstance(prototype, DocumentedPrototype):
        for item, grade in before.items():
            prototype.bench.judge_item(query, item, grade)


def _items_of(
    prototype: DocumentedPrototype[Any], retrieved: Sequence[Retrieved]
) -> tuple[str, ...]:
    """The items of what was found that are still there, each once, in the order they were found."""
    names = prototype.bench.names()
    items: dict[str, None] = {}
    for one in retrieved:
        item = names.resolve(one.item) if one.item else None
        if item is None and one.document_id:
            at = (one.page, one.start)
            chunks = prototype.passages(one.document_id)
            item = next((names.of(c) for c in chunks if (c.page, c.start) == at), None)
        if item is not None:
            items[item] = None
    return tuple(items)
