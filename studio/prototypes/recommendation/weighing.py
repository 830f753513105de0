"""What events say about liking: kinds of events and ratings become one weight per user and item."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.recommendation.interactions import Floats, Interactions
from studio.prototypes.recommendation.methods.contract import TrainingData

KIND_WEIGHTS: Mapping[str, float] = {
    **dict.fromkeys(("view", "click", "visit", "impression", "play", "浏览", "查看", "点击"), 1.0),
    **dict.fromkeys(("cart", "add_to_cart", "add", "favourite", "favorite"), 2.0),
    **dict.fromkeys(("like", "wishlist", "save", "share", "加购", "收藏", "喜欢", "点赞"), 2.0),
    **dict.fromkeys(("buy", "purchase", "order", "subscribe", "购买", "下单", "付款"), 3.0),
    **dict.fromkeys(("rating", "rate", "review", "评分", "评价", "评论"), 3.0),
}
"""What an event counts by the name of its kind, in lower case; others count `OTHER_KIND`.

A purchase says more than a look: 1, 2 and 3 as in the sample data's own baseline. Owners change them
per prototype.
"""
OTHER_KIND = 1.0


def kind_weights(kinds: tuple[str, ...], chosen: Mapping[str, float]) -> Floats:
    """What each kind counts, `(n_kinds,)`: as chosen by the owner, else by its name."""
    usual = (KIND_WEIGHTS.get(kind.strip().casefold(), OTHER_KIND) for kind in kinds)
    return np.asarray(
        [chosen.get(kind, weight) for kind, weight in zip(kinds, usual, strict=True)],
        dtype=np.float64,
    )


def rating_shares(ratings: Floats) -> Floats:
    """How much of the liking a rating leaves, `(n,)`: its share of the highest, 0 for a negative one.

    1 where there is no rating. Five stars of five leave all, one a fifth; -1 of a thumb nothing.
    """
    known = np.isfinite(ratings)
    highest = float(ratings[known].max()) if known.any() else 0.0
    if highest <= 0:
        return np.where(known, 0.0, 1.0) if (ratings[known] < 0).any() else np.ones(len(ratings))
    return np.where(known, np.clip(ratings / highest, 0.0, 1.0), 1.0)


def training_data(
    events: Interactions,
    n_items: int,
    *,
    event_weights: Mapping[str, float] | None = None,
    vectors: NDArray[np.float32] | None = None,
) -> TrainingData:
    """One row per user and item that was liked, at the time of the last event.

    The weight is the sum over the pair's events of what their kinds count, times the share that its
    last rating leaves. A pair whose weight is 0 (a negative rating) is no liking and left out.

    Args:
        events: in order of time.
        n_items: of the catalogue.
        event_weights: kind -> what it counts, where it differs from `KIND_WEIGHTS`.
        vectors: of the items, see `TrainingData`.
    """
    counts = kind_weights(events.kinds, event_weights or {})[events.kind_codes]
    pairs = events.user_codes * n_items + events.item_codes
    keys, inverse = np.unique(pairs, return_inverse=True)
    last = np.zeros(len(keys), dtype=np.int64)
    np.maximum.at(last, inverse, np.arange(len(pairs)))
    sums = np.bincount(inverse, weights=counts, minlength=len(keys))
    shares = np.ones(len(keys))
    is_rated = np.isfinite(events.ratings)
    shares[inverse[is_rated]] = rating_shares(events.ratings)[is_rated]  # the last one stays
    weights = sums * shares
    order = np.argsort(last, kind="stable")
    order = order[weights[order] > 0]
    return TrainingData(
        n_users=len(events.users),
        n_items=n_items,
        users=keys[order] // n_items,
        items=keys[order] % n_items,
        weights=weights[order].astype(np.float32),
        times_s=events.times_s[last[order]],
        segments=events.segments,
        vectors=vectors,
    )
