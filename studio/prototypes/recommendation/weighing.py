"""What events say about liking: kinds of events and ratings become one weight per user and item."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.recommendation.interactions import Floats, Interactions
from studio.prototypes.recommendation.methods.contract import TrainingData

_LOOKS = (
    "event", "view", "pageview", "pv", "viewitem", "itemview", "productview", "detailview", "click",
    "visit", "impression", "play", "watch", "listen", "read", "open", "search", "浏览", "查看", "点击",
    "访问", "曝光", "播放", "观看", "阅读",
)  # fmt: skip
_WISHES = (
    "cart", "addtocart", "addcart", "addedtocart", "addtobasket", "basket", "add", "favourite",
    "favorite", "fav", "collect", "bookmark", "like", "thumbsup", "wishlist", "addtowishlist", "save",
    "share", "follow", "加购", "加购物车", "加入购物车", "添加购物车", "收藏",
    "喜欢", "点赞", "分享", "关注",
)  # fmt: skip
_PURCHASES = (
    "buy", "bought", "purchase", "purchased", "order", "ordered", "checkout", "transaction", "sale",
    "pay", "paid", "payment", "subscribe", "download", "install", "rent", "购买", "下单", "付款", "支付",
    "成交", "交易", "已购买", "订阅", "下载",
)  # fmt: skip
_RATINGS = ("rating", "rate", "review", "评分", "打分", "评价", "评论")
_TAKEN_BACK = (
    "dislike", "thumbsdown", "downvote", "unlike", "unfavorite", "unfavourite", "unsave", "unfollow",
    "unsubscribe", "hide", "block", "removefromcart", "removecart", "removedfromcart",
    "removefrombasket", "deletefromcart", "removefromwishlist", "return", "returned", "refund",
    "refunded", "cancel", "cancelled", "canceled", "uninstall", "不喜欢", "踩", "点踩", "差评",
    "取消收藏", "取消点赞", "取消喜欢", "取消关注", "取消订阅", "取消订单", "取消",
    "移出购物车", "删除购物车", "屏蔽", "退货", "退款",
)  # fmt: skip
_USUAL: Mapping[str, float] = {
    **dict.fromkeys(_LOOKS, 1.0),
    **dict.fromkeys(_WISHES, 2.0),
    **dict.fromkeys((*_PURCHASES, *_RATINGS), 3.0),
    **dict.fromkeys(_TAKEN_BACK, 0.0),
}
"""What an event counts by the plain name of its kind (`plain_kind`); others count `OTHER_KIND`.

A purchase says more than a look: 1, 2 and 3 as in the sample data's own baseline. Owners change them
per prototype.
"""
OTHER_KIND = 1.0
MAX_SCALE = 100.0
"""Greatest number of a scale of ratings; above, they count something, and have no middle."""


def plain_kind(kind: str) -> str:
    """A kind's name without case and signs between its words: "Add_to-Cart" is "addtocart"."""
    return re.sub(r"[\s_\-]+", "", kind).casefold()


def is_known_kind(kind: str) -> bool:
    """Whether anything is known of a kind of event by its name."""
    return plain_kind(kind) in _USUAL


def is_rating_kind(kind: str) -> bool:
    """Whether a kind of event is a rating by its name."""
    return plain_kind(kind) in _RATINGS


def kind_weight(kind: str, chosen: Mapping[str, float]) -> float:
    """What a kind counts: as chosen by the owner, else by its name."""
    return chosen.get(kind, _USUAL.get(plain_kind(kind), OTHER_KIND))


def kind_weights(kinds: tuple[str, ...], chosen: Mapping[str, float]) -> Floats:
    """What each kind counts, `(n_kinds,)`."""
    return np.asarray([kind_weight(kind, chosen) for kind in kinds], dtype=np.float64)


def takes_back(kind: str, chosen: Mapping[str, float]) -> bool:
    """Whether a kind ends what was before it (a dislike, a return), which the owner did not change."""
    return plain_kind(kind) in _TAKEN_BACK and kind_weight(kind, chosen) == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingScale:
    """From the least to the greatest rating that can be given; NaN where there are no ratings."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """Below it, a rating is no liking; minus infinity where the numbers are no scale."""
        return (self.low + self.high) / 2 if 0 < self.high <= MAX_SCALE else -np.inf

    def shares(self, ratings: Floats) -> Floats:
        """How much of the liking a rating leaves, `(n,)`: its share of the highest.

        0 below the middle of the scale: one star of five says that it was not liked. 1 where there is
        no rating.
        """
        known = np.isfinite(ratings)
        if self.high <= 0:
            return np.where(known, 0.0 if self.low < 0 else 1.0, 1.0)
        shares = np.clip(ratings / self.high, 0.0, 1.0)
        return np.where(known, np.where(ratings < self.middle, 0.0, shares), 1.0)


def rating_scale(ratings: Floats) -> RatingScale:
    """The scale that these ratings seem to be of: from 1, or from 0 where 1 is the best.

    It begins lower where somebody rated lower, and ends at the greatest rating. NaN is no rating.
    """
    known = ratings[np.isfinite(ratings)]
    if not len(known):
        return RatingScale(low=np.nan, high=np.nan)
    high = float(known.max())
    return RatingScale(low=min(float(known.min()), 1.0 if high > 1 else 0.0), high=high)


def training_data(
    events: Interactions,
    n_items: int,
    *,
    event_weights: Mapping[str, float] | None = None,
    vectors: NDArray[np.float32] | None = None,
) -> TrainingData:
    """One row per user and item that was liked, at the time of the last event.

    The weight is the sum over the pair's events of what their kinds count, times the share that its
    last rating leaves. What came before a dislike or a return does not count. A pair whose weight is
    0 (a low rating) is no liking and left out.

    Args:
        events: in order of time.
        n_items: of the catalogue.
        event_weights: kind -> what it counts, where it is not as usual.
        vectors: of the items, see `TrainingData`.
    """
    chosen = event_weights or {}
    counts = kind_weights(events.kinds, chosen)[events.kind_codes]
    pairs = events.user_codes * n_items + events.item_codes
    keys, inverse = np.unique(pairs, return_inverse=True)
    last = np.zeros(len(keys), dtype=np.int64)
    rows = np.arange(len(pairs))
    np.maximum.at(last, inverse, rows)
    ends = np.asarray([takes_back(kind, chosen) for kind in events.kinds], dtype=np.bool_)
    is_end = ends[events.kind_codes]
    ended = np.full(len(keys), -1, dtype=np.int64)
    np.maximum.at(ended, inverse[is_end], rows[is_end])
    counts = np.where(rows > ended[inverse], counts, 0.0)
    sums = np.bincount(inverse, weights=counts, minlength=len(keys))
    shares = np.ones(len(keys))
    is_rated = np.isfinite(events.ratings)
    all_shares = rating_scale(events.ratings).shares(events.ratings)
    shares[inverse[is_rated]] = all_shares[is_rated]  # the last one stays
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
