"""Arrivals: their rate and shape, and traces that come out of order, with holes or with nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from studio.economics.service_time import spread
from studio.economics.traffic import (
    busiest_hour,
    daily_arrivals,
    daily_rates,
    peak_rate_per_s,
    poisson,
    read_trace,
    read_trace_file,
)
from studio.errors import DataError, InvalidInput


def test_poisson_has_its_rate_and_its_spread() -> None:
    arrivals = poisson(5.0, 20_000, np.random.default_rng(0))
    assert len(arrivals) / arrivals[-1] == pytest.approx(5, rel=0.03)
    assert spread(np.diff(arrivals)) == pytest.approx(1, abs=0.05)
    assert (
        poisson(5.0, 9, np.random.default_rng(1)) == poisson(5.0, 9, np.random.default_rng(1))
    ).all()


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_rate_of_nothing_is_refused(rate) -> None:
    with pytest.raises(InvalidInput):
        poisson(rate, 5, np.random.default_rng(0))


@pytest.mark.parametrize("factor", [1.0, 2.0, 3.0, 5.0, 12.0])
def test_a_day_has_its_mean_and_its_peak(factor) -> None:
    rates = daily_rates(2.0, factor, peak_hour=14)
    assert rates.mean() == pytest.approx(2)
    assert rates.max() / rates.mean() == pytest.approx(factor, rel=1e-6)
    assert factor == 1 or rates.argmax() == 14


@pytest.mark.parametrize(("rate", "factor"), [(1.0, 0.5), (1.0, 13.0), (-1.0, 3.0)])
def test_a_day_out_of_range_is_refused(rate, factor) -> None:
    with pytest.raises(InvalidInput):
        daily_rates(rate, factor)


def test_arrivals_of_a_day_follow_its_hours() -> None:
    rates = daily_rates(0.5, 4.0)
    arrivals = daily_arrivals(rates, np.random.default_rng(0))
    counts = np.histogram(arrivals, 24, (0, 86_400))[0]
    assert (np.diff(arrivals) >= 0).all()
    assert counts[14] == pytest.approx(rates[14] * 3600, rel=0.06)
    with pytest.raises(InvalidInput, match="too long"):
        daily_arrivals(daily_rates(1000.0, 4.0), np.random.default_rng(0))


def test_a_months_requests_become_a_rate_per_second() -> None:
    # 1,000 users x 300 a month over 2,592,000 s, three times that in the busiest hour.
    assert peak_rate_per_s(1000, 300, 3) == pytest.approx(300_000 / 2_592_000 * 3)


def test_a_trace_is_read_with_its_tokens() -> None:
    table = pd.DataFrame({"offset_s": [5.0, 6.0, 8.0], "context_tokens": [3, 4, 5],
                          "generated_tokens": [1, 2, 3]})  # fmt: skip
    trace = read_trace(table)
    assert trace.arrivals_s.tolist() == [0, 1, 3]
    assert trace.tokens_in is not None
    assert trace.tokens_in.tolist() == [3, 4, 5]
    assert trace.rate_per_s == pytest.approx(2 / 3)
    assert trace.notices == ()
    assert trace.at_rate(2.0).rate_per_s == pytest.approx(2.0)
    assert trace.at_rate(2.0).ca2 == pytest.approx(trace.ca2)


def test_a_trace_out_of_order_is_sorted_and_said_so() -> None:
    trace = read_trace(pd.DataFrame({"time": [3.0, 1.0, 2.0], "tokens_in": [30, 10, 20],
                                     "tokens_out": [3, 1, 2]}))  # fmt: skip
    assert trace.arrivals_s.tolist() == [0, 1, 2]
    assert trace.tokens_out is not None
    assert trace.tokens_out.tolist() == [1, 2, 3]
    assert "order" in str(trace.notices[0])


def test_gaps_are_kept_and_told_of() -> None:
    times = [*np.arange(100.0), *(np.arange(100.0) + 90_000)]
    trace = read_trace(pd.DataFrame({"seconds": times}))
    assert trace.arrivals_s[-1] == pytest.approx(90_099)
    assert "they are: 1, the longest" in str(trace.notices[0])


def test_rows_that_cannot_be_read_are_left_out_and_counted() -> None:
    table = pd.DataFrame({"timestamp": ["2023-11-16 18:17:03", "?", "2023-11-16 18:17:05", None]})
    trace = read_trace(table)
    assert trace.arrivals_s.tolist() == [0, 2]
    assert "cannot be read: 2 of the rows" in str(trace.notices[0])


@pytest.mark.parametrize("odd", [-1, 1e300, "?", None])
def test_a_row_whose_tokens_cannot_be_read_still_came(odd) -> None:
    table = pd.DataFrame({"time": [1, 2, 3], "tokens_in": [5, odd, 5], "tokens_out": [1, 1, 1]})
    trace = read_trace(table)
    assert trace.arrivals_s.tolist() == [0, 1, 2]
    assert trace.tokens_in is None


@pytest.mark.parametrize(
    ("scale", "unit"), [(1e3, "milliseconds"), (1e6, "microseconds"), (1e9, "nanoseconds")]
)
def test_times_of_logs_in_parts_of_a_second_become_seconds_and_are_said_to(scale, unit) -> None:
    table = pd.DataFrame({"timestamp": [1.7e9 * scale, (1.7e9 + 2) * scale, (1.7e9 + 3) * scale]})
    trace = read_trace(table)
    assert trace.arrivals_s.tolist() == pytest.approx([0, 2, 3], abs=1e-3)
    assert unit in str(trace.notices[0])
    assert read_trace(pd.DataFrame({"timestamp": [1.7e9, 1.7e9 + 2]})).notices == ()


def test_the_year_one_is_a_date_and_what_is_beyond_all_dates_is_none() -> None:
    dates = pd.DataFrame({"time": ["0001-01-01", "0001-01-02", "9999-12-31"]})
    assert read_trace(dates).arrivals_s[1] == 86_400
    assert len(read_trace(pd.DataFrame({"time": [1.0, 2.0, 1e300]})).arrivals_s) == 2


def test_the_busiest_hour_is_that_of_the_day() -> None:
    rates = daily_rates(2.0, 4.0)
    arrivals = busiest_hour(rates, 10**6, np.random.default_rng(0))
    assert len(arrivals) == 8 * 3600
    assert arrivals[-1] == pytest.approx(3600, rel=0.02)
    assert len(busiest_hour(rates, 100, np.random.default_rng(0))) == 100


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"when": [1, 2]}),
        pd.DataFrame({"time": [1.0]}),
        pd.DataFrame({"time": ["a", "b", "c"]}),
        pd.DataFrame({"time": [4.0, 4.0, 4.0]}),
        pd.DataFrame({"time": [np.inf, np.inf, 1.0]}),
        pd.DataFrame(),
    ],
)
def test_a_table_without_traffic_in_it_is_refused(table) -> None:
    with pytest.raises(DataError):
        read_trace(table)


def test_an_uploaded_file_is_read_and_what_is_none_is_refused() -> None:
    trace = read_trace_file("\ufeffoffset_s\n2\n1\n".encode())
    assert trace.arrivals_s.tolist() == [0, 1]
    for content in (b"", b"\xff\xfe\x00\x01", b'a,b\n1,2,3\n"'):
        with pytest.raises(DataError):
            read_trace_file(content)
