"""Users of the training data as visitors, and their last items held out."""

from __future__ import annotations

import numpy as np

from studio.prototypes.recommendation.methods.contract import UNKNOWN, TrainingData, Visitor


def visitor_of(data: TrainingData, user: int) -> Visitor:
    """A user with the whole history of the data."""
    starts, order = data.by_user
    rows = order[starts[user] : starts[user + 1]]
    return Visitor(
        items=data.items[rows],
        weights=data.weights[rows],
        user=user if len(rows) else UNKNOWN,
        segment=data.segments[user] if data.segments else "",
    )


def last_items(
    data: TrainingData, max_users: int, seed: int
) -> tuple[TrainingData, tuple[tuple[int, int], ...]]:
    """The data without the last item of users who have two or more, and (user, item) of these.

    Args:
        data: pairs in order of time.
        max_users: of more, so many are drawn.
        seed: decides the draw.
    """
    starts, order = data.by_user
    users = np.flatnonzero(np.diff(starts) >= 2)
    if len(users) > max_users:
        users = np.sort(np.random.default_rng(seed).choice(users, max_users, replace=False))
    last = order[starts[users + 1] - 1]
    kept = np.ones(len(data.users), dtype=np.bool_)
    kept[last] = False
    held = tuple((int(user), int(data.items[row])) for user, row in zip(users, last, strict=True))
    return data.chosen(kept), held
