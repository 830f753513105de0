"""Events made fit to learn from: unknown items, repeated lines and automatic visitors are left out.

What was left out is counted and said; nothing is changed in the stored tables. Knows no file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.recommendation.data.event_reading import RawEvents
from studio.prototypes.recommendation.interactions import Interactions, Items
from studio.records import Notice

if TYPE_CHECKING:
    import pandas as pd

MIN_BOT_EVENTS = 50
"""A visitor with fewer events does no harm, and may be somebody in a hurry."""
BOT_GAP_S = 3.0
BOT_SHARE = 0.8
"""Who opens the next page within three seconds, four times of five, reads none of them. Our own
choice: in the sample's log programs take one or two seconds, people 26 and more in 95 of 100 cases."""
MAX_EVENTS_A_DAY = 1000
"""One every minute and a half, day and night."""
_N_EXAMPLES = 3

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class CleaningReport:
    """What became of the rows of events; `n_kept` and all that was left out add up to `n_rows`.

    Attributes:
        n_rows: rows of all tables of events.
        n_incomplete: without a user or an item.
        n_unknown_item: of items that are not in the list of items.
        unknown_items: some of these.
        n_repeated: the same in everything as a row before.
        n_bot_events: of automatic visitors.
        bots: ids of these visitors; also where their events were kept.
        n_kept: what is learnt from.
        n_negative: kept ratings below 0.
        n_times_unread: cells that hold something that is no time; their events count as without one.
        n_without_time: kept events without a time.
        n_zoned: rows whose time names a zone.
        n_plain: rows with a clock time without a zone, taken as UTC.
        n_item_rows: rows of the list of items; 0 where there is none.
        n_items_without_id: rows of it without an id.
        n_items_repeated: rows of it whose id came before.
    """

    n_rows: int = 0
    n_incomplete: int = 0
    n_unknown_item: int = 0
    unknown_items: tuple[str, ...] = ()
    n_repeated: int = 0
    n_bot_events: int = 0
    bots: tuple[str, ...] = ()
    n_kept: int = 0
    n_negative: int = 0
    n_times_unread: int = 0
    n_without_time: int = 0
    n_zoned: int = 0
    n_plain: int = 0
    n_item_rows: int = 0
    n_items_without_id: int = 0
    n_items_repeated: int = 0

    def sentences(self) -> tuple[Notice, ...]:
        """What was left out or taken otherwise, one sentence for each; () where nothing was."""
        told: list[tuple[int, Notice]] = [
            (
                self.n_unknown_item,
                Notice(
                    "{n} events name items that are not in your list of items ({examples}). They were"
                    " left out; add these items to learn from them.",
                    n=self.n_unknown_item,
                    examples=", ".join(self.unknown_items),
                ),
            ),
            (
                self.n_repeated,
                Notice(
                    "{n} lines say the same as a line before and count once.", n=self.n_repeated
                ),
            ),
            (
                self.n_bot_events,
                Notice(
                    "{n} events of {n_bots} visitors who click faster than anybody reads were left out.",
                    n=self.n_bot_events,
                    n_bots=len(self.bots),
                ),
            ),
            (
                self.n_incomplete,
                Notice(
                    "{n} rows lack the user or the item and were left out.", n=self.n_incomplete
                ),
            ),
            (
                self.n_negative,
                Notice(
                    "{n} ratings are below zero. They count as dislikes.",
                    n=self.n_negative,
                ),
            ),
            (
                self.n_times_unread,
                Notice(
                    "The time of {n} events could not be read. They count as the oldest.",
                    n=self.n_times_unread,
                ),
            ),
            (
                self.n_zoned and self.n_plain,
                Notice(
                    "{n_plain} times name no time zone, {n_zoned} do. Those without were taken as UTC.",
                    n_plain=self.n_plain,
                    n_zoned=self.n_zoned,
                ),
            ),
            (
                self.n_items_repeated,
                Notice(
                    "{n} items are listed again with the same id. The first line of each counts.",
                    n=self.n_items_repeated,
                ),
            ),
            (
                self.n_items_without_id,
                Notice("{n} items have no id and were left out.", n=self.n_items_without_id),
            ),
        ]
        return tuple(notice for n, notice in told if n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """Items and events to learn from, and what was left out of the events."""

    items: Items
    events: Interactions
    report: CleaningReport


def clean_events(
    raw: RawEvents,
    items: Items | None,
    segments: Mapping[str, str] | None = None,
    *,
    leave_out_bots: bool = True,
) -> Cleaned:
    """The events worth learning from.

    Args:
        raw: all rows.
        items: what can be recommended; None where nobody listed it, then all items of the events.
        segments: user id to segment, also of users without events.
        leave_out_bots: False keeps the events of automatic visitors, who are still named.
    """
    is_complete = ((raw.users != "") & (raw.items != "")).to_numpy()
    known = _items_of(raw, is_complete) if items is None else items
    item_codes = _codes_of(raw.items, known)
    is_known = is_complete & (item_codes >= 0)
    is_first = is_known & ~_is_repeated(raw, is_known)
    user_codes, users = _factorized(raw.users, is_first, list(segments or ()))
    bots = _bots(raw, user_codes, is_first, users)
    is_kept = is_first & ~(np.isin(user_codes, bots) & leave_out_bots)
    strange = raw.items[is_complete & ~is_known]
    events = _interactions(raw, is_kept, users, item_codes, segments or {})
    report = CleaningReport(
        n_rows=len(raw),
        n_incomplete=int((~is_complete).sum()),
        n_unknown_item=len(strange),
        unknown_items=tuple(strange.drop_duplicates().head(_N_EXAMPLES)),
        n_repeated=int((is_known & ~is_first).sum()),
        n_bot_events=int((is_first & ~is_kept).sum()),
        bots=tuple(users[code] for code in bots),
        n_kept=int(is_kept.sum()),
        n_negative=int((events.ratings < 0).sum()),
        n_times_unread=raw.n_times_unread,
        n_without_time=int(np.isnan(events.times_s).sum()),
        n_zoned=raw.n_zoned,
        n_plain=raw.n_plain,
    )
    return Cleaned(items=known, events=events, report=report)


def _items_of(raw: RawEvents, is_complete: Mask) -> Items:
    return Items.bare(tuple(raw.items[is_complete].drop_duplicates()))


def _codes_of(cells: pd.Series[str], items: Items) -> NDArray[np.int64]:
    """The code of each item, -1 for one that is not known."""
    import pandas as pd

    index = pd.Index(items.ids, dtype=str)
    return index.get_indexer(pd.Index(cells)).astype(np.int64)


def _is_repeated(raw: RawEvents, rows: Mask) -> Mask:
    """Rows that say what an earlier one of `rows` says."""
    import pandas as pd

    frame = pd.DataFrame(
        {
            "user": raw.users,
            "item": raw.items,
            "kind": raw.kinds,
            "rating": raw.ratings,
            "time": raw.times_s,
        }
    )[rows]
    repeated = np.zeros(len(raw), dtype=bool)
    repeated[rows] = frame.duplicated().to_numpy()
    return repeated


def _factorized(
    cells: pd.Series[str], rows: Mask, more: list[str]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Codes in the order of first occurrence among `rows`, -1 for other rows; the ids by code."""
    import pandas as pd

    codes = np.full(len(cells), -1, dtype=np.int64)
    found, ids = pd.factorize(cells[rows])
    codes[rows] = found
    return codes, tuple(dict.fromkeys([*ids, *more]))


def _bots(
    raw: RawEvents, user_codes: NDArray[np.int64], rows: Mask, users: tuple[str, ...]
) -> NDArray[np.int64]:
    """Users who only look, never rate, and faster or longer than a person can; their codes.

    Without clock times nobody is suspected: gaps of days tell nothing, and those of 0 seconds are
    of a program that wrote several things down at once.
    """
    at = np.flatnonzero(rows & np.isfinite(raw.times_s))
    if not len(at) or not np.any(raw.times_s[at] % 86400):
        return np.zeros(0, dtype=np.int64)
    at = at[np.lexsort((raw.times_s[at], user_codes[at]))]
    who, when = user_codes[at], raw.times_s[at]
    n = len(users)
    n_events = np.bincount(who, minlength=n)
    n_ratings = np.bincount(who, weights=np.isfinite(raw.ratings[at]), minlength=n)
    gaps, is_same = np.diff(when), np.diff(who) == 0
    is_fast = is_same & (gaps > 0) & (gaps <= BOT_GAP_S)
    n_fast = np.bincount(who[1:], weights=is_fast, minlength=n)
    days = np.maximum(1, np.floor(_span(who, when, n) / 86400) + 1)
    is_hurried = (n_events >= MIN_BOT_EVENTS) & (n_fast >= BOT_SHARE * (n_events - 1))
    is_tireless = n_events / days > MAX_EVENTS_A_DAY
    return np.flatnonzero((is_hurried | is_tireless) & (n_ratings == 0)).astype(np.int64)


def _span(who: NDArray[np.int64], when: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Seconds from the first to the last event of each user, 0 for none."""
    first, last = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(first, who, when)
    np.maximum.at(last, who, when)
    return np.where(np.isfinite(first), last - first, 0.0)


def _interactions(
    raw: RawEvents,
    rows: Mask,
    users: tuple[str, ...],
    item_codes: NDArray[np.int64],
    segments: Mapping[str, str],
) -> Interactions:
    """The chosen rows in the order of time; users whose rows all went keep no code."""
    import pandas as pd

    times = raw.times_s[rows]
    order = np.argsort(np.where(np.isnan(times), -np.inf, times), kind="stable")
    at = np.flatnonzero(rows)[order]
    user_codes, user_ids = pd.factorize(raw.users.iloc[at])
    kind_codes, kinds = pd.factorize(raw.kinds.iloc[at])
    everybody = tuple(dict.fromkeys([*user_ids, *(user for user in users if user in segments)]))
    return Interactions(
        users=everybody,
        kinds=tuple(kinds),
        user_codes=user_codes.astype(np.int64),
        item_codes=item_codes[at],
        kind_codes=kind_codes.astype(np.int64),
        ratings=raw.ratings[at],
        times_s=raw.times_s[at],
        segments=tuple(segments.get(user, "") for user in everybody),
    )
