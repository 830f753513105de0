"""The settings of a recommender: what the list is for, which rules hold, how events are weighed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from studio.prototypes import prototype_settings
from studio.prototypes.prototype_settings import PrototypeSettings, Range
from studio.prototypes.recommendation.goals import GOALS, METHODS, Goal
from studio.prototypes.recommendation.rules import Boost, Condition, Rules
from studio.records import Notice

LABELS: Mapping[str, Notice] = {
    **prototype_settings.LABELS,
    "goal": Notice("What the list is for"),
    "method": Notice("How it is recommended"),
    "n_items": Notice("Items in a list (top k)"),
    "exclude_seen": Notice("Leave out what the user has seen"),
    "in_stock_only": Notice("Only what is in stock"),
    "price_min": Notice("Least price"),
    "price_max": Notice("Greatest price"),
    "conditions": Notice("Only items with"),
    "boosts": Notice("Show more or less of"),
    "diversity": Notice("Variety (diversity)"),
    "freshness": Notice("Newer items first (freshness)"),
    "embedding_model": Notice("Model that reads the items"),
    "event_weights": Notice("What each kind of event counts"),
    "tuned": Notice("Parameters found by tuning"),
    "table_kinds": Notice("What each table holds"),
    "column_roles": Notice("What columns are for"),
    "leave_out_bots": Notice("Leave out automatic visitors"),
    "users_left_out": Notice("Leave out these users"),
}
"""What a person calls each setting: in forms, in messages, in the list of versions."""

RANGES: Mapping[str, Range] = {
    "n_items": (1, 50),
    "price_min": (0, 1e12),
    "price_max": (0, 1e12),
    "diversity": (0, 1),
    "freshness": (0, 1),
}

CHOICES: Mapping[str, tuple[str, ...]] = {
    **prototype_settings.CHOICES,
    "goal": GOALS,
    "method": ("", *METHODS),
}

TRAINED_BY = ("event_weights", "tuned", "embedding_model")
"""The settings that decide what is trained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationSettings(PrototypeSettings):
    """A recommender's behaviour, beside what `PrototypeSettings` says.

    Attributes:
        goal: what the list is for.
        method: the way of recommending; "" for the one that the evaluation found best for the goal.
        n_items: items in a list, 1 to 50.
        exclude_seen: see `Rules`, as the next ones.
        in_stock_only: leave out what is known to be sold out; where no stock is known nothing changes.
        price_min: 0 for any.
        price_max: 0 for any.
        conditions: (column, values allowed).
        boosts: (column, value, factor).
        diversity: 0 to 1.
        freshness: 0 to 1.
        embedding_model: catalogue id of the model that reads the items; "" for the automatic one.
        event_weights: (kind of event, what it counts); kinds that are not named count as usual.
        tuned: (method, parameter, value), from tuning; a method without any takes its defaults.
        table_kinds: (file name, kind of table), where it is not as guessed.
        column_roles: (kind of table, column, role), where it is not as guessed.
        leave_out_bots: events of users who behave like programs are not learnt from.
        users_left_out: ids of users whose events are not learnt from, such as one's own staff.
    """

    labels: ClassVar[Mapping[str, Notice]] = LABELS
    ranges: ClassVar[Mapping[str, Range]] = RANGES
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = CHOICES

    goal: Goal = "for_you"
    method: str = ""
    n_items: int = 10
    exclude_seen: bool = True
    in_stock_only: bool = True
    price_min: float = 0.0
    price_max: float = 0.0
    conditions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    boosts: tuple[tuple[str, str, float], ...] = ()
    diversity: float = 0.0
    freshness: float = 0.0
    embedding_model: str = ""
    event_weights: tuple[tuple[str, float], ...] = ()
    tuned: tuple[tuple[str, str, float], ...] = ()
    table_kinds: tuple[tuple[str, str], ...] = ()
    column_roles: tuple[tuple[str, str, str], ...] = ()
    leave_out_bots: bool = True
    users_left_out: tuple[str, ...] = ()

    def rules(self) -> Rules:
        """The business rules of every request that brings none of its own."""
        return Rules(
            exclude_seen=self.exclude_seen,
            in_stock_only=self.in_stock_only,
            price_min=self.price_min or None,
            price_max=self.price_max or None,
            conditions=tuple(
                Condition(column=column, one_of=values) for column, values in self.conditions
            ),
            boosts=tuple(
                Boost(column=column, value=value, factor=factor)
                for column, value, factor in self.boosts
            ),
            diversity=self.diversity,
            freshness=self.freshness,
        )
