"""Ids, numbers, times and kinds are read however they were written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.prototypes.recommendation.data import values


def column(*cells: str) -> pd.Series:
    return pd.Series(list(cells), dtype=str)


def test_ids_as_numbers_and_texts_are_the_same() -> None:
    assert list(values.ids(column("1", "1.0", " 1 ", "1.00"))) == ["1"] * 4
    assert list(values.ids(column("007", "1.50", "A1.0", ""))) == ["007", "1.50", "A1.0", ""]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("4,5", 4.5),
        ("1,299.00", 1299),
        ("1.299,00", 1299),
        ("1,299", 1299),
        ("¥88", 88),
        ("12 USD", 12),
        ("4/5", 4),
        ("4 / 5", 4),
        ("3 out of 5", 3),
        ("3.5 of 5 stars", 3.5),
        ("-1", -1),
        ("1e3", 1000),
    ],
)
def test_numbers_are_read(written, number) -> None:
    assert values.numbers(column(written))[0] == number


@pytest.mark.parametrize("written", ["", "x", "nan", "inf", "-", "not rated"])
def test_what_is_no_number_is_unknown(written) -> None:
    assert np.isnan(values.numbers(column(written))[0])


def test_ratings_may_be_stars_and_words_are_none() -> None:
    read = values.ratings(column("★★★", "★★☆☆☆", "⭐⭐⭐⭐", "4 stars", "good", "", "☆☆"))
    assert read[:4].tolist() == [3, 2, 4, 4]
    assert np.isnan(read[4:]).all()


NOON = datetime(2025, 3, 4, 12, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "written",
    [
        "2025-03-04T12:00:00Z",
        "2025-03-04 12:00:00",
        "2025-03-04T20:00:00+08:00",
        "2025/3/4 12:00",
        "2025年3月4日 12:00",
        "2025.03.04 12:00:00",
        "3/4/2025 12:00",
        "Mar 4, 2025 12:00",
        str(int(NOON)),
        str(int(NOON * 1000)),
        str(int(NOON * 1_000_000)),
        f"{NOON:.1f}",
    ],
)
def test_times_of_every_spelling_are_one_moment(written) -> None:
    assert values.times(column(written)).seconds[0] == pytest.approx(NOON)


def test_day_comes_first_where_one_row_shows_it() -> None:
    read = values.times(column("03/04/2025", "25/04/2025")).seconds
    assert datetime.fromtimestamp(read[0], UTC).date().isoformat() == "2025-04-03"


def test_mixed_zones_are_counted_and_unreadable_times_are_unknown() -> None:
    read = values.times(
        column("2025-01-01T10:00:00+02:00", "2025-01-01 10:00", "soon", "", "9999-01-01")
    )
    assert (read.n_zoned, read.n_plain, read.n_unread) == (1, 1, 2)
    assert np.isnan(read.seconds).tolist() == [False, False, True, True, True]


@settings(deadline=None, max_examples=50)  # pandas takes a while on a busy machine
@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2090, 1, 1)),
    st.integers(-12, 14),
)
def test_any_moment_in_any_zone_comes_back(moment, hours) -> None:
    aware = moment.replace(microsecond=0, tzinfo=timezone(timedelta(hours=hours)))
    read = values.times(column(aware.isoformat())).seconds
    assert read[0] == pytest.approx(aware.timestamp())


@settings(deadline=None, max_examples=50)  # pandas takes a while on a busy machine
@given(st.lists(st.text(max_size=12), max_size=20))
def test_nothing_that_stands_in_a_cell_breaks_the_reading(cells) -> None:
    cells_ = pd.Series(cells, dtype=str)
    assert len(values.times(cells_).seconds) == len(cells)
    assert len(values.numbers(cells_)) == len(cells)
    assert not np.isinf(values.numbers(cells_)).any()
    assert len(values.ids(cells_)) == len(values.stock(cells_)) == len(cells)


def test_stock_may_be_said_in_words() -> None:
    assert values.stock(column("yes", "售罄", "12", "Out of stock")).tolist() == [1, 0, 12, 0]


@pytest.mark.parametrize(
    ("name", "cells", "currency"),
    [
        ("price_usd", ("1",), "USD"),
        ("价格（美元）", ("1",), "USD"),
        ("price", ("€4", "€5"), "EUR"),
        ("price", ("4", "5"), ""),
    ],
)
def test_currency_is_told_by_name_or_cells(name, cells, currency) -> None:
    assert values.currency(name, column(*cells)) == currency


def test_only_web_addresses_are_kept_as_addresses() -> None:
    read = values.addresses(column("https://a.example/x.png", "javascript:alert(1)", ""))
    assert read == ("https://a.example/x.png", "", "")
    several = column(
        "https://a.example/x,1.png, https://a.example/y.png", "http://a.b/1|http://a.b/2"
    )
    assert values.addresses(several) == ("https://a.example/x,1.png", "http://a.b/1")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("20250131123045", datetime(2025, 1, 31, 12, 30, 45, tzinfo=UTC)),
        ("202501311230", datetime(2025, 1, 31, 12, 30, tzinfo=UTC)),
        ("2025/1/31 下午 3:05", datetime(2025, 1, 31, 15, 5, tzinfo=UTC)),
        ("2025年1月31日 上午12:05:09", datetime(2025, 1, 31, 0, 5, 9, tzinfo=UTC)),
        ("2025/1/31 中午 12:05", datetime(2025, 1, 31, 12, 5, tzinfo=UTC)),
        ("2025-01-31 晚上 9：05", datetime(2025, 1, 31, 21, 5, tzinfo=UTC)),
        ("45688.5", datetime(2025, 1, 31, 12, 0, tzinfo=UTC)),
        ("45688", datetime(2025, 1, 31, tzinfo=UTC)),
    ],
)
def test_times_of_spreadsheets_and_of_chinese_programs_are_read(written, expected) -> None:
    assert values.times(column(written, "")).seconds[0] == expected.timestamp()


def test_days_of_a_spreadsheet_are_read_among_dates_but_not_among_other_numbers() -> None:
    noon = str(int(NOON * 1000))
    among_dates = values.times(column("45720.5", "2025-03-04T12:00:00Z", noon, "20250304"))
    assert among_dates.seconds[:3].tolist() == [NOON] * 3
    assert among_dates.n_unread == 0
    among_numbers = values.times(column("45688", "12", "2025-01-31"))
    assert np.isnan(among_numbers.seconds[:2]).all()
    assert among_numbers.n_unread == 2


def test_usual_times_are_read_at_once_and_only_others_letter_by_letter(monkeypatch) -> None:
    spelled: list[str] = []
    read = values._spelled
    monkeypatch.setattr(values, "_spelled", lambda cells: spelled.extend(cells) or read(cells))
    cells = column("2025-02-03T10:00:00+08:00", "2025-02-03 02:00", "2025/2/3 2:00", "2025-02-99")
    assert values.times(cells).seconds[:3].tolist() == [1738548000.0] * 3
    assert spelled == ["2025/2/3 2:00", "2025-02-99"]


@pytest.mark.parametrize(
    "status",
    ["Cancelled", "canceled by buyer", "REFUNDED", "wc-cancelled", "checkout-draft", "Payment failed",
     "pending_payment", "交易关闭", "已取消", "订单已取消", "退款成功", "等待买家付款", " Voided "],
)  # fmt: skip
def test_orders_that_came_to_nothing_are_known(status: str) -> None:
    assert values.are_void(column("paid", status, "")).tolist() == [False, True, False]


@pytest.mark.parametrize(
    "status",
    ["paid", "partially_refunded", "completed", "Closed", "unfulfilled", "pending", "returning customer",
     "交易成功", "退款关闭", "部分退款", "已发货", "待发货", "", "draftsman"],
)  # fmt: skip
def test_other_orders_stand(status: str) -> None:
    assert values.are_void(column(status)).tolist() == [False]


def test_no_status_is_no_void() -> None:
    assert values.are_void(column()).tolist() == []
