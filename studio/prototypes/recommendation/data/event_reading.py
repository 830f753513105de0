"""Tables of events and of users to columns of one length, every cell read; nothing is judged yet.

Knows roles, not column names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from studio.prototypes.recommendation.data import values
from studio.prototypes.recommendation.data.item_reading import RoleTable
from studio.prototypes.recommendation.data.values import Floats

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawEvents:
    """The rows of all tables of events, in their order.

    `users`, `items` and `kinds` are texts, "" where a user or item is missing. `ratings` and `times_s`
    are NaN where there is none. `n_times_unread` cells hold something that is no time; `n_zoned` and
    `n_plain` clock times come with and without a zone.
    """

    users: pd.Series[str]
    items: pd.Series[str]
    kinds: pd.Series[str]
    ratings: Floats
    times_s: Floats
    n_times_unread: int = 0
    n_zoned: int = 0
    n_plain: int = 0

    def __len__(self) -> int:
        """Rows."""
        return len(self.users)


def read_events(tables: Sequence[RoleTable]) -> RawEvents:
    """The events of these tables.

    A table without a kind of event holds "rating"s where it has ratings, else "event"s.

    Args:
        tables: each with columns of the roles "user" and "item".
    """
    import pandas as pd

    if not tables:
        nothing: pd.Series[str] = pd.Series([], dtype=str)
        empty = np.zeros(0)
        return RawEvents(users=nothing, items=nothing, kinds=nothing, ratings=empty, times_s=empty)
    times = [values.times(table.cells("time")) for table in tables]
    return RawEvents(
        users=_joined([values.ids(table.cells("user")) for table in tables]),
        items=_joined([values.ids(table.cells("item")) for table in tables]),
        kinds=_joined([_kinds(table) for table in tables]),
        ratings=np.concatenate([values.numbers(table.cells("rating")) for table in tables]),
        times_s=np.concatenate([found.seconds for found in times]),
        n_times_unread=sum(found.n_unread for found in times),
        n_zoned=sum(found.n_zoned for found in times),
        n_plain=sum(found.n_plain for found in times),
    )


def read_segments(tables: Sequence[RoleTable]) -> dict[str, str]:
    """User id to segment, "" where unknown, in the order of the tables; the first row counts.

    Args:
        tables: each with a column of the role "user".
    """
    segments: dict[str, str] = {}
    for table in tables:
        pairs = zip(values.ids(table.cells("user")), table.cells("segment"), strict=True)
        for user, segment in pairs:
            if user:
                segments.setdefault(user, segment)
    return segments


def _joined(columns: Sequence[pd.Series[str]]) -> pd.Series[str]:
    import pandas as pd

    return pd.concat(columns, ignore_index=True)


def _kinds(table: RoleTable) -> pd.Series[str]:
    if table.column("type") is not None:
        return values.kinds(table.cells("type"))
    kinds = values.kinds(table.cells("type"))
    if table.column("rating") is not None:
        has_rating = (table.cells("rating") != "").to_numpy()
        return kinds.where(~has_rating, "rating")
    return kinds
