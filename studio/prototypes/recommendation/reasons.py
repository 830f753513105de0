"""Why an item is recommended: in a sentence, from what its score is made of.

A reason says only what is true of the score: the liked item that adds most to it, shared attributes,
people with a like history, or that many take it (or nobody, yet).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.prototypes.recommendation.goals import MethodName
from studio.prototypes.recommendation.interactions import Floats, Items
from studio.prototypes.recommendation.methods.contract import Visitor
from studio.prototypes.recommendation.results import Reason
from studio.records import Notice

MIN_SHARE = 0.15
"""An item of the history that adds less to the score is not named alone."""
N_NAMED = 2
N_SHARED = 3


def reason_for(
    item: int,
    method: MethodName,
    visitor: Visitor,
    items: Items,
    evidence: Floats | None,
    *,
    of_all: MethodName | None = None,
    is_told: bool = True,
) -> Reason:
    """Why an item stands in the list of a visitor.

    Args:
        item: its code.
        method: that made the list.
        visitor: whose list.
        items: by code.
        evidence: what each item of the history adds to its score, `(h,)`; None if not a sum.
        of_all: the way of counting what all take that put the item there, where one did.
        is_told: whether anything could tell the item; else nobody took it.
    """
    if not is_told:
        return Reason(kind="untaken", notice=Notice("Nobody took this yet"))
    if of_all is not None:
        return _of_all(of_all, visitor)
    if evidence is not None and evidence.max(initial=0.0) > 0:
        return _of_history(item, method, evidence, visitor, items)
    shared = _shared(item, visitor.items.tolist(), items)
    if shared:
        text = ", ".join(value for _, value in shared)
        return Reason(
            kind="attributes",
            notice=Notice("Shares {values} with what you liked", values=text),
            values=shared,
        )
    return Reason(kind="people", notice=Notice("People with a history like yours took this"))


def _of_history(
    item: int,
    method: MethodName,
    evidence: Floats,
    visitor: Visitor,
    items: Items,
) -> Reason:
    positive = np.maximum(evidence, 0.0)
    order = np.lexsort((-np.arange(len(positive)), -positive))[:N_NAMED]  # of equals the latest
    shares = positive[order] / positive.sum()
    named = [int(visitor.items[at]) for at, share in zip(order, shares, strict=True) if share]
    if len(named) > 1 and shares[1] < MIN_SHARE:
        named = named[:1]
    ids = tuple(items.ids[code] for code in named)
    share = float(shares[: len(named)].sum())
    first, titles = items.titles[named[0]], [items.titles[code] for code in named]
    if method == "next_item":
        notice = Notice("Often follows {item}", item=first)
        return Reason(kind="next", notice=notice, item_ids=ids[:1], share=float(shares[0]))
    shared = _shared(item, named[:1], items)
    if method == "content" and shared:
        text = ", ".join(value for _, value in shared)
        notice = Notice("Like {item}: {values}", item=first, values=text)
        return Reason(kind="attributes", notice=notice, item_ids=ids, values=shared, share=share)
    if method == "content":
        notice = Notice("Its description is like that of {item}", item=first)
        return Reason(kind="attributes", notice=notice, item_ids=ids, share=share)
    if len(titles) > 1:
        notice = Notice("Because you liked {item} and {other}", item=titles[0], other=titles[1])
    else:
        notice = Notice("Because you liked {item}", item=first)
    return Reason(kind="liked", notice=notice, item_ids=ids, values=shared, share=share)


def _of_all(method: MethodName, visitor: Visitor) -> Reason:
    if method == "recent":
        return Reason(kind="recent", notice=Notice("Many take this lately"))
    if method == "segment" and visitor.segment:
        notice = Notice("Popular with {segment} users", segment=visitor.segment)
        return Reason(kind="segment", notice=notice)
    return Reason(kind="popular", notice=Notice("Many take this"))


def _shared(item: int, others: Sequence[int], items: Items) -> tuple[tuple[str, str], ...]:
    """Attribute values of an item that any of the others has, too, the rarest first."""
    found = []
    for column, cells in items.attributes.items():
        theirs = {value for other in others for value in cells[other]}
        counts = items.value_counts[column]
        found += [(counts[value], column, value) for value in cells[item] if value in theirs]
    # What every second item has says nothing.
    telling = sorted(one for one in found if one[0] <= len(items) / 2)
    return tuple((column, value) for _, column, value in telling[:N_SHARED])


def reason_for_similar(item: int, original: int, method: MethodName, items: Items) -> Reason:
    """Why an item stands on another item's page."""
    if method in ("popular", "recent", "segment"):
        return _of_all("popular", Visitor())
    shared = _shared(item, [original], items)
    ids = (items.ids[original],)
    if method == "content":
        text = ", ".join(value for _, value in shared)
        notice = Notice("Alike: {values}", values=text) if shared else Notice("Described alike")
        return Reason(kind="attributes", notice=notice, item_ids=ids, values=shared)
    if method == "next_item":
        return Reason(kind="next", notice=Notice("Often taken next"), item_ids=ids)
    return Reason(
        kind="people", notice=Notice("Taken by the same people"), item_ids=ids, values=shared
    )
