"""Business rules applied to a method's scores: what may be shown, what counts more, how varied.

One stage after every method. Knows items and scores, no method and no user but what was seen.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput
from studio.prototypes.recommendation.interactions import Codes, Items
from studio.prototypes.recommendation.methods.contract import CANNOT_SAY, Scores
from studio.prototypes.recommendation.methods.popularity import DAY_S
from studio.prototypes.recommendation.methods.ranking import top_items
from studio.prototypes.recommendation.rules import Rules
from studio.records import Notice

N_DIVERSIFIED = 200
"""Best items that a varied list is chosen from."""

Mask = NDArray[np.bool_]


def still_usable(rules: Rules, items: Items) -> tuple[Rules, tuple[Notice, ...]]:
    """Rules that were set once, without those on what the items do not have any more; and these said.

    A table without the column may come in long after a rule was set: the list goes on without it.
    """
    notices = []
    asked = [*(one.column for one in rules.conditions), *(one.column for one in rules.boosts)]
    for column in dict.fromkeys(asked):
        if column not in items.attributes:
            notices.append(
                Notice(
                    "A rule on {column} was left out: the items do not have this property any more.",
                    column=column,
                )
            )
    low, high = rules.price_min, rules.price_max
    if (low is not None or high is not None) and np.isnan(items.prices).all():
        notices.append(Notice("The price range was left out: no item has a price any more."))
        low = high = None
    kept = replace(
        rules,
        price_min=low,
        price_max=high,
        conditions=tuple(one for one in rules.conditions if one.column in items.attributes),
        boosts=tuple(one for one in rules.boosts if one.column in items.attributes),
    )
    return kept, tuple(notices)


def allowed(items: Items, rules: Rules) -> Mask:
    """Which items the rules let through, `(n,)`, whoever asks.

    Raises:
        InvalidInput: a rule names a column that the items do not have, or a range is empty.
    """
    passes = np.ones(len(items), dtype=np.bool_)
    if rules.in_stock_only:
        passes &= ~(items.stock <= 0)  # unknown stock passes
    low, high = rules.price_min, rules.price_max
    if low is not None and high is not None and low > high:
        raise InvalidInput(
            "No price lies between {low} and {high}: the least price is above the greatest.",
            low=low,
            high=high,
        )
    if low is not None:
        passes &= items.prices >= low
    if high is not None:
        passes &= items.prices <= high
    for condition in rules.conditions:
        passes &= _has(items, condition.column, condition.one_of)
    return passes


def ruled(scores: Scores, items: Items, rules: Rules, now_s: float) -> Scores:
    """Scores in [0, 1] with boosts and freshness; what a method cannot tell stays `CANNOT_SAY`.

    Scores are stretched so that the best known item has 1 and the worst 0 before they are
    multiplied: a boost of a score below 0 would else push it down.

    Raises:
        InvalidInput: a rule names a column that the items do not have, or a factor is below 0.
    """
    stretched = _stretched(scores)
    for boost in rules.boosts:
        if not boost.factor >= 0:
            raise InvalidInput(
                "A boost of {factor} cannot be used; it must be 0 or more.", factor=boost.factor
            )
        has = _has(items, boost.column, (boost.value,))
        stretched = np.where(has, stretched * np.float32(boost.factor), stretched)
    if rules.freshness > 0:
        known = np.isfinite(items.added_at_s)
        ages_days = np.maximum(0.0, (now_s - np.where(known, items.added_at_s, now_s)) / DAY_S)
        half = np.exp2(-ages_days / rules.half_life_days)
        # Of unknown age: as old as the median, so that it gains and loses nothing by it.
        usual = float(np.median(half[known])) if known.any() else 1.0
        factor = np.where(known, half, usual) ** rules.freshness
        stretched = stretched * factor.astype(np.float32)
    return np.where(np.isfinite(scores), stretched, CANNOT_SAY).astype(np.float32)


def chosen(
    scores: Scores,
    n_items: int,
    diversity: float,
    vectors: NDArray[np.float32] | None,
) -> Codes:
    """The items of a list, best first: by score, or varied (maximal marginal relevance).

    Carbonell and Goldstein, 1998: each place goes to the item with the highest
    (1 - diversity) score - diversity (its greatest cosine with the list so far). Without vectors the
    best scores are taken.

    Args:
        scores: in [0, 1], `CANNOT_SAY` for what may not be shown.
        n_items: at most.
        diversity: 0 to 1.
        vectors: `(n, dim)` of unit length or zero.
    """
    if diversity <= 0 or vectors is None:
        return top_items(scores, n_items)
    pool = top_items(scores, max(n_items, N_DIVERSIFIED))
    gains = (1 - diversity) * scores[pool]
    nearest = np.zeros(len(pool), dtype=np.float32)  # cosine with the nearest item of the list
    is_left = np.ones(len(pool), dtype=np.bool_)
    picked: list[int] = []
    for _ in range(min(n_items, len(pool))):
        worth = np.where(is_left, gains - diversity * nearest, -np.inf)
        best = int(np.argmax(worth))
        picked.append(best)
        is_left[best] = False
        nearest = np.maximum(nearest, vectors[pool] @ vectors[pool[best]])
    return pool[picked]


def _stretched(scores: Scores) -> Scores:
    known = np.isfinite(scores)
    if not known.any():
        return np.zeros_like(scores)
    low, high = float(scores[known].min()), float(scores[known].max())
    low = min(low, 0.0)  # of scores above 0 the distance from 0 means something
    span = high - low
    values = np.where(known, scores, low) - low
    return (values / span if span > 0 else np.ones_like(values)).astype(np.float32)


def _has(items: Items, column: str, values: tuple[str, ...]) -> Mask:
    if column not in items.attributes:
        raise InvalidInput(
            "The items have no column {column}. They have: {known}.",
            column=column,
            known=", ".join(items.attributes) or "-",
        )
    wanted = {value.strip().casefold() for value in values}
    cells = items.attributes[column]
    return np.fromiter(
        (any(value.strip().casefold() in wanted for value in cell) for cell in cells),
        np.bool_,
        count=len(cells),
    )
