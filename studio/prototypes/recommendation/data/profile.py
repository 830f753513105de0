"""How the data of a recommender looks: who did how much with what, how long, how unevenly.

Values and the counting of them; what follows from them, `verdict` says. Knows no file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.recommendation.interactions import Interactions, Items
from studio.prototypes.recommendation.weighing import training_data

HEAD_SHARE = 0.2
"""The most frequent fifth of the items, as in the rule of 80 to 20."""
BANDS: tuple[tuple[int, int | None], ...] = (
    (0, 0), (1, 1), (2, 4), (5, 9), (10, 19), (20, 49), (50, None),
)  # fmt: skip
"""Items of a user, from and to; None for no end."""
N_CURVE = 200
HEAVY_TIMES = 20
"""So many times the events of the user in the middle: hardly anybody is that eager."""
HEAVY_SHARE = 0.01
"""Of all events; who has less of them changes nothing."""
HEAVY_LEAST = 100
_N_HEAVY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Events in a calendar month (UTC); `starts` is its first day, aware."""

    starts: datetime
    n_events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is in the data after cleaning.

    Attributes:
        n_items: items that can be recommended.
        n_cold_items: of these, without any event.
        n_described_items: of these, with more text than the id.
        n_users: users with an event.
        n_listed_users: users that are only listed, without an event.
        n_one_item_users: users of a single item.
        n_linking_users: users who liked two items or more, from whom alone one learns what goes
            together; who only took one back or rated it low did not like it.
        n_events: events.
        n_pairs: different pairs of a user and an item.
        density: pairs by all possible ones, 0 to 1.
        median_items: items of the median user, 0 without users.
        n_shared_items: items that five users or more liked.
        n_disliking_users: users of two items or more who liked at most one of them.
        head_share: share of the events that fall on the most frequent fifth of all items.
        curve: (share of items, share of events), both from 0 to 1, the most frequent items first.
        bands: users by the number of their items, as in `BANDS`; listed ones first.
        kinds: kinds of events with their number, the most frequent first.
        rating_range: least and greatest rating; None without ratings.
        first_at: of the first event with a time, aware UTC; None without times.
        last_at: of the last one.
        months: from the first to the last, without gaps; () without times.
        heavy_users: (id, events) of those who did far more than others, the most first; at most five.
    """

    n_items: int
    n_cold_items: int
    n_described_items: int
    n_users: int
    n_listed_users: int
    n_one_item_users: int
    n_linking_users: int
    n_events: int
    n_pairs: int
    density: float
    median_items: float
    n_shared_items: int
    head_share: float
    curve: tuple[tuple[float, float], ...]
    bands: tuple[int, ...]
    kinds: tuple[tuple[str, int], ...]
    rating_range: tuple[float, float] | None
    first_at: datetime | None
    last_at: datetime | None
    months: tuple[Month, ...]
    n_disliking_users: int = 0
    heavy_users: tuple[tuple[str, int], ...] = ()


def profile_of(items: Items, events: Interactions) -> Profile:
    """The profile of this data."""
    n_items, n_all_users = len(items), len(events.users)
    pairs = np.unique(events.user_codes * max(1, n_items) + events.item_codes)
    of_user = np.bincount(pairs // max(1, n_items), minlength=n_all_users)
    liked = training_data(events, n_items)
    likes_of = np.bincount(liked.users, minlength=n_all_users)
    likers_of = np.bincount(liked.items, minlength=n_items)
    events_of = np.bincount(events.item_codes, minlength=n_items)
    with_events = of_user[of_user > 0]
    finite = events.times_s[np.isfinite(events.times_s)]
    ratings = events.ratings[np.isfinite(events.ratings)]
    n_users = len(with_events)
    return Profile(
        n_items=n_items,
        n_cold_items=int((events_of == 0).sum()),
        n_described_items=_n_described(items),
        n_users=n_users,
        n_listed_users=n_all_users - n_users,
        n_one_item_users=int((with_events == 1).sum()),
        n_linking_users=int((likes_of >= 2).sum()),
        n_disliking_users=int(((of_user >= 2) & (likes_of < 2)).sum()),
        n_events=len(events),
        n_pairs=len(pairs),
        density=len(pairs) / (n_users * n_items) if n_users and n_items else 0.0,
        median_items=float(np.median(with_events)) if n_users else 0.0,
        n_shared_items=int((likers_of >= 5).sum()),
        head_share=_head_share(events_of),
        curve=_curve(events_of),
        bands=_bands(of_user),
        kinds=_kinds(events),
        rating_range=(float(ratings.min()), float(ratings.max())) if len(ratings) else None,
        first_at=_moment(finite.min()) if len(finite) else None,
        last_at=_moment(finite.max()) if len(finite) else None,
        months=_months(finite),
        heavy_users=_heavy(events),
    )


def _heavy(events: Interactions) -> tuple[tuple[str, int], ...]:
    counts = np.bincount(events.user_codes, minlength=len(events.users))
    if not counts.any():
        return ()
    usual = float(np.median(counts[counts > 0]))
    least = max(HEAVY_LEAST, HEAVY_TIMES * usual, HEAVY_SHARE * len(events))
    first = np.argsort(-counts, kind="stable")[:_N_HEAVY]
    return tuple((events.users[at], int(counts[at])) for at in first if counts[at] >= least)


def _n_described(items: Items) -> int:
    return sum(text != item for text, item in zip(items.texts, items.ids, strict=True))


def _head_share(events_of: NDArray[np.int64]) -> float:
    total = int(events_of.sum())
    if not total:
        return 0.0
    n_head = max(1, round(HEAD_SHARE * len(events_of)))
    return float(np.sort(events_of)[::-1][:n_head].sum() / total)


def _curve(events_of: NDArray[np.int64]) -> tuple[tuple[float, float], ...]:
    """Points of the long tail, at most `N_CURVE` and the origin; () without events."""
    total = int(events_of.sum())
    if not total:
        return ()
    shares = np.cumsum(np.sort(events_of)[::-1]) / total
    places = np.unique(np.linspace(0, len(shares) - 1, N_CURVE).astype(int))
    points = (((int(at) + 1) / len(shares), float(shares[at])) for at in places)
    return ((0.0, 0.0), *points)


def _bands(of_user: NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(
        int(((of_user >= low) & (of_user <= (np.inf if high is None else high))).sum())
        for low, high in BANDS
    )


def _kinds(events: Interactions) -> tuple[tuple[str, int], ...]:
    counts = np.bincount(events.kind_codes, minlength=len(events.kinds))
    named = zip(events.kinds, map(int, counts), strict=True)
    return tuple(sorted(named, key=lambda kind: (-kind[1], kind[0])))


def _moment(seconds: Any) -> datetime:  # Any: numpy's own number
    return datetime.fromtimestamp(float(seconds), UTC)


def _months(seconds: NDArray[np.float64]) -> tuple[Month, ...]:
    if not len(seconds):
        return ()
    months = seconds.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    counts = np.bincount(months - months.min())
    first = int(months.min())  # months since January 1970
    return tuple(
        Month(
            starts=datetime(1970 + (first + at) // 12, (first + at) % 12 + 1, 1, tzinfo=UTC),
            n_events=int(n),
        )
        for at, n in enumerate(counts)
    )
