"""When requests come: evenly by chance, over a day with a peak, or as an uploaded trace has them.

Everything gives arrivals in ascending seconds, for `simulation`. Chance comes from a generator that the
caller seeds. Knows no engine and no file.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studio.economics.service_time import spread
from studio.errors import DataError, InvalidInput
from studio.records import Notice

PEAK_HOUR = 14
HOURS = 24
_DAY_S = 86_400.0
_DAYS_PER_MONTH = 30
_GAP_FACTOR = 50.0
_MOST_ARRIVALS = 2_000_000
_LONGEST_S = 1e12  # beyond any date: such a time is none
_MOST_TOKENS = 1e9  # beyond any text
_FINER: tuple[tuple[float, float, Notice], ...] = (
    (1e17, 1e9, Notice("nanoseconds")),
    (1e14, 1e6, Notice("microseconds")),
    (1e11, 1e3, Notice("milliseconds")),
)
"""Times above the first number are no seconds since 1970; they are in the second's part of one."""
_TIMES = ("offset_s", "seconds", "timestamp", "time", "started_at", "arrived_at")
_TOKENS_IN = ("tokens_in", "context_tokens", "input_tokens", "prompt_tokens", "num_prefill_tokens")
_TOKENS_OUT = (
    "tokens_out",
    "generated_tokens",
    "output_tokens",
    "completion_tokens",
    "num_decode_tokens",
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """Arrivals as they were: `(n,)` ascending seconds from 0, with tokens where all rows have them.

    `notices` say what was mended: rows out of order, unreadable rows, gaps, times finer than seconds.
    """

    arrivals_s: Floats
    tokens_in: NDArray[np.int64] | None
    tokens_out: NDArray[np.int64] | None
    notices: tuple[Notice, ...] = ()

    @property
    def rate_per_s(self) -> float:
        """Mean requests per second; 0 for fewer than two."""
        span_s = float(self.arrivals_s[-1]) if len(self.arrivals_s) else 0.0
        return (len(self.arrivals_s) - 1) / span_s if span_s else 0.0

    @property
    def ca2(self) -> float:
        """Squared coefficient of variation of the times between arrivals; 1 is Poisson."""
        return spread(np.diff(self.arrivals_s))

    def first(self, n: int) -> Trace:
        """The first `n` requests; all of them where there are fewer."""
        return Trace(
            arrivals_s=self.arrivals_s[:n],
            tokens_in=None if self.tokens_in is None else self.tokens_in[:n],
            tokens_out=None if self.tokens_out is None else self.tokens_out[:n],
            notices=self.notices,
        )

    def at_rate(self, rate_per_s: float) -> Trace:
        """The same trace, faster or slower, so that its mean rate is this one.

        Raises:
            InvalidInput: the rate is not above 0.
        """
        _check_rate(rate_per_s)
        return Trace(
            arrivals_s=self.arrivals_s * (self.rate_per_s / rate_per_s),
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out,
            notices=self.notices,
        )


def poisson(rate_per_s: float, n: int, rng: np.random.Generator) -> Floats:
    """`(n,)` arrivals of many callers who know nothing of each other, at a mean rate above 0.

    Raises:
        InvalidInput: the rate is not above 0.
    """
    _check_rate(rate_per_s)
    return np.cumsum(rng.exponential(1 / rate_per_s, n))


def daily_rates(mean_rate_per_s: float, peak_factor: float, peak_hour: int = PEAK_HOUR) -> Floats:
    """`(24,)` requests per second in each hour of a day, the given mean over all of them.

    The curve is `exp(k cos(hour - peak))`, the one with a single smooth peak (von Mises), with `k` such
    that the busiest hour has `peak_factor` times the mean.

    Args:
        mean_rate_per_s: 0 or more.
        peak_factor: from 1 (every hour alike) to 12.
        peak_hour: the busiest hour, 0 to 23.

    Raises:
        InvalidInput: the factor or the rate is out of range.
    """
    if not 1 <= peak_factor <= 12 or not (math.isfinite(mean_rate_per_s) and mean_rate_per_s >= 0):
        raise InvalidInput(
            "A mean of {rate} requests per second with a peak factor of {factor}: the rate must be 0"
            " or more, the factor between 1 and 12.",
            rate=mean_rate_per_s,
            factor=peak_factor,
        )
    angle = 2 * np.pi * (np.arange(HOURS) - peak_hour) / HOURS
    low, high = 0.0, 500.0
    for _ in range(60):
        middle = (low + high) / 2
        if _peak(middle, angle) < peak_factor:
            low = middle
        else:
            high = middle
    curve = np.exp(high * (np.cos(angle) - 1))
    return np.asarray(mean_rate_per_s * curve / curve.mean(), np.float64)


def daily_arrivals(hourly_rates: Floats, rng: np.random.Generator) -> Floats:
    """Arrivals of one day: Poisson within each hour at that hour's rate; ascending, may be empty.

    Raises:
        InvalidInput: it would be more than two million.
    """
    expected = float(hourly_rates.sum()) * _DAY_S / HOURS
    if expected > _MOST_ARRIVALS:
        raise InvalidInput(
            "A day of {n:,.0f} requests is too long to simulate; at most {limit:,} can be. Simulate"
            " its busiest hour.",
            n=expected,
            limit=_MOST_ARRIVALS,
        )
    hour_s = _DAY_S / HOURS
    parts = [
        hour * hour_s + rng.uniform(0, hour_s, rng.poisson(rate * hour_s))
        for hour, rate in enumerate(hourly_rates)
    ]
    return np.sort(np.concatenate(parts))


def busiest_hour(hourly_rates: Floats, most: int, rng: np.random.Generator) -> Floats:
    """Poisson arrivals of a day's busiest hour, or of its first `most` requests where it has more."""
    rate = float(hourly_rates.max())
    return poisson(rate, max(1, min(most, round(rate * _DAY_S / HOURS))), rng)


def peak_rate_per_s(users: float, requests_per_user_month: float, peak_factor: float) -> float:
    """Requests per second in the busiest hour: `users x requests / (30 x 86,400) x peak factor`.

    By definition of the mean rate; the peak factor is an assumption (`shared_lines.PEAK_FACTOR`).
    """
    return users * requests_per_user_month / (_DAYS_PER_MONTH * _DAY_S) * peak_factor


def read_trace_file(content: bytes) -> Trace:
    """The arrivals of an uploaded CSV file; see `read_trace`.

    Raises:
        DataError: it is no CSV file in UTF-8, or `read_trace` finds no traffic in it.
    """
    try:
        table = pd.read_csv(io.BytesIO(content), encoding="utf-8-sig")
    except (UnicodeDecodeError, ValueError) as error:  # pandas' own errors are ValueErrors
        raise DataError(
            "The trace cannot be read as a table. Save it as CSV with a header line, in UTF-8."
        ) from error
    return read_trace(table)


def read_trace(table: pd.DataFrame) -> Trace:
    """The arrivals of an uploaded table, put in order.

    A column called offset_s, seconds, timestamp, time, started_at or arrived_at has the times: seconds,
    finer parts of one since 1970, or dates with times. Tokens are taken where there are columns of both
    and all can be read. Rows whose time cannot be read are left out; rows out of order are sorted; gaps
    are kept and told of.

    Raises:
        DataError: there is no column of times, or fewer than two rows can be read.
    """
    names = {str(name).strip().lower(): name for name in table.columns}
    when = next((names[name] for name in _TIMES if name in names), None)
    if when is None:
        raise DataError(
            "The trace has no column of times. Name one of its columns offset_s (seconds) or"
            " timestamp. It has: {columns}.",
            columns=", ".join(map(str, table.columns)) or "-",
        )
    at, read_as = _seconds(table[when])
    columns = {"at": at.where(at.abs() <= _LONGEST_S)}
    tokens = [_named(table, names, known) for known in (_TOKENS_IN, _TOKENS_OUT)]
    if tokens[0] is not None and tokens[1] is not None:
        columns["tokens_in"], columns["tokens_out"] = (
            column.where(column.between(0, _MOST_TOKENS)) for column in tokens if column is not None
        )
    rows = pd.DataFrame(columns)
    kept = rows.dropna(subset=["at"])
    if len(kept) < 2:
        raise DataError(
            "The trace has {n} rows with a time that can be read; at least 2 are needed.",
            n=len(kept),
        )
    notices = [*read_as, *_left_out(len(rows) - len(kept)), *_disorder(kept["at"].to_numpy(float))]
    kept = kept.sort_values("at", kind="stable")
    arrivals = kept["at"].to_numpy(float)
    arrivals = arrivals - arrivals[0]
    if arrivals[-1] == 0:
        raise DataError("All rows of the trace have the same time; there is no traffic in it.")
    has_tokens = "tokens_in" in kept and not kept.isna().any(axis=None)
    return Trace(
        arrivals_s=arrivals,
        tokens_in=kept["tokens_in"].to_numpy(np.int64) if has_tokens else None,
        tokens_out=kept["tokens_out"].to_numpy(np.int64) if has_tokens else None,
        notices=(*notices, *_gaps(arrivals)),
    )


def _named(table: pd.DataFrame, names: dict[str, str], known: tuple[str, ...]) -> pd.Series | None:
    found = next((names[name] for name in known if name in names), None)
    return None if found is None else pd.to_numeric(table[found], errors="coerce")


def _seconds(column: pd.Series) -> tuple[pd.Series, list[Notice]]:
    """Seconds as they are, or since 1970 where the column has dates; NaN where unreadable.

    With them what is to be said of how they were read.
    """
    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.notna().mean() >= 0.5:
        return _in_seconds(numbers.astype("float64"))
    dates = pd.to_datetime(column, errors="coerce", utc=True, format="mixed")
    # In nanoseconds, as a Timestamp is at first, the year 1 would be out of bounds.
    start = pd.Timestamp(0, tz="UTC").as_unit("s")
    return (dates.dt.as_unit("us") - start).dt.total_seconds(), []


def _in_seconds(numbers: pd.Series) -> tuple[pd.Series, list[Notice]]:
    """Times since 1970 that are too large for seconds, as logs write them, made seconds."""
    middle = float(numbers.abs().median())
    for above, scale, unit in _FINER:
        if middle > above:
            said = Notice(
                "The times are too large for seconds; they were read as {unit}.", unit=unit
            )
            return numbers / scale, [said]
    return numbers, []


def _left_out(n: int) -> list[Notice]:
    if not n:
        return []
    return [Notice("Left out, as their time cannot be read: {n} of the rows.", n=n)]


def _disorder(at_s: Floats) -> list[Notice]:
    n = int((np.diff(at_s) < 0).sum())
    if not n:
        return []
    return [Notice("The rows were not in order of time (steps back: {n}); they were sorted.", n=n)]


def _gaps(arrivals_s: Floats) -> list[Notice]:
    between = np.diff(arrivals_s)
    usual = float(between.mean())
    n = int((between > _GAP_FACTOR * usual).sum())
    if not n:
        return []
    return [
        Notice(
            "Gaps without requests were kept as they are: {n}, the longest of {longest:.0f} s.",
            n=n,
            longest=float(between.max()),
        )
    ]


def _peak(k: float, angle: Floats) -> float:
    curve = np.exp(k * (np.cos(angle) - 1))
    return float(curve.max() / curve.mean())


def _check_rate(rate_per_s: float) -> None:
    if not (math.isfinite(rate_per_s) and rate_per_s > 0):
        raise InvalidInput(
            "A rate of {rate} requests per second has no arrivals; it must be above 0.",
            rate=rate_per_s,
        )
