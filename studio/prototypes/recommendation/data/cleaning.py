"""Events made fit to learn from: unknown items, repeated lines and automatic visitors are left out.

What was left out is counted and said; nothing is changed in the stored tables. Knows no file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.recommendation.data.event_reading import RawEvents
from studio.prototypes.recommendation.data.matching import matched, one_spelling
from studio.prototypes.recommendation.interactions import Interactions, Items
from studio.prototypes.recommendation.weighing import is_known_kind, rating_scale
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
_N_KINDS = 8

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class CleaningReport:
    """What became of the rows of events; `n_kept` and all that was left out add up to `n_rows`.

    Attributes:
        n_rows: rows of all tables of events.
        n_incomplete: without a user or an item.
        n_void: of orders that were cancelled, returned or never paid.
        n_unknown_item: of items that are not in the list of items.
        unknown_items: some of these.
        n_alike: rows whose item was found by an id that differs in case or zeros, see `matching`.
        n_repeated: the same in everything as a row before.
        n_bot_events: of automatic visitors.
        n_left_out_events: of users who were left out by name.
        bots: ids of these visitors; also where their events were kept.
        n_kept: what is learnt from.
        n_negative: kept ratings below the middle of their scale.
        n_ratings_unread: cells that hold something that is no rating; their events count as without.
        unknown_kinds: names of kinds of events of which nothing is known.
        n_times_unread: cells that hold something that is no time; their events count as without one.
        n_without_time: kept events without a time.
        n_zoned: rows whose time names a zone.
        n_plain: rows with a clock time without a zone, taken as UTC.
        n_item_rows: rows of the list of items; 0 where there is none.
        n_items_without_id: rows of it without an id.
        n_items_repeated: rows of it whose id came before.
        n_users_alike: rows whose user another table writes in another case or with other zeros.
        n_parted: rows that named several items; each of these is an event of its own.
        n_pictures_unread: items whose picture link is no web address.
    """

    n_rows: int = 0
    n_incomplete: int = 0
    n_void: int = 0
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
    n_ratings_unread: int = 0
    unknown_kinds: tuple[str, ...] = ()
    n_alike: int = 0
    n_left_out_events: int = 0
    n_pictures_unread: int = 0
    n_parted: int = 0
    n_users_alike: int = 0

    def sentences(self) -> tuple[Notice, ...]:
        """What was left out or taken otherwise, one sentence for each; () where nothing was."""
        told: list[tuple[int, Notice]] = [
            (
                self.n_parted,
                Notice(
                    "{n} rows name several items. Each of these counts as an event of its own.",
                    "One row names several items. Each of these counts as an event of its own.",
                    n=self.n_parted,
                ),
            ),
            (
                self.n_void,
                Notice(
                    "{n} rows are of orders that were cancelled, returned or never paid. They were left "
                    "out; to learn from them, too, leave out the column of the order's status instead.",
                    "One row is of an order that was cancelled, returned or never paid. It was left out;"
                    " to learn from it, too, leave out the column of the order's status instead.",
                    n=self.n_void,
                ),
            ),
            (
                self.n_unknown_item,
                Notice(
                    "{n} events name items that are not in your list of items ({examples}). They were"
                    " left out; add these items to learn from them.",
                    "One event names an item that is not in your list of items ({examples}). It was "
                    "left out; add this item to learn from it.",
                    n=self.n_unknown_item,
                    examples=", ".join(self.unknown_items),
                ),
            ),
            (
                self.n_alike,
                Notice(
                    "{n} events name items a little differently than your list of items: in capital "
                    "or small letters, or with zeros in front. They were taken for the same.",
                    "One event names an item a little differently than your list of items: in capital "
                    "or small letters, or with zeros in front. It was taken for the same.",
                    n=self.n_alike,
                ),
            ),
            (
                self.n_users_alike,
                Notice(
                    "{n} events name users a little differently than another table does: in capital or "
                    "small letters, or with zeros in front. They were taken for the same.",
                    "One event names a user a little differently than another table does: in capital or "
                    "small letters, or with zeros in front. It was taken for the same.",
                    n=self.n_users_alike,
                ),
            ),
            (
                self.n_repeated,
                Notice(
                    "{n} lines say the same as a line before and count once.",
                    "One line says the same as a line before and does not count.",
                    n=self.n_repeated,
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
                self.n_left_out_events,
                Notice(
                    "{n} events are of users whom you left out.",
                    "One event is of a user whom you left out.",
                    n=self.n_left_out_events,
                ),
            ),
            (
                self.n_incomplete,
                Notice(
                    "{n} rows lack the user or the item and were left out.",
                    "One row lacks the user or the item and was left out.",
                    n=self.n_incomplete,
                ),
            ),
            (
                self.n_negative,
                Notice(
                    "{n} ratings are below the middle of their scale. They count as dislikes.",
                    "One rating is below the middle of its scale. It counts as a dislike.",
                    n=self.n_negative,
                ),
            ),
            (
                self.n_ratings_unread,
                Notice(
                    "The rating of {n} events could not be read. They count as without one.",
                    "The rating of one event could not be read. It counts as without one.",
                    n=self.n_ratings_unread,
                ),
            ),
            (
                len(self.unknown_kinds),
                Notice(
                    "Nothing is known of these kinds of events, so each counts like a look: {kinds}. "
                    "You can say what they count under “Quality”.",
                    kinds=", ".join(self.unknown_kinds[:_N_KINDS]),
                ),
            ),
            (
                self.n_times_unread,
                Notice(
                    "The time of {n} events could not be read. They count as the oldest.",
                    "The time of one event could not be read. It counts as the oldest.",
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
                    "One item is listed again with the same id. Its first line counts.",
                    n=self.n_items_repeated,
                ),
            ),
            (
                self.n_items_without_id,
                Notice(
                    "{n} items have no id and were left out.",
                    "One item has no id and was left out.",
                    n=self.n_items_without_id,
                ),
            ),
            (
                self.n_pictures_unread,
                Notice(
                    "The picture links of {n} items do not begin with http:// or https://. These items "
                    "are shown without a picture.",
                    "The picture link of one item does not begin with http:// or https://. It is shown "
                    "without a picture.",
                    n=self.n_pictures_unread,
                ),
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
    users_left_out: Collection[str] = (),
) -> Cleaned:
    """The events worth learning from.

    Args:
        raw: all rows.
        items: what can be recommended; None where nobody listed it, then all items of the events.
        segments: user id to segment, also of users without events.
        leave_out_bots: False keeps the events of automatic visitors, who are still named.
        users_left_out: ids of users whose events are not learnt from.
    """
    raw, n_users_alike = _with_one_spelling(raw, tuple(segments or ()))
    is_named = ((raw.users != "") & (raw.items != "")).to_numpy()
    is_complete = is_named if raw.are_void is None else is_named & ~raw.are_void
    known = _items_of(raw, is_complete) if items is None else items
    item_codes, n_alike = matched(raw.items, is_complete, known.ids, raw.tables)
    is_known = is_complete & (item_codes >= 0)
    is_first = is_known & ~_is_repeated(raw, is_known)
    user_codes, users = _factorized(raw.users, is_first, list(segments or ()))
    bots = _bots(raw, user_codes, is_first, users)
    is_chosen = is_first & raw.users.isin(list(users_left_out)).to_numpy(dtype=np.bool_)
    is_kept = is_first & ~is_chosen & ~(np.isin(user_codes, bots) & leave_out_bots)
    strange = raw.items[is_complete & ~is_known]
    events = _interactions(raw, is_kept, users, item_codes, segments or {})
    report = CleaningReport(
        n_rows=len(raw),
        n_incomplete=int((~is_named).sum()),
        n_void=int((is_named & ~is_complete).sum()),
        n_unknown_item=len(strange),
        unknown_items=tuple(strange.drop_duplicates().head(_N_EXAMPLES)),
        n_alike=n_alike,
        n_repeated=int((is_known & ~is_first).sum()),
        n_bot_events=int((is_first & ~is_chosen & ~is_kept).sum()),
        n_left_out_events=int(is_chosen.sum()),
        bots=tuple(users[code] for code in bots),
        n_kept=int(is_kept.sum()),
        n_negative=int((rating_scale(events.ratings).shares(events.ratings) == 0).sum()),
        n_ratings_unread=raw.n_ratings_unread,
        n_parted=raw.n_parted,
        n_users_alike=n_users_alike,
        unknown_kinds=tuple(kind for kind in events.kinds if not is_known_kind(kind)),
        n_times_unread=raw.n_times_unread,
        n_without_time=int(np.isnan(events.times_s).sum()),
        n_zoned=raw.n_zoned,
        n_plain=raw.n_plain,
    )
    return Cleaned(items=known, events=events, report=report)


def _with_one_spelling(raw: RawEvents, known: tuple[str, ...]) -> tuple[RawEvents, int]:
    """The events with each user written one way, and how many were written otherwise."""
    tables = np.zeros(len(raw), dtype=np.int64) if raw.tables is None else raw.tables
    users, n_alike = one_spelling(raw.users, tables, known)
    return (replace(raw, users=users), n_alike) if n_alike else (raw, 0)


def _items_of(raw: RawEvents, is_complete: Mask) -> Items:
    """All items that events name, in order of first occurrence, with the first title of each."""
    ids = tuple(raw.items[is_complete].drop_duplicates())
    if raw.titles is None:
        return Items.bare(ids)
    has_title = is_complete & (raw.titles != "").to_numpy()
    named = raw.items[has_title].drop_duplicates()
    titles_of = dict(zip(named, raw.titles[named.index], strict=True))
    titles = tuple(titles_of.get(item, item) for item in ids)
    return Items(ids=ids, titles=titles, texts=titles)


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
