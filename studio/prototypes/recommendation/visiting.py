"""Who is recommended to: a user of the data, somebody new with a few likes, or both.

Turns ids into a visitor in the codes of the training, and says which ids nobody knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studio.prototypes.recommendation.audience import Audience, Taken
from studio.prototypes.recommendation.goals import Goal
from studio.prototypes.recommendation.methods.contract import Visitor
from studio.prototypes.recommendation.results import RecommendationRequest
from studio.prototypes.recommendation.trained import Trained
from studio.records import Notice
from studio.workspace.records import NewEventRecord

LATEST_FOR_GOAL: dict[Goal, int] = {"liked": 1, "basket": 3}
"""Latest items of the history that count for a goal about an item or a basket; all for the others."""
LIKE = "like"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visitor with what belongs to the list: the history by id, the codes seen, what to tell."""

    visitor: Visitor
    history: tuple[Taken, ...]
    seen: frozenset[int]
    notices: tuple[Notice, ...]


def visit_of(
    request: RecommendationRequest,
    goal: Goal,
    audience: Audience,
    trained: Trained,
    new: Sequence[NewEventRecord],
) -> Visit:
    """The visitor of a request.

    Args:
        request: whom it names.
        goal: what the list is for: for an item or a basket only the likes given count, or else the
            latest items of the user.
        audience: the users of the data.
        trained: whose codes to use.
        new: what the user did since the data was read, in order.
    """
    notices = []
    taken = audience.taken(request.user_id, new) if request.user_id else ()
    if request.user_id and not taken and not audience.is_known(request.user_id):
        notices.append(
            Notice("Nobody is known as {user}; the list is for somebody new.", user=request.user_id)
        )
    left_out = frozenset(request.leave_out)
    history = [one for one in taken if one.item_id not in left_out]
    likes = [like for like in request.likes if trained.item(like.item_id) is not None]
    unknown = [like.item_id for like in request.likes if trained.item(like.item_id) is None]
    if unknown:
        notices.append(
            Notice("Items that are not known were left out: {items}.", items=", ".join(unknown[:5]))
        )
    liked = {like.item_id for like in likes}
    history = [one for one in history if one.item_id not in liked] + [
        Taken(item_id=x.item_id, kind=LIKE, weight=x.weight, rating=None, at_s=float("nan"))
        for x in likes
    ]
    counted = [one for one in history if one.weight > 0 and trained.item(one.item_id) is not None]
    if goal in LATEST_FOR_GOAL:
        counted = counted[-(len(likes) or LATEST_FOR_GOAL[goal]) :]
    codes = [trained.item(one.item_id) for one in counted]
    is_changed = bool(likes or left_out or goal in LATEST_FOR_GOAL)
    visitor = Visitor(
        items=np.asarray(codes, dtype=np.int64),
        weights=np.asarray([one.weight for one in counted], dtype=np.float32),
        user=-1 if is_changed else trained.user(request.user_id),
        segment=request.segment or audience.segment(request.user_id),
    )
    seen = {trained.item(one.item_id) for one in (*taken, *history)}
    return Visit(
        visitor=visitor,
        history=tuple(history),
        seen=frozenset(code for code in seen if code is not None),
        notices=tuple(notices),
    )
