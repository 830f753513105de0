"""Items, users and events after cleaning: what recommenders learn from and pages show.

Values only. Items and users are numbered from 0; every array and tuple of a table follows that
number. Knows no file, no column name and no method.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """What one column says of each item: several values where a cell lists them, () where empty."""

    name: str
    values: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTable:
    """What can be recommended, in the order of the file.

    Attributes:
        ids: unique.
        titles: for people; the id where there is no title.
        texts: descriptions, "" where there is none.
        pictures: addresses (http, https), "" where there is none.
        links: addresses (http, https), "" where there is none.
        prices: in `currency`, NaN where unknown.
        stock: pieces, NaN where unknown.
        dates: first day of sale or publication, seconds since 1970 in UTC, NaN where unknown.
        attributes: what items share or differ in (category, brand, genre).
        currency: such as "USD"; "" where nobody said.
    """

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    pictures: tuple[str, ...]
    links: tuple[str, ...]
    prices: Floats = field(repr=False)
    stock: Floats = field(repr=False)
    dates: Floats = field(repr=False)
    attributes: tuple[Attribute, ...] = ()
    currency: str = ""

    def __len__(self) -> int:
        """Items."""
        return len(self.ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTable:
    """Who did something, in the order of their first event; then those of a user list without any.

    `segments` are "" where unknown.
    """

    ids: tuple[str, ...]
    segments: tuple[str, ...]

    def __len__(self) -> int:
        """Users."""
        return len(self.ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTable:
    """Who did what with which item, earliest first; events without a time first, as in the file.

    Attributes:
        users: `(n,)` int32, numbers of users.
        items: `(n,)` int32, numbers of items.
        types: `(n,)` int32, into `type_names`.
        ratings: `(n,)`, NaN where there is none; on the file's own scale.
        times: `(n,)`, seconds since 1970 in UTC, NaN where unknown.
        type_names: in lower case ("view", "buy"); ("event",) where the file has no type.
    """

    users: Codes = field(repr=False)
    items: Codes = field(repr=False)
    types: Codes = field(repr=False)
    ratings: Floats = field(repr=False)
    times: Floats = field(repr=False)
    type_names: tuple[str, ...]

    def __len__(self) -> int:
        """Events."""
        return len(self.users)


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanData:
    """All that a recommender is made of. `fingerprint` changes with any of it."""

    fingerprint: str
    items: ItemTable
    users: UserTable
    events: EventTable
