"""Business rules: what may be recommended, what is preferred, and how varied the list is.

One stage after every method. Values here; applying them is `reranking`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Only items whose attribute has one of these values (as written, case does not matter)."""

    column: str
    one_of: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Boost:
    """Items whose attribute has this value count `factor` times as much; below 1 they count less."""

    column: str
    value: str
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one request.

    Attributes:
        exclude_seen: leave out what the user has in the history.
        in_stock_only: leave out items whose stock is known to be 0 or less; unknown stock passes.
        price_min: least price in the items' currency; None for any. Items without a price do not pass.
        price_max: greatest price; None for any. Items without a price do not pass.
        conditions: all of them must hold.
        boosts: all that hold are multiplied.
        diversity: 0 takes the best scores, 1 avoids items like those already in the list (maximal
            marginal relevance).
        freshness: 0 ignores the age of items; 1 counts an item that came `half_life_days` ago half.
        half_life_days: see `freshness`.
    """

    exclude_seen: bool = True
    in_stock_only: bool = False
    price_min: float | None = None
    price_max: float | None = None
    conditions: tuple[Condition, ...] = ()
    boosts: tuple[Boost, ...] = ()
    diversity: float = 0.0
    freshness: float = 0.0
    half_life_days: float = 90.0
