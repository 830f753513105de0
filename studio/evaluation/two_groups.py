"""Whether something measured differs between two groups of people: a bootstrap of the difference.

People are drawn, each with all that was measured of them, and not single measurements: those of one
person are alike, and counting them one by one would make chance look like a finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studio.evaluation.comparison import Interval

MIN_PEOPLE = 5
"""With fewer people in a group no verdict is given: too few ways to draw them anew."""
N_DRAWS = 2000
_MAX_VALUES = 2_000_000  # drawn in all for a group: a large one gets fewer draws, but never below
_MIN_DRAWS = 400

Groups = Sequence[Sequence[float]]
"""One sequence of measurements per person."""
Middle = Literal["median", "mean"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsCompared:
    """The middles of two groups with 95 % intervals, and the second less the first.

    `n` of an interval counts people; `n_values` and `other_n_values` measurements.
    """

    first: Interval
    second: Interval
    difference: Interval
    n_values: int
    other_n_values: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval of the difference leaves out zero, with enough people in both."""
        enough = min(self.first.n, self.second.n) >= MIN_PEOPLE
        return enough and not self.difference.low <= 0.0 <= self.difference.high


def compare_groups(
    people: Groups, others: Groups, middle: Middle, *, seed: int
) -> GroupsCompared | None:
    """The median or mean of a second group against that of a first; None while one has nothing.

    Percentile intervals of the bootstrap over people (Davison and Hinkley, "Bootstrap Methods and
    their Application", sections 3.8 and 5.3).

    Args:
        people: the first group's measurements, person by person.
        others: the second group's.
        middle: of all measurements of a group; a median for times, a mean for what is summed up.
        seed: decides the draws.
    """
    first, second = _arrays(people), _arrays(others)
    if not first or not second:
        return None
    rng = np.random.default_rng(seed)
    n_draws = min(_draws(first), _draws(second))
    ours, theirs = (_middles(one, middle, n_draws, rng) for one in (first, second))
    found, other = (_middle(np.concatenate(one), middle) for one in (first, second))
    return GroupsCompared(
        first=_interval(found, ours, len(first)),
        second=_interval(other, theirs, len(second)),
        difference=_interval(other - found, theirs - ours, len(first) + len(second)),
        n_values=sum(map(len, first)),
        other_n_values=sum(map(len, second)),
    )


def _middle(values: NDArray[np.float64], middle: Middle) -> float:
    return float(np.median(values) if middle == "median" else values.mean())


def _arrays(people: Groups) -> list[NDArray[np.float64]]:
    return [np.asarray(one, dtype=np.float64) for one in people if len(one)]


def _draws(people: Sequence[NDArray[np.float64]]) -> int:
    n_values = sum(map(len, people))
    return min(N_DRAWS, max(_MIN_DRAWS, _MAX_VALUES // max(1, n_values)))


def _middles(
    people: Sequence[NDArray[np.float64]], middle: Middle, n_draws: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """The middles of so many draws of as many people, with all that was measured of each."""
    n = len(people)
    drawn = rng.integers(0, n, size=(n_draws, n))
    if middle == "mean":
        sums = np.array([one.sum() for one in people])
        sizes = np.array([len(one) for one in people])
        return np.asarray(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    if all(len(one) == 1 for one in people):  # nothing to keep together, and much quicker
        return np.asarray(np.median(np.concatenate(people)[drawn], axis=1))
    return np.array([np.median(np.concatenate([people[at] for at in row])) for row in drawn])


def _interval(middle: float, drawn: NDArray[np.float64], n: int) -> Interval:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(mean=middle, low=float(low), high=float(high), n=n, level=0.95)
