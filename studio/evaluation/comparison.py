"""How sure a mean is, and whether one search is better than another: paired bootstrap intervals.

Queries are what is drawn at random: the interval says how much the figure would move with other
queries of the same kind. It is the percentile interval, expanded for few queries (Hesterberg, 2015,
"What Teachers Should Know About the Bootstrap", section 5.3). BCa was not taken: its correction needs
a jackknife that fails where most queries tie, as those of two good searches do. The module knows
neither rankings nor documents.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput
from studio.records import Notice

Outcome = Literal["better", "worse", "unclear", "same"]

MIN_QUERIES = 5
"""With fewer queries no verdict is given: too few ways to draw them anew."""

_TIE = 1e-9
_MAX_DRAWN = 2_000_000  # numbers drawn at a time: 16 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean over `n` queries and where it lies with confidence `level`; all NaN for no queries."""

    mean: float
    low: float
    high: float
    n: int
    level: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One search against another on the queries that both were scored on.

    `difference` is ours less theirs. `differences` has it per query, largest first, ties in the order
    of the scores; `n_wins`, `n_losses` and `n_ties` count them.
    """

    difference: Interval
    differences: tuple[tuple[str, float], ...]
    n_wins: int
    n_losses: int
    n_ties: int
    outcome: Outcome
    verdict: Notice


def signed(value: float, form: str) -> str:
    """A number with its sign, a true minus: "+0.012", "−3%"; `form` is that of a format string.

    What is rounded to 0 has none.
    """
    text = f"{value:+{form}}"
    is_zero = not any(sign in "123456789" for sign in text)
    return text.lstrip("+-") if is_zero else text.replace("-", "−")


def mean_interval(
    values: Sequence[float] | NDArray[np.float64],
    *,
    seed: int,
    level: float = 0.95,
    n_resamples: int = 4000,
) -> Interval:
    """The mean of one score per query with its bootstrap interval.

    A single query, and values that are all equal, give an interval of no width.

    Args:
        values: `(n,)`, finite.
        seed: decides the draws.
        level: confidence, between 0.5 and 0.999.
        n_resamples: draws; 4,000 put the ends within about 3% of the interval's width.

    Raises:
        InvalidInput: a level or number of draws out of range.
    """
    if not 0.5 <= level <= 0.999 or n_resamples < 100:
        raise InvalidInput(
            "An interval needs a confidence between 0.5 and 0.999 and at least 100 draws; {level} and "
            "{n_resamples} were asked for.",
            level=level,
            n_resamples=n_resamples,
        )
    array = np.asarray(values, dtype=np.float64)
    n = len(array)
    if n == 0:
        return Interval(mean=math.nan, low=math.nan, high=math.nan, n=0, level=level)
    mean = float(array.mean())
    if n == 1 or np.ptp(array) < _TIE:
        return Interval(mean=mean, low=mean, high=mean, n=n, level=level)
    tail = _tail(n, level)
    low, high = np.quantile(_resampled_means(array, seed, n_resamples), [tail, 1 - tail])
    return Interval(mean=mean, low=float(low), high=float(high), n=n, level=level)


def compare_scores(
    ours: Mapping[str, float],
    theirs: Mapping[str, float],
    *,
    name: str | Notice,
    baseline: str | Notice,
    measure: str,
    seed: int,
    level: float = 0.95,
) -> Comparison:
    """Whether one search is better than another, query by query.

    Args:
        ours: query id to score, as `RankingScores.by_query` gives it.
        theirs: the same of the other search; queries that only one has are left out.
        name: what the user calls the search, within a sentence.
        baseline: what the user calls the other.
        measure: what was measured, for the verdict.
        seed: decides the draws.
        level: confidence of the interval that the verdict is taken from.

    Raises:
        InvalidInput: a level out of range.
    """
    pairs = {query: ours[query] - theirs[query] for query in ours if query in theirs}
    interval = mean_interval(list(pairs.values()), seed=seed, level=level)
    outcome = _outcome(interval)
    return Comparison(
        difference=interval,
        differences=tuple(sorted(pairs.items(), key=lambda pair: -pair[1])),
        n_wins=sum(value > _TIE for value in pairs.values()),
        n_losses=sum(value < -_TIE for value in pairs.values()),
        n_ties=sum(abs(value) <= _TIE for value in pairs.values()),
        outcome=outcome,
        verdict=_verdict(outcome, interval, name, baseline, measure),
    )


def _outcome(interval: Interval) -> Outcome:
    if interval.n < MIN_QUERIES:
        return "unclear"
    if abs(interval.low) < _TIE and abs(interval.high) < _TIE:
        return "same"
    if interval.low > 0:
        return "better"
    return "worse" if interval.high < 0 else "unclear"


def _verdict(
    outcome: Outcome,
    interval: Interval,
    name: str | Notice,
    baseline: str | Notice,
    measure: str,
) -> Notice:
    facts = {
        "name": name,
        "baseline": baseline,
        "measure": measure,
        "n_queries": interval.n,
        "low": signed(interval.low, ".3f"),
        "high": signed(interval.high, ".3f"),
    }
    if interval.n < MIN_QUERIES:
        return Notice(
            "{n_queries} queries are too few to tell {name} from {baseline}. Judge the results of at "
            "least {minimum}; 50 tell more.",
            "One query is too few to tell {name} from {baseline}. Judge the results of at least "
            "{minimum}; 50 tell more.",
            minimum=MIN_QUERIES,
            **facts,
        )
    if outcome == "same":
        return Notice(
            "{name} and {baseline} are equal on all {n_queries} queries ({measure}).", **facts
        )
    if outcome == "unclear":
        return Notice(
            "It cannot be told whether {name} or {baseline} is better: the difference in {measure} "
            "lies between {low} and {high} ({n_queries} queries). Judge more queries to know.",
            **facts,
        )
    if outcome == "better":
        return Notice(
            "{name} is better than {baseline}: {measure} is higher by {difference}, and between "
            "{low} and {high} on other queries like these {n_queries}.",
            difference=f"{interval.mean:.3f}",
            **facts,
        )
    return Notice(
        "{name} is worse than {baseline}: {measure} is lower by {difference}; the difference is "
        "between {low} and {high} on other queries like these {n_queries}.",
        difference=f"{-interval.mean:.3f}",
        **facts,
    )


def _tail(n: int, level: float) -> float:
    """What is cut off at either end: less than `(1 - level) / 2`, as the t quantile asks for."""
    from scipy.special import stdtrit

    t = float(stdtrit(n - 1, (1 - level) / 2))  # negative
    return NormalDist().cdf(math.sqrt(n / (n - 1)) * t)


def _resampled_means(
    values: NDArray[np.float64], seed: int, n_resamples: int
) -> NDArray[np.float64]:
    """Means of samples as large as the whole, drawn with replacement: `(n_resamples,)`."""
    rng = np.random.default_rng(seed)
    n = len(values)
    step = max(1, _MAX_DRAWN // n)
    return np.concatenate(
        [
            values[rng.integers(0, n, size=(min(step, n_resamples - at), n))].mean(axis=1)
            for at in range(0, n_resamples, step)
        ]
    )
