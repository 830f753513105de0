"""The task of an honest test: from the past of users, foretell what they took next.

Cuts the data by one moment for all, or takes each user's last item away; knows no method.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput
from studio.evaluation.splits import is_last_of_user, is_past, moment_of_share
from studio.prototypes.recommendation.evaluation import SplitName
from studio.prototypes.recommendation.interactions import Codes, Interactions
from studio.prototypes.recommendation.methods.contract import TrainingData
from studio.prototypes.recommendation.weighing import training_data

PAST_SHARE = 0.8
"""Share of the events that is learnt from when the data is cut by time."""
MIN_USERS = 100
"""Users with a past and a future that a cut by time must leave; else each user's last item is taken.

The interval of a share is then about 0.2 wide at most (normal approximation, 95 %)."""
MAX_USERS = 2000
"""Of more, so many are drawn: the interval is then narrow enough, and measuring takes seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretelling:
    """What is known and what is to be foretold.

    Attributes:
        split: how the data was cut.
        moment_s: the moment of a cut by time, seconds since 1970; None for "last".
        past: what may be learnt from.
        users: `(n,)` codes of the users who are measured, ascending; all have a past.
        wanted: of each, the items taken afterwards that are new to the user.
        cold_users: users without a past, measured apart; none for "last".
        cold_wanted: of each of these, the items taken.
    """

    split: SplitName
    moment_s: float | None
    past: TrainingData
    users: Codes
    wanted: tuple[Codes, ...]
    cold_users: Codes
    cold_wanted: tuple[Codes, ...]


def foretelling(
    events: Interactions,
    n_items: int,
    *,
    split: SplitName | None = None,
    event_weights: Mapping[str, float] | None = None,
    vectors: NDArray[np.float32] | None = None,
    max_users: int = MAX_USERS,
    seed: int = 0,
) -> Foretelling:
    """The task on these events.

    Args:
        events: in order of time.
        n_items: of the catalogue.
        split: how to cut; by time where that leaves `MIN_USERS`, else "last".
        event_weights: see `training_data`.
        vectors: of the items.
        max_users: of more, so many are drawn.
        seed: decides the draw.

    Raises:
        InvalidInput: nobody has a past and a future: there is nothing to measure by.
    """
    weights = event_weights or {}
    if split != "last":
        by_time = _by_time(events, n_items, weights, vectors)
        if by_time is not None and (split == "time" or len(by_time.users) >= MIN_USERS):
            return _drawn(by_time, max_users, seed)
    whole = training_data(events, n_items, event_weights=weights, vectors=vectors)
    task = last_out(whole)
    if not len(task.users):
        raise InvalidInput(
            "There is nothing to measure by: no user took two different items. Collect more events."
        )
    return _drawn(task, max_users, seed)


def last_out(data: TrainingData) -> Foretelling:
    """Each user's last item is to be foretold, of those who took two or more (leave-last-out)."""
    last = is_last_of_user(data.users)
    order = np.argsort(data.users[last], kind="stable")
    return Foretelling(
        split="last",
        moment_s=None,
        past=data.chosen(~last),
        users=data.users[last][order],
        wanted=tuple(np.asarray([item]) for item in data.items[last][order]),
        cold_users=np.zeros(0, np.int64),
        cold_wanted=(),
    )


def _by_time(
    events: Interactions,
    n_items: int,
    weights: Mapping[str, float],
    vectors: NDArray[np.float32] | None,
) -> Foretelling | None:
    moment_s = moment_of_share(events.times_s, PAST_SHARE)
    if moment_s is None:
        return None
    before = is_past(events.times_s, moment_s)
    past = training_data(events.chosen(before), n_items, event_weights=weights, vectors=vectors)
    future = training_data(events.chosen(~before), n_items, event_weights=weights)
    seen = events.chosen(before)  # also what was disliked is not new
    known = np.unique(seen.user_codes * n_items + seen.item_codes)
    pairs = np.sort(future.users * n_items + future.items)
    pairs = pairs[~np.isin(pairs, known)]
    users, starts = np.unique(pairs // n_items, return_index=True)
    wanted = np.split(pairs % n_items, starts[1:]) if len(users) else []
    has_past = np.bincount(past.users, minlength=past.n_users)[users] > 0
    return Foretelling(
        split="time",
        moment_s=moment_s,
        past=past,
        users=users[has_past],
        wanted=tuple(w for w, is_warm in zip(wanted, has_past, strict=True) if is_warm),
        cold_users=users[~has_past],
        cold_wanted=tuple(w for w, is_warm in zip(wanted, has_past, strict=True) if not is_warm),
    )


def _drawn(task: Foretelling, max_users: int, seed: int) -> Foretelling:
    """The same with at most so many users, drawn once for all methods."""
    rng = np.random.default_rng(seed)

    def drawn(n: int) -> Codes:
        return np.arange(n) if n <= max_users else np.sort(rng.choice(n, max_users, replace=False))

    warm, cold = drawn(len(task.users)), drawn(len(task.cold_users))
    return Foretelling(
        split=task.split,
        moment_s=task.moment_s,
        past=task.past,
        users=task.users[warm],
        wanted=tuple(task.wanted[at] for at in warm),
        cold_users=task.cold_users[cold],
        cold_wanted=tuple(task.cold_wanted[at] for at in cold),
    )
