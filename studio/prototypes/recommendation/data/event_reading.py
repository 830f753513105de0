"""Tables of events and of users to columns of one length, every cell read; nothing is judged yet.

Knows roles, not column names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.recommendation.data import several, values
from studio.prototypes.recommendation.data.item_reading import RoleTable
from studio.prototypes.recommendation.data.values import Floats
from studio.prototypes.recommendation.weighing import is_rating_kind

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawEvents:
    """The rows of all tables of events, in their order.

    `users`, `items` and `kinds` are texts, "" where a user or item is missing. `ratings` and `times_s`
    are NaN where there is none. `titles` are what the events call their items, "" for nothing; None
    where no table says. `n_times_unread` cells hold something that is no time, and
    `n_ratings_unread` something that is no rating; `n_zoned` and `n_plain` clock times come with and
    without a zone. `n_parted` rows named several items, and are an event for each here.
    `tables` is the number of each row's table, None where there is one. `are_void` says which rows'
    status tells that nothing came of the order; None where no table has one.
    """

    users: pd.Series[str]
    items: pd.Series[str]
    kinds: pd.Series[str]
    ratings: Floats
    times_s: Floats
    titles: pd.Series[str] | None = None
    n_times_unread: int = 0
    n_zoned: int = 0
    n_plain: int = 0
    n_ratings_unread: int = 0
    n_parted: int = 0
    tables: NDArray[np.int64] | None = None
    are_void: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        """Rows."""
        return len(self.users)


def read_events(tables: Sequence[RoleTable]) -> RawEvents:
    """The events of these tables.

    A table without a kind of event holds "rating"s where it has ratings, else "event"s. A rating that
    cannot be read is an "event", too: it does not say whether the item was liked.

    Args:
        tables: each with columns of the roles "user" and "item".
    """
    import pandas as pd

    if not tables:
        nothing: pd.Series[str] = pd.Series([], dtype=str)
        empty = np.zeros(0)
        return RawEvents(users=nothing, items=nothing, kinds=nothing, ratings=empty, times_s=empty)
    parted = [_one_item_a_row(table) for table in tables]
    tables, n_parted = [table for table, _ in parted], sum(n for _, n in parted)
    times = [values.times(table.cells("time")) for table in tables]
    ratings = [values.ratings(table.cells("rating")) for table in tables]
    unread = [
        np.isnan(read) & (table.cells("rating").str.strip() != "").to_numpy()
        for table, read in zip(tables, ratings, strict=True)
    ]
    return RawEvents(
        users=_joined([values.ids(table.cells("user")) for table in tables]),
        items=_joined([values.ids(table.cells("item")) for table in tables]),
        kinds=_joined(
            [
                _kinds(table, read, is_unread)
                for table, read, is_unread in zip(tables, ratings, unread, strict=True)
            ]
        ),
        ratings=np.concatenate(ratings),
        times_s=np.concatenate([found.seconds for found in times]),
        titles=_joined([table.cells("title") for table in tables])
        if any(table.column("title") for table in tables)
        else None,
        n_times_unread=sum(found.n_unread for found in times),
        n_zoned=sum(found.n_zoned for found in times),
        n_plain=sum(found.n_plain for found in times),
        n_ratings_unread=sum(int(one.sum()) for one in unread),
        n_parted=n_parted,
        tables=np.repeat(np.arange(len(tables)), [len(table.frame) for table in tables]),
        are_void=np.concatenate([values.are_void(table.cells("status")) for table in tables])
        if any(table.column("status") for table in tables)
        else None,
    )


def _one_item_a_row(table: RoleTable) -> tuple[RoleTable, int]:
    """The table with a row for each item of an order, and how many rows named several."""
    column, title = table.column("item"), table.column("title")
    listed = None if column is None else several.ids(table.frame[column])
    if column is None or listed is None:
        return table, 0
    sizes = listed.str.len()
    frame = table.frame.assign(**{column: listed})
    if title is not None and title != column:
        names = _names_of(table.frame[title], sizes)
        frame = frame.assign(**{title: names}).explode([column, title])
    else:
        frame = frame.explode(column)
    frame = frame.fillna({column: ""}).reset_index(drop=True)
    return replace(table, frame=frame), int((sizes > 1).sum())


def _names_of(titles: pd.Series[str], sizes: pd.Series[int]) -> pd.Series:
    """As many titles as there are ids in each row: those listed, or none where their number differs."""
    import pandas as pd

    lists = []
    for title, size in zip(titles, sizes, strict=True):
        names = [title] if size <= 1 else several.parted_like(title, size)
        lists.append(names or [""] * size)
    return pd.Series(lists, index=titles.index)


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


def _kinds(table: RoleTable, ratings: Floats, is_unread: NDArray[np.bool_]) -> pd.Series[str]:
    kinds = values.kinds(table.cells("type"))
    if table.column("type") is None:
        return kinds.where(np.isnan(ratings), "rating")
    # Few kinds, however many rows.
    are_ratings = kinds.isin([kind for kind in kinds.unique() if is_rating_kind(kind)]).to_numpy()
    return kinds.where(~(is_unread & are_ratings), "event")
