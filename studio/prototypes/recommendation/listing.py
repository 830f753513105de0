"""From a visitor to a list: score, fill up, apply the rules, say why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.prototypes.recommendation.interactions import Items
from studio.prototypes.recommendation.methods.contract import CANNOT_SAY, Recommender, Scores
from studio.prototypes.recommendation.methods.ranking import filled
from studio.prototypes.recommendation.reasons import reason_for
from studio.prototypes.recommendation.reranking import Mask, allowed, chosen, ruled
from studio.prototypes.recommendation.results import RecommendedItem, ShownItem
from studio.prototypes.recommendation.rules import Rules
from studio.prototypes.recommendation.trained import Trained
from studio.prototypes.recommendation.visiting import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What can be shown: the items in the order of the training's codes.

    `is_there` is False for items that the data does not have any more.
    """

    items: Items
    is_there: Mask


def shelf_of(trained: Trained, items: Items) -> Shelf:
    """The present items under the codes of the training; as they are where nothing has changed."""
    if trained.item_ids == items.ids:
        return Shelf(items=items, is_there=np.ones(len(items), dtype=np.bool_))
    rows = [items.codes.get(item) for item in trained.item_ids]
    is_there = np.asarray([row is not None for row in rows], dtype=np.bool_)
    picked = [row or 0 for row in rows]
    return Shelf(
        items=Items(
            ids=trained.item_ids,
            titles=tuple(items.titles[row] for row in picked),
            texts=tuple(items.texts[row] for row in picked),
            attributes={
                column: tuple(cells[row] for row in picked)
                for column, cells in items.attributes.items()
            },
            images=tuple(items.images[row] for row in picked),
            links=tuple(items.links[row] for row in picked),
            prices=items.prices[picked],
            stock=items.stock[picked],
            added_at_s=items.added_at_s[picked],
            currency=items.currency,
        ),
        is_there=is_there,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A list, how many items passed the rules, and how many places were filled up.

    Of these, `n_untaken` hold items that nobody took, of which nothing can be told.
    """

    items: tuple[RecommendedItem, ...]
    n_candidates: int
    n_filled: int
    n_untaken: int


def made_list(
    method: Recommender,
    fallback: Recommender,
    visit: Visit,
    shelf: Shelf,
    trained: Trained,
    rules: Rules,
    *,
    n_items: int,
    now_s: float,
) -> Made:
    """The list of a visitor, best first, ties by the order of the items.

    What the method cannot tell is filled up by the fallback, behind everything that it can.

    Raises:
        InvalidInput: a rule cannot be used.
    """
    own = method.scores(visit.visitor)
    behind = fallback.scores(visit.visitor)
    passes = allowed(shelf.items, rules) & shelf.is_there
    if rules.exclude_seen and visit.seen:
        passes[list(visit.seen)] = False
    scores = filled(own, behind)
    open_scores: Scores = np.where(passes, scores, CANNOT_SAY).astype(np.float32)
    rated = ruled(open_scores, shelf.items, rules, now_s)
    codes = chosen(rated, n_items, rules.diversity, trained.vectors).tolist()
    best = max((float(rated[code]) for code in codes), default=0.0)
    is_known, is_taken = np.isfinite(own), np.isfinite(behind)
    places = np.asarray(codes, dtype=np.int64)
    evidence = method.evidence(visit.visitor, places)
    of_all = method.of_all(visit.visitor, own[places], places)
    items = tuple(
        RecommendedItem(
            rank=rank,
            item=shown(shelf.items, code),
            score=float(rated[code]),
            relative=float(rated[code]) / best if best > 0 and is_known[code] else 0.0,
            reason=reason_for(
                code,
                method.name,
                visit.visitor,
                shelf.items,
                None if evidence is None else evidence[rank - 1],
                of_all=of_all[rank - 1] if is_known[code] else fallback.name,
                is_told=bool(is_known[code] or is_taken[code]),
            ),
        )
        for rank, code in enumerate(codes, start=1)
    )
    return Made(
        items=items,
        n_candidates=int(np.isfinite(rated).sum()),
        n_filled=sum(not is_known[code] for code in codes),
        n_untaken=sum(not (is_known[code] or is_taken[code]) for code in codes),
    )


def shown(items: Items, code: int) -> ShownItem:
    """An item as it is shown."""
    price, stock = float(items.prices[code]), float(items.stock[code])
    return ShownItem(
        item_id=items.ids[code],
        title=items.titles[code],
        text=items.texts[code],
        attributes=tuple(
            (column, cells[code]) for column, cells in items.attributes.items() if cells[code]
        ),
        image=items.images[code],
        link=items.links[code],
        price=None if np.isnan(price) else price,
        currency=items.currency,
        stock=None if np.isnan(stock) else stock,
    )
