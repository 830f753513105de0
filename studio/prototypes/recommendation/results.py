"""What is asked of a recommender and what it gives: items with scores, each with its reason.

Values only; how they come about stands in `recommendation` and in `methods`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from studio.prototypes.recommendation.goals import Goal, MethodName
from studio.prototypes.recommendation.rules import Rules
from studio.records import Notice

ReasonKind = Literal[
    "liked", "attributes", "people", "next", "segment", "recent", "popular", "untaken"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """An item that a visitor says to like, with how much (1 is usual)."""

    item_id: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationRequest:
    """Whom to recommend to, and how. What is None or empty is as the prototype's settings say.

    Attributes:
        user_id: a user of the data; empty or unknown for somebody new.
        likes: the history of somebody new, oldest first; with a `user_id`, added to the user's own.
        leave_out: item ids of the user's own history that are not to count (a like taken back).
        segment: of somebody new, for what is popular in it.
        goal: what the list is for.
        method: a way of recommending by name, instead of the one that the goal takes.
        rules: business rules.
        n_items: how many.
    """

    user_id: str = ""
    likes: tuple[Like, ...] = ()
    leave_out: tuple[str, ...] = ()
    segment: str = ""
    goal: Goal | None = None
    method: MethodName | None = None
    rules: Rules | None = None
    n_items: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an item is recommended.

    `kind` is "liked" (the items of the history named in `item_ids` lead to it), "attributes" (it
    shares the values in `values` with what was liked), "people" (people with a like history have it),
    "next" (it often follows the item in `item_ids`), "segment", "recent", "popular" or "untaken" (nobody
    took it yet). `share` is how much of the score the named items make up, None where that cannot be
    said.
    """

    kind: ReasonKind
    notice: Notice
    item_ids: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownItem:
    """An item as it is shown; `price` and `stock` are None where unknown, addresses "" for none.

    `attributes` are (column, values), without those that are empty.
    """

    item_id: str
    title: str
    text: str
    attributes: tuple[tuple[str, tuple[str, ...]], ...]
    image: str
    link: str
    price: float | None
    currency: str
    stock: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendedItem:
    """One place of a list.

    `score` is what the method and the rules gave (descending; ties by the order of the items); it
    compares items of one list only. `relative` is the score in [0, 1]: 1 for the best of the list, 0
    for an item that the method knows nothing for.
    """

    rank: int
    item: ShownItem
    score: float
    relative: float
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryItem:
    """Something a user did; `at` is aware UTC, None where unknown. `weight` 0 is no liking."""

    item: ShownItem
    kind: str
    weight: float
    rating: float | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFigures:
    """What a request took. `cost` is None where the price of the machine is unknown."""

    total_ms: float
    cost: Decimal | None
    currency: str
    cost_source: Notice
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendations:
    """A list for somebody.

    `method` is the one that made it, `goal` what it was chosen for. `is_cold` says that nothing was
    known of the user. `n_candidates` items passed the rules. `notices` say what was done otherwise
    than asked: unknown ids, a method that cannot help somebody new.
    """

    user_id: str
    goal: Goal
    method: MethodName
    items: tuple[RecommendedItem, ...]
    history: tuple[HistoryItem, ...]
    is_cold: bool
    n_candidates: int
    notices: tuple[Notice, ...]
    figures: RequestFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSummary:
    """A user to pick: how much is known of whom. `last_at` is aware UTC, None where unknown."""

    user_id: str
    segment: str
    n_events: int
    n_items: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """Something that happened since the data was read, at an aware time."""

    user_id: str
    item_id: str
    kind: str = "view"
    rating: float | None = None
    at: datetime | None = None


TrainingStatus = Literal["empty", "untrained", "training", "stale", "failed", "ready"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingState:
    """How the trained methods stand to the data.

    `notice` says it in a sentence. `is_usable` says that recommendations can be asked for now: while
    new methods are trained the old ones answer. `n_new_events` came since the training.
    """

    state: TrainingStatus
    notice: Notice
    is_usable: bool
    trained_at: datetime | None = None
    n_users: int = 0
    n_items: int = 0
    n_events: int = 0
    n_new_events: int = 0
    methods: tuple[MethodName, ...] = ()
    job_id: str = ""
