"""What a recommender learns from: items, and who did what with which of them, as whole numbers.

Ids are texts at the border and codes inside: an item's code is its place in `Items.ids`, a user's its
place in `Interactions.users`. What comes in here is clean: no repeated lines, no automatic visitors,
no item that is not among the items. The module knows no file and no method.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)  # no slots: codes are computed once and kept
class Items:
    """The items there are, `n` of them; each column has one entry per item, in the order of `ids`.

    Attributes:
        ids: unique.
        titles: what people read; the id where there is no title.
        texts: what a model reads to know what an item is about (title, description, attributes).
        attributes: column (category, brand, genre) to the values of each item: several where a cell
            lists them, () where empty. Filters, boosts and reasons use them.
        images: addresses, "" for none.
        links: addresses, "" for none.
        prices: `(n,)` float64 in `currency`, NaN where unknown.
        stock: `(n,)` float64, pieces, NaN where unknown.
        added_at_s: `(n,)` float64, when the item came, seconds since 1970 (UTC), NaN where unknown.
        currency: of the prices, such as "USD"; "" where nobody said.

    Raises:
        InvalidInput: an id is there twice, or a column has another length.
    """

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    attributes: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    prices: Floats = field(default_factory=lambda: np.zeros(0))
    stock: Floats = field(default_factory=lambda: np.zeros(0))
    added_at_s: Floats = field(default_factory=lambda: np.zeros(0))
    currency: str = ""

    def __post_init__(self) -> None:
        """Fill the columns that were left out; check the lengths."""
        n = len(self.ids)
        for name in ("images", "links"):
            if not getattr(self, name):
                object.__setattr__(self, name, ("",) * n)
        for name in ("prices", "stock", "added_at_s"):
            column = np.asarray(getattr(self, name), dtype=np.float64)
            object.__setattr__(self, name, column if len(column) else np.full(n, np.nan))
        texts = (self.titles, self.texts, self.images, self.links)
        numbers = (self.prices, self.stock, self.added_at_s)
        if any(len(column) != n for column in (*texts, *numbers, *self.attributes.values())):
            raise InvalidInput("Every column of the items needs {n} entries, one per id.", n=n)
        if len(self.codes) != n:
            raise InvalidInput("An item id occurs twice; each must be there once.")

    def __len__(self) -> int:
        """How many."""
        return len(self.ids)

    @cached_property
    def codes(self) -> dict[str, int]:
        """Item id to its code."""
        return {item: code for code, item in enumerate(self.ids)}

    @cached_property
    def value_counts(self) -> Mapping[str, Mapping[str, int]]:
        """Column to value to how many items have it."""
        return {
            column: Counter(value for cell in cells for value in cell)
            for column, cells in self.attributes.items()
        }

    @classmethod
    def bare(cls, ids: Sequence[str]) -> Self:
        """Items of which nothing but the id is known, which then is their title."""
        return cls(ids=tuple(ids), titles=tuple(ids), texts=tuple(ids))


@dataclass(frozen=True, kw_only=True)  # no slots: codes are computed once and kept
class Interactions:
    """Who did what with which item, `n` events in order of time; those without a time come first.

    Attributes:
        users: user ids, by code.
        kinds: names of the kinds of events (view, buy, rating), by code.
        user_codes: `(n,)` int64 into `users`.
        item_codes: `(n,)` int64 into the ids of the items.
        kind_codes: `(n,)` int64 into `kinds`.
        ratings: `(n,)` float64 as they were given; NaN for events that are no rating.
        times_s: `(n,)` float64, seconds since 1970 (UTC); NaN where unknown.
        segments: the segment of each user ("new", "club"), "" where unknown.
    """

    users: tuple[str, ...]
    kinds: tuple[str, ...]
    user_codes: Codes
    item_codes: Codes
    kind_codes: Codes
    ratings: Floats
    times_s: Floats
    segments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the lengths; a user without a segment has an empty one.

        Raises:
            InvalidInput: a column has another length.
        """
        n = len(self.user_codes)
        columns = (self.item_codes, self.kind_codes, self.ratings, self.times_s)
        if any(len(column) != n for column in columns):
            raise InvalidInput("Every column of the events needs {n} entries, one per event.", n=n)
        if not self.segments:
            object.__setattr__(self, "segments", ("",) * len(self.users))
        if len(self.segments) != len(self.users):
            raise InvalidInput("Every user needs one segment, which may be empty.")

    def __len__(self) -> int:
        """How many events."""
        return len(self.user_codes)

    @cached_property
    def codes(self) -> dict[str, int]:
        """User id to its code."""
        return {user: code for code, user in enumerate(self.users)}

    @property
    def has_times(self) -> bool:
        """Whether any event has a time, so that the past can be told from the future."""
        return bool(np.isfinite(self.times_s).any())

    @classmethod
    def of(
        cls,
        *,
        users: Sequence[str],
        items: Sequence[str],
        known: Items,
        kinds: Sequence[str] | None = None,
        ratings: Sequence[float] | Floats | None = None,
        times_s: Sequence[float] | Floats | None = None,
        segments: Mapping[str, str] | None = None,
    ) -> Self:
        """Interactions from columns, one entry per event; they are put in the order of time.

        Events of the same time, and all without one, stay in the order given.

        Args:
            users: user ids.
            items: item ids, all of them among `known`.
            known: the items there are.
            kinds: kinds of events; all "event" by default.
            ratings: NaN where an event is no rating; none by default.
            times_s: seconds since 1970, NaN where unknown; none by default.
            segments: user id to segment, also of users without events.

        Raises:
            InvalidInput: an item is not known, or a column has another length.
        """
        n = len(users)
        names = list(kinds) if kinds is not None else ["event"] * n
        times = np.full(n, np.nan) if times_s is None else np.asarray(times_s, dtype=np.float64)
        given = np.full(n, np.nan) if ratings is None else np.asarray(ratings, dtype=np.float64)
        if not len(items) == len(names) == len(times) == len(given) == n:
            raise InvalidInput("Every column of the events needs {n} entries, one per event.", n=n)
        unknown = next((item for item in items if item not in known.codes), None)
        if unknown is not None:
            raise InvalidInput("The item {item} is not among the items.", item=unknown)
        item_codes = np.fromiter((known.codes[item] for item in items), np.int64, count=n)
        user_codes, user_ids = _coded(users, list(segments or ()))
        kind_codes, kind_names = _coded(names, [])
        order = np.argsort(np.where(np.isnan(times), -np.inf, times), kind="stable")
        return cls(
            users=user_ids,
            kinds=kind_names,
            user_codes=user_codes[order],
            item_codes=item_codes[order],
            kind_codes=kind_codes[order],
            ratings=given[order],
            times_s=times[order],
            segments=tuple((segments or {}).get(user, "") for user in user_ids),
        )

    def chosen(self, rows: NDArray[np.bool_] | Codes) -> Interactions:
        """Only some of the events; all users and kinds keep their codes."""
        return Interactions(
            users=self.users,
            kinds=self.kinds,
            user_codes=self.user_codes[rows],
            item_codes=self.item_codes[rows],
            kind_codes=self.kind_codes[rows],
            ratings=self.ratings[rows],
            times_s=self.times_s[rows],
            segments=self.segments,
        )


def _coded(values: Sequence[str], more: Sequence[str]) -> tuple[Codes, tuple[str, ...]]:
    """Codes of texts in the order of first occurrence, and the texts by code, `more` at the end."""
    codes: dict[str, int] = {}
    coded = np.fromiter(
        (codes.setdefault(value, len(codes)) for value in values), np.int64, count=len(values)
    )
    for value in more:
        codes.setdefault(value, len(codes))
    return coded, tuple(codes)
