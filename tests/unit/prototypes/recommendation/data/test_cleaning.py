"""Events are cleaned, counted and said; people are never taken for programs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from studio.prototypes.recommendation.data import event_reading
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
    for part in ("zzz", "One line says the same", "2 rows lack", "One rating is below the middle"):
        assert part in text
    assert cleaned.events.ratings.tolist()[0] == -2.0  # no time: it counts as the oldest


def test_orders_that_came_to_nothing_are_left_out_and_said() -> None:
    frame = pd.DataFrame(
        {
            "who": ["u", "u", "v", "", "v"],
            "what": ["a", "b", "a", "c", "zzz"],
            "state": ["paid", "Cancelled", "refunded", "cancelled", "cancelled"],
        },
        dtype=str,
    )
    roles = {"who": "user", "what": "item", "state": "status"}
    report = clean_events(read_events([RoleTable(frame=frame, roles=roles)]), KNOWN).report
    assert (report.n_rows, report.n_kept, report.n_void, report.n_incomplete) == (5, 1, 3, 1)
    assert report.n_unknown_item == 0
    assert "3 rows are of orders that were cancelled" in " ".join(map(str, report.sentences()))
    kept = clean_events(
        read_events([RoleTable(frame=frame, roles=roles | {"state": "ignore"})]), KNOWN
    ).report
    assert (kept.n_kept, kept.n_void) == (3, 0)


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


@pytest.mark.parametrize(
    ("listed", "named", "kept"),
    [
        (("1", "2", "30"), ("001", "002", "030"), ["1", "2", "30"]),
        (("001", "002", "003"), ("1", "2", "3"), ["001", "002", "003"]),
        (("SKU-1", "SKU-2", "SKU-3"), ("sku-01", "Sku-2", "sku-9"), ["SKU-1", "SKU-2"]),
        (("1", "01", "A"), ("001", "a", "0001"), ["A"]),  # two items might be meant
        (("a", "b", "c"), ("a", "b", "C"), ["a", "b"]),  # most match as they are
    ],
)
def test_ids_written_by_another_program_are_found_where_they_are_clear(listed, named, kept) -> None:
    items = Items.bare(listed)
    cleaned = clean_events(raw(*((f"u{item}", item) for item in named)), items)
    assert [items.ids[code] for code in cleaned.events.item_codes] == kept
    assert ("a little differently" in told(cleaned)) == (kept != ["a", "b"])
    assert cleaned.report.n_unknown_item == len(named) - len(kept)


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


def test_each_kind_is_looked_up_once_however_many_rows(monkeypatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        event_reading, "is_rating_kind", lambda kind: asked.append(kind) or kind == "rating"
    )
    n = 400
    rows = table(
        {"u": ["1"] * n, "i": ["a"] * n, "e": ["Rating", "view"] * (n // 2), "r": ["?", ""] * (n // 2)},
        user="u", item="i", type="e", rating="r",
    )  # fmt: skip
    raw = read_events([rows])
    assert sorted(asked) == ["rating", "view"]
    assert raw.kinds.tolist() == ["event", "view"] * (n // 2)


def test_a_rating_that_cannot_be_read_is_no_rating_and_is_said() -> None:
    plain = table(
        {"u": ["1", "2", "3"], "i": ["a", "b", "c"], "r": ["good", "4 / 5", ""]},
        user="u",
        item="i",
        rating="r",
    )
    typed = table(
        {"u": ["1", "2"], "i": ["a", "b"], "e": ["review", "buy"], "r": ["fine", "fine"]},
        user="u",
        item="i",
        type="e",
        rating="r",
    )
    read = read_events([plain, typed])
    assert list(read.kinds) == ["event", "rating", "event", "event", "buy"]
    assert read.n_ratings_unread == 3
    assert "rating of 3 events could not be read" in told(clean_events(read, KNOWN))


def test_kinds_of_which_nothing_is_known_are_named() -> None:
    cleaned = clean_events(raw(("u", "a", "swirl"), ("u", "b", "view"), ("u", "c", "退货")), KNOWN)
    assert cleaned.report.unknown_kinds == ("swirl",)
    assert "each counts like a look: swirl." in told(cleaned)


def test_items_that_only_events_name_have_the_titles_of_the_events() -> None:
    bought = table(
        {"u": ["1", "2", "3"], "i": ["7", "8", "7"], "t": ["", "Cup", "Pot"]},
        user="u",
        item="i",
        title="t",
    )
    items = clean_events(read_events([bought]), None).items
    assert (items.ids, items.titles, items.texts) == (("7", "8"), ("Pot", "Cup"), ("Pot", "Cup"))


def test_segments_are_of_the_first_row() -> None:
    users = table({"u": ["1", "1.0", ""], "s": ["new", "old", "x"]}, user="u", segment="s")
    assert read_segments([users]) == {"1": "new"}


def test_users_who_were_named_are_left_out_and_said() -> None:
    rows = [*hurried(200, 20.0), ("u", "a", "view", None, 0), ("u", "b", "view", None, 60)]
    cleaned = clean_events(raw(*rows), KNOWN, users_left_out=("bot", "nobody"))
    assert cleaned.events.users == ("u",)
    assert (cleaned.report.n_left_out_events, cleaned.report.n_bot_events) == (200, 0)
    assert cleaned.report.n_kept == 2
    assert "200 events are of users whom you left out" in told(cleaned)


def test_pictures_that_no_browser_may_be_sent_to_are_counted() -> None:
    links = ["https://a.example/1.png", "javascript:alert(1)", "", "//a.example/2.png"]
    read = read_items([table({"id": list("abcd"), "p": links}, item="id", image="p")])
    assert read.items.images == ("https://a.example/1.png", "", "", "")
    assert read.n_pictures_unread == 2


@pytest.mark.parametrize("sign", [";", "；", "|", ", ", "、"])
def test_an_order_of_several_items_is_an_event_for_each(sign) -> None:
    orders = table(
        {
            "u": ["1", "2", "3", "4", "4"],
            "i": [sign.join(("001*2", "002")), "001", sign.join(("003", "002")), "003", ""],
            "n": [sign.join(("Pot", "Pan")), "Pot", "a cup and a pan", "Cup", "?"],
            "t": ["2025-01-31"] * 5,
        },
        user="u", item="i", title="n", time="t",
    )  # fmt: skip
    read = read_events([orders])

    assert list(zip(read.users, read.items, read.titles, strict=True)) == [
        ("1", "001", "Pot"), ("1", "002", "Pan"), ("2", "001", "Pot"),
        ("3", "003", ""), ("3", "002", ""), ("4", "003", "Cup"), ("4", "", "?"),
    ]  # fmt: skip
    assert np.isfinite(read.times_s).all()
    assert "2 rows name several items" in told(clean_events(read, None))


@pytest.mark.parametrize(
    "items",
    [
        ("Smith, John", "Jones, Ann", "Smith, John"),  # a name is no list of other rows' items
        ("Smith, John", "Smith, Ann", "Jones, John"),
        ("a|1", "b|2", "a|1"),
        ("a;b", "c;d", "e;f"),
    ],
)
def test_an_id_with_a_sign_in_it_is_one_item(items) -> None:
    read = read_events([table({"u": ["1", "2", "3"], "i": list(items)}, user="u", item="i")])

    assert list(read.items) == list(items)
    assert read.n_parted == 0


def test_html_of_a_shop_is_read_as_its_text() -> None:
    shop = table(
        {
            "id": ["1"],
            "t": ["Salt &amp; pepper"],
            "d": ["<p>For <b>two</b> people.</p><ul><li>Oak</li></ul>"],
        },
        item="id", title="t", text="d",
    )  # fmt: skip
    items = read_items([shop]).items

    assert items.titles == ("Salt & pepper",)
    assert items.texts == ("Salt & pepper. For two people. Oak",)


def test_a_sheet_that_lost_its_zeros_is_of_the_same_users_and_items() -> None:
    log = table(
        {"u": [f"{n:04d}" for n in range(8)], "i": [f"{n:03d}" for n in range(8)]},
        user="u",
        item="i",
    )
    sheet = table({"u": ["1", "2", "99"], "i": ["1", "5", "7"]}, user="u", item="i")
    known = Items.bare(tuple(f"{n:03d}" for n in range(8)))

    cleaned = clean_events(read_events([log, sheet]), known)

    assert cleaned.report.n_kept == 11
    assert (cleaned.report.n_alike, cleaned.report.n_users_alike) == (3, 2)
    assert sorted(cleaned.events.users) == [*(f"{n:04d}" for n in range(8)), "99"]
    assert "2 events name users" in told(cleaned)


def test_ids_of_one_table_are_not_taken_for_each_other() -> None:
    rows = table({"u": ["1", "01", "001"], "i": ["a"] * 3}, user="u", item="i")

    assert sorted(clean_events(read_events([rows]), None).events.users) == ["001", "01", "1"]


def test_the_currency_may_stand_in_a_column_of_its_own() -> None:
    shop = table({"id": ["1"], "price.amount": ["4.50"], "price.currency": ["CNY"]}, item="id")
    shop = RoleTable(frame=shop.frame, roles={**shop.roles, "price.amount": "price"})

    assert read_items([shop]).items.currency == "CNY"
