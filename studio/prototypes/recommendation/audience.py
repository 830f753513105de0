"""The users of a recommender with what they did, by id: for histories, visitors and a list to pick from.

Made once per state of the data and cheap to ask. Knows no method.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from studio.prototypes.recommendation.interactions import Codes, Interactions, Items
from studio.prototypes.recommendation.results import UserSummary
from studio.prototypes.recommendation.weighing import (
    kind_weight,
    kind_weights,
    rating_scale,
    takes_back,
)
from studio.workspace.records import NewEventRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a user did with one item: the last kind and rating, the weight of all, the last time.

    `weight` 0 is no liking; `rating` is None for none, `at_s` NaN where unknown.
    """

    item_id: str
    kind: str
    weight: float
    rating: float | None
    at_s: float


class Audience:
    """Histories by user id.

    Args:
        items: by code.
        events: in order of time.
        event_weights: kind -> what it counts, where it is not as usual.
    """

    def __init__(
        self, items: Items, events: Interactions, event_weights: Mapping[str, float]
    ) -> None:
        self._items = items
        self._events = events
        self._own = event_weights
        self._weights = kind_weights(events.kinds, event_weights)
        self._scale = rating_scale(events.ratings)
        self._shares = self._scale.shares(events.ratings)
        self._order = np.argsort(events.user_codes, kind="stable")
        counts = np.bincount(events.user_codes, minlength=len(events.users))
        self._starts = np.concatenate([[0], np.cumsum(counts)])
        self._counts = counts
        self.item_counts = np.bincount(events.item_codes, minlength=len(items))

    def is_known(self, user_id: str) -> bool:
        """Whether the data has the user."""
        return user_id in self._events.codes

    def segment(self, user_id: str) -> str:
        """The user's segment; "" where unknown."""
        code = self._events.codes.get(user_id)
        return "" if code is None else self._events.segments[code]

    def segments(self) -> tuple[str, ...]:
        """The names of all segments, in order; () where nobody has one."""
        return tuple(sorted({segment for segment in self._events.segments if segment}))

    def taken(self, user_id: str, new: Sequence[NewEventRecord] = ()) -> tuple[Taken, ...]:
        """What a user did, one entry per item, the one touched last at the end.

        Args:
            user_id: whose.
            new: what the user did since, in order; items that are gone are left out.
        """
        found: dict[str, Taken] = {}
        shares: dict[str, float] = {}
        sums: dict[str, float] = {}

        def add(item: str, kind: str, weight: float, rating: float | None, at_s: float) -> None:
            is_end = takes_back(kind, self._own)
            sums[item] = 0.0 if is_end else sums.get(item, 0.0) + weight
            before = found.pop(item, None)
            kept = rating if rating is not None or before is None else before.rating
            found[item] = Taken(item_id=item, kind=kind, weight=0.0, rating=kept, at_s=at_s)

        events = self._events
        for row in self._rows(user_id).tolist():
            item = self._items.ids[int(events.item_codes[row])]
            kind, rating = int(events.kind_codes[row]), float(events.ratings[row])
            is_rated = math.isfinite(rating)
            if is_rated:
                shares[item] = float(self._shares[row])
            at_s = float(events.times_s[row])
            add(
                item,
                events.kinds[kind],
                float(self._weights[kind]),
                rating if is_rated else None,
                at_s,
            )
        for event in new:
            if event.item_id in self._items.codes:
                if event.rating is not None:
                    shares[event.item_id] = self._share(event.rating)
                add(
                    event.item_id,
                    event.kind,
                    kind_weight(event.kind, self._own),
                    event.rating,
                    event.at.timestamp(),
                )
        return tuple(
            Taken(
                item_id=one.item_id,
                kind=one.kind,
                weight=sums[item] * shares.get(item, 1.0),
                rating=one.rating,
                at_s=one.at_s,
            )
            for item, one in found.items()
        )

    def find(self, words: str, n_users: int) -> tuple[UserSummary, ...]:
        """Users whose id or segment begins with the words; without words some of every activity."""
        events = self._events
        if words.strip():
            wanted = words.strip().casefold()
            codes = [
                code
                for code, (user, segment) in enumerate(
                    zip(events.users, events.segments, strict=True)
                )
                if user.casefold().startswith(wanted) or segment.casefold().startswith(wanted)
            ][:n_users]
        else:
            codes = self._of_every_activity(n_users)
        return tuple(self._summary(code) for code in codes)

    def _of_every_activity(self, n_users: int) -> list[int]:
        """Evenly from the most to the least active, so that each kind of user can be tried."""
        order = np.argsort(-self._counts, kind="stable")
        if len(order) <= n_users:
            return [int(code) for code in order]
        at = np.linspace(0, len(order) - 1, n_users).round().astype(np.int64)
        return [int(code) for code in order[at]]

    def _summary(self, code: int) -> UserSummary:
        events = self._events
        rows = self._order[self._starts[code] : self._starts[code + 1]]
        last_s = float(events.times_s[rows[-1]]) if len(rows) else math.nan
        return UserSummary(
            user_id=events.users[code],
            segment=events.segments[code],
            n_events=len(rows),
            n_items=len(np.unique(events.item_codes[rows])),
            last_at=moment(last_s),
        )

    def _rows(self, user_id: str) -> Codes:
        code = self._events.codes.get(user_id)
        if code is None:
            return np.zeros(0, np.int64)
        return self._order[self._starts[code] : self._starts[code + 1]]

    def _share(self, rating: float) -> float:
        """Of a rating that came since: on the data's scale, which it may widen."""
        widened = rating_scale(np.asarray([self._scale.low, self._scale.high, rating]))
        return float(widened.shares(np.asarray([rating]))[0])


def moment(seconds: float) -> datetime | None:
    """Aware UTC; None for NaN."""
    return datetime.fromtimestamp(seconds, UTC) if math.isfinite(seconds) else None
