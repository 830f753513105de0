"""Events are cleaned, counted and said; people are never taken for programs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from studio.prototypes.recommendation.data.cleaning import MIN_BOT_EVENTS, Cleaned, clean_events
from studio.prototypes.recommendation.data.event_reading import (
    RawEvents,
    read_events,
    read_segments,
)
from studio.prototypes.recommendation.data.item_reading import RoleTable, read_items
from studio.prototypes.recommendation.interactions import Items

START = 1_750_000_000.0
KNOWN = Items.bare(("a", "b", "c"))


def raw(*rows: tuple) -> RawEvents:
    """Rows of (user, item, kind, rating, seconds after the start), shorter ones filled up."""
    full = [(*row, *("event", None, None)[len(row) - 2 :]) for row in rows]
    users, items, kinds, ratings, times = zip(*full, strict=True) if full else ((),) * 5
    return RawEvents(
        users=pd.Series(users, dtype=str),
        items=pd.Series(items, dtype=str),
        kinds=pd.Series(kinds, dtype=str),
        ratings=np.array([np.nan if one is None else one for one in ratings], dtype=float),
        times_s=np.array([np.nan if t is None else START + t for t in times], dtype=float),
    )


def told(cleaned: Cleaned) -> str:
    return " ".join(map(str, cleaned.report.sentences()))


def test_rows_add_up_and_each_loss_is_said() -> None:
    cleaned = clean_events(
        raw(
            ("u", "a", "view", None, 5),
            ("u", "a", "view", None, 5),
            ("u", "zzz"),
            ("", "a"),
            ("v", "", "view"),
            ("v", "b", "rating", -2.0),
        ),
        KNOWN,
    )
    report = cleaned.report
    assert report.n_rows == 6
    assert report.n_kept == 2
    assert report.n_kept + report.n_incomplete + report.n_unknown_item + report.n_repeated == 6
    assert report.unknown_items == ("zzz",)
    text = told(cleaned)
    for part in ("zzz", "1 lines say the same", "2 rows lack", "1 ratings are below zero"):
        assert part in text
    assert cleaned.events.ratings.tolist()[0] == -2.0  # no time: it counts as the oldest


def test_clean_events_have_nothing_to_tell() -> None:
    assert clean_events(raw(("u", "a", "view", None, 0)), KNOWN).report.sentences() == ()


def test_events_are_in_order_of_time_and_stay_in_line_otherwise() -> None:
    cleaned = clean_events(
        raw(("u", "c", "view", None, 9), ("v", "b"), ("u", "a", "view", None, 1), ("v", "c")), KNOWN
    )
    assert [KNOWN.ids[code] for code in cleaned.events.item_codes] == ["b", "c", "a", "c"]
    assert cleaned.events.users == ("v", "u")


def test_all_identical_events_are_one() -> None:
    cleaned = clean_events(raw(*[("u", "a", "view", None, 3)] * 500), KNOWN)
    assert len(cleaned.events) == 1
    assert cleaned.report.n_repeated == 499


def test_without_a_list_of_items_the_events_name_them() -> None:
    cleaned = clean_events(raw(("u", "q"), ("v", "p"), ("v", "q")), None)
    assert cleaned.items.ids == ("q", "p")


def test_no_events_at_all_is_fine() -> None:
    cleaned = clean_events(raw(), KNOWN, {"u": "new"})
    assert len(cleaned.events) == 0
    assert cleaned.events.users == ("u",)
    assert cleaned.events.segments == ("new",)


def hurried(n: int, gap_s: float, kind: str = "view", rating: float | None = None) -> list[tuple]:
    return [("bot", "abc"[i % 3], kind, rating, 7 + i * gap_s) for i in range(n)]


def test_visitor_who_never_reads_is_left_out_and_named() -> None:
    rows = [*hurried(200, 1.5), ("u", "a", "view", None, 0), ("u", "b", "view", None, 60)]
    cleaned = clean_events(raw(*rows), KNOWN)
    assert cleaned.report.bots == ("bot",)
    assert cleaned.report.n_bot_events == 200
    assert cleaned.events.users == ("u",)
    kept = clean_events(raw(*rows), KNOWN, leave_out_bots=False)
    assert kept.report.bots == ("bot",)
    assert len(kept.events) == 202


def test_visitor_who_never_sleeps_is_left_out() -> None:
    cleaned = clean_events(raw(*hurried(3000, 30.0)), KNOWN)
    assert cleaned.report.bots == ("bot",)


@pytest.mark.parametrize(
    "rows",
    [
        hurried(MIN_BOT_EVENTS - 1, 1.0),  # too few to say
        hurried(200, 20.0),  # a person who reads
        hurried(200, 1.0, "rating", 4.0),  # rating a list is quick
        [("u", "a", "view", None, -START + 86400 * i) for i in range(300)],  # days, no clock
    ],
)
def test_people_are_not_taken_for_programs(rows) -> None:
    assert clean_events(raw(*rows), KNOWN).report.bots == ()


def table(frame: dict[str, list[str]], **roles: str) -> RoleTable:
    return RoleTable(
        frame=pd.DataFrame(frame, dtype=str),
        roles={column: role for role, column in roles.items()},
    )


def test_items_of_two_tables_with_repeats_and_gaps() -> None:
    first = table(
        {"id": ["1", "2.0", "2", ""], "t": ["Pot", "", "Pan", "x"], "c": ["tea|gift", "", "", ""]},
        item="id",
        title="t",
        attribute="c",
    )
    second = table({"sku": ["3"], "price": ["€4,50"]}, item="sku", price="price")
    read = read_items([first, second])
    assert read.items.ids == ("1", "2", "3")
    assert read.items.titles == ("Pot", "2", "3")
    assert read.items.attributes == {"c": (("tea", "gift"), (), ())}
    assert read.items.prices[2] == 4.5
    assert read.items.currency == "EUR"
    assert (read.n_rows, read.n_repeated, read.n_without_id) == (5, 1, 1)
    assert read.items.texts[0] == "Pot. tea, gift"


def test_kinds_come_from_the_type_or_from_the_rating() -> None:
    typed = table(
        {"u": ["1", "2"], "i": ["a", "b"], "e": ["Add_to-Cart", ""]}, user="u", item="i", type="e"
    )
    rated = table(
        {"u": ["1", "2"], "i": ["a", "b"], "r": ["4", ""]}, user="u", item="i", rating="r"
    )
    read = read_events([typed, rated])
    assert list(read.kinds) == ["add_to_cart", "event", "rating", "event"]
    assert read.ratings.tolist()[2] == 4.0


def test_segments_are_of_the_first_row() -> None:
    users = table({"u": ["1", "1.0", ""], "s": ["new", "old", "x"]}, user="u", segment="s")
    assert read_segments([users]) == {"1": "new"}
