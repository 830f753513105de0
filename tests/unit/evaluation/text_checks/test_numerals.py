"""Numbers by their value, however they are written; and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.evaluation.text_checks.numerals import numbers_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3,000 mm and 2.10 kg", {"3000": "3,000", "2.1": "2.10"}),
        ("\uff10.\uff15", {"0.5": "0.5"}),
        ("2 million people, 1.5 thousand of them here", {"2000000": None, "1500": None}),
        ("twenty-five", {"25": "twenty-five"}),
        ("one hundred and five days", {"105": "one hundred and five"}),
        ("three hundred thousand", {"300000": None}),
        ("One thousand two hundred", {"1200": "One thousand two hundred"}),
        ("nine ten", {"9": "nine", "10": "ten"}),
        ("two or three, a dozen or a hundred", {"2": None, "3": None, "12": None, "100": None}),
        ("保修三十年，五百人好评", {"30": "三十", "500": "五百"}),
        ("二〇二四年", {"2024": "二〇二四"}),
        ("一千零一夜", {"1001": None}),
        ("两万五", {"25000": None}),
        ("三万零五百", {"30500": None}),
        ("一万二千亿元", {"1200000000000": None}),
        ("一亿二千万", {"120000000": None}),
        ("十五，二十三天，一百五", {"15": None, "23": None, "150": None}),
        ("百分之三十", {"30": "百分之三十"}),
        ("二点五公斤", {"2.5": "二点五"}),
        ("3万人，1.5亿", {"30000": "3万", "150000000": "1.5亿"}),
        ("三千克，4千瓦，5千米", {"3": None, "4": "4", "5": "5"}),
        ("保修五年，两个门厅", {"5": "五", "2": "两"}),
    ],
)
def test_numbers_are_read_by_their_value(text, found):
    read = numbers_in(text)
    assert set(read) == set(found)
    assert all(written in (None, read[value]) for value, written in found.items())


@pytest.mark.parametrize(
    "text",
    [
        "No one is the one. A million thanks? Hundreds of stars, often.".replace(
            "A million", "Many"
        ),
        "三明治十分好吃，千万别错过，万一没有呢",
        "七八个人",
        "第三代",
        "四周都是，一个也没有",
    ],
)
def test_what_only_looks_like_a_number_is_none(text):
    assert numbers_in(text) == {}


def test_ones_count_where_they_are_asked_for():
    assert numbers_in("one door, 一个", with_ones=True) == {"1": "one"}


@given(st.integers(2, 999_999))
def test_a_chinese_numeral_has_the_value_of_its_digits(value):
    assert list(numbers_in(f"{chinese(value)}个")) == [str(value)]


def chinese(value: int) -> str:
    """A numeral as it is read aloud, after the usual rule for zeros."""
    if value >= 10_000:
        rest = value % 10_000
        zero = "零" if 0 < rest < 1_000 else ""
        return chinese(value // 10_000) + "万" + zero + (chinese(rest) if rest else "")
    written, is_gap = "", False
    for unit, name in ((1_000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            written += ("零" if is_gap and written else "") + "零一二三四五六七八九"[digit] + name
        is_gap = not digit
    return written
