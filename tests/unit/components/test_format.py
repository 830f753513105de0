from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from components import format as fmt

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1234, "1,200"),
        (0.01234, "0.012"),
        (9.96, "10"),
        (-3.14159, "-3.1"),
        (99.6, "100"),
        (1.23e30, "1.2E30"),  # babel alone fails on it
    ],
)
def test_number_keeps_two_significant_digits(value, text) -> None:
    assert fmt.number(value) == text


def test_number_without_a_value_is_a_dash() -> None:
    assert fmt.number(float("nan")) == "–"
    assert fmt.number(float("inf")) == "–"


def test_tiny_amounts_are_not_rounded_to_nothing() -> None:
    assert fmt.money(Decimal("0.0000000612")) == "0.000000061 USD"


def test_unknown_price_is_never_zero() -> None:
    assert fmt.money(None) == "unknown"
    assert fmt.money(Decimal(0)) == "0 USD"


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [
        (0, "0 B"),
        (999, "1 kB"),
        (92_871_040, "93 MB"),
        (999_999_999, "1 GB"),
        (2.5e15, "2,500 TB"),
        (None, "–"),
    ],
)
def test_size_is_in_the_unit_that_reads_best(n_bytes, text) -> None:
    assert fmt.size(n_bytes) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0042, "4.2 ms"), (0.5, "0.5 s"), (59, "59 s"), (99.9, "1.7 min"), (7200, "2 h")],
)
def test_duration_is_in_the_unit_that_reads_best(seconds, text) -> None:
    assert fmt.duration(seconds) == text


def test_rates_carry_their_unit() -> None:
    assert fmt.per_second(51.3, "tokens") == "51 tokens/s"
    assert fmt.per_second(12_300_000, "bytes") == "12 MB/s"


def test_ago_reads_like_speech_and_becomes_a_date() -> None:
    assert fmt.ago(NOW - timedelta(seconds=20), NOW) == "just now"
    assert fmt.ago(NOW - timedelta(minutes=5), NOW) == "5 minutes ago"
    assert fmt.ago(NOW - timedelta(days=30), NOW) == "Feb 12, 2026"


def test_chinese_writes_numbers_and_times_its_own_way(monkeypatch) -> None:
    monkeypatch.setattr("components.i18n.language", lambda: "zh")
    assert fmt.ago(NOW - timedelta(minutes=5), NOW) == "5分钟前"
    assert fmt.duration(59) == "59 秒"


def test_count_is_exact() -> None:
    assert fmt.count(1234567) == "1,234,567"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0345, "3.5%"), (0.0, "0%"), (3.7e-7, "<0.01%"), (0.0001, "0.01%"), (float("nan"), "–")],
)
def test_a_share_is_shown_in_digits_that_somebody_reads(value: float, shown: str) -> None:
    assert fmt.share(value) == shown


def test_a_moment_in_a_list_is_told_to_the_minute() -> None:
    assert fmt.when(NOW).replace("\u202f", " ") == "3/14/26, 12:00 PM"


def test_chinese_sentences_follow_each_other_without_a_space(monkeypatch) -> None:
    assert fmt.sentences("One.", "", "Two.") == "One. Two."
    monkeypatch.setattr("components.i18n.language", lambda: "zh")
    assert fmt.sentences("一。", "二。") == "一。二。"
