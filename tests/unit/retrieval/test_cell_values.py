from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.retrieval.cell_values import date_of, day_order, has_decimal_comma, number_of


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12), (" 12.5 ", 12.5), ("-3", -3), ("\u22123", -3), ("+4", 4), ("0.125", 0.125),
        ("1,299", 1299), ("1,299.50", 1299.5), ("1.299,50", 1299.5), ("1 299,50", 1299.5),
        ("1'299.50", 1299.5), ("1.299.000", 1_299_000), ("12,5", 12.5), ("0,125", 0.125),
        ("¥1,299", 1299), ("￥１２９９", 1299), ("1299元", 1299), ("12块", 12), ("$ 5", 5), ("-$5", -5),
        ("19,90 €", 19.9), ("EUR 20", 20), ("HK$ 30", 30), ("20 %", 20), ("20％", 20), ("1e3", 1000),
        ("1.5", 1.5), ("5.", 5), ("99元/件", 99), ("¥99起", 99), ("约 99 元", 99), ("€ 9,90/kg", 9.9),
        ("1.2万", 12000), ("3千+", 3000),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text, number) -> None:
    assert number_of(text) == pytest.approx(number)


@pytest.mark.parametrize(
    "text",
    ["", " ", "ten", "XR-200", "12 cm", "1-2", "3/4", "1.2.3", "12,34,56", "1,2.3,4", "2026-01-02",
     "€", "-", "5 apples", "1,29,000"],
)  # fmt: skip
def test_what_is_no_number_is_not_guessed(text) -> None:
    assert number_of(text) is None


@given(st.floats(-1e9, 1e9, allow_nan=False))
def test_every_written_number_is_read(number) -> None:
    assert number_of(f"{number:,.2f}") == pytest.approx(round(number, 2), abs=0.01)


@pytest.mark.parametrize(
    "text",
    ["2026-03-04", "2026/3/4", "2026.03.04", "2026年3月4日", "2026-03-04T10:00:00Z",
     "2026-03-04 10:00", "04.03.2026", "4 March 2026", "4 Mar 2026", "4th March, 2026",
     "March 4, 2026", "Mar. 4 2026", "２０２６年３月４日", "20260304", "04.03.26", "2026/3/4 下午 3:05",
     "2026年3月4日下午3：05"],
)  # fmt: skip
def test_dates_as_people_write_them(text) -> None:
    assert date_of(text) == date(2026, 3, 4)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13-01", "30.02.2026", "4 Foo 2026", "03/04/2026", "1.2.10", "1-2-10"]
)
def test_what_is_no_date_or_may_be_two_is_not_guessed(text) -> None:
    assert date_of(text) is None


def test_a_column_tells_what_its_slashes_mean() -> None:
    assert day_order(["03/04/2026", "25/04/2026"]) == "day first"
    assert day_order(["03/04/2026", "04/25/2026"]) == "month first"
    assert day_order(["03/04/2026"]) is None
    assert day_order(["25/04/2026", "04/25/2026"]) is None
    assert date_of("03/04/2026", "day first") == date(2026, 4, 3)
    assert date_of("03/04/2026", "month first") == date(2026, 3, 4)
    assert date_of("3/4/26", "month first") == date(2026, 3, 4)
    assert day_order(["3/4/26", "4/25/26"]) == "month first"


def test_a_month_alone_is_its_first_day() -> None:
    assert date_of("2026年3月") == date_of("2026-03") == date(2026, 3, 1)
    assert date_of("2026-13") is None
    assert date_of("20261345") is None


def test_a_column_tells_whether_its_points_part_thousands() -> None:
    assert has_decimal_comma(["1.299 €", "70,50 €"])
    assert has_decimal_comma(["1.299,00 €"])
    assert not has_decimal_comma(["1.299", "1,299"])
    assert not has_decimal_comma(["70,50", "70.50"])
    assert number_of("1.299 €", has_decimal_comma=True) == 1299
    assert number_of("1.299,50 €", has_decimal_comma=True) == 1299.5
    assert number_of("0,125", has_decimal_comma=True) == 0.125
