"""Whether something measured differs between two groups of people: a bootstrap of the difference.

People are drawn, each with all that was measured of them, and not single measurements: those of one
person are alike, and counting them one by one would make chance look like a finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, kw_only=True)
class MediansCompared:
    """The medians of two groups with 95 % intervals, and the second less the first.

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


def compare_medians(people: Groups, others: Groups, *, seed: int) -> MediansCompared | None:
    """The median of a second group against that of a first; None while one of them has nothing.

    Percentile intervals of the bootstrap over people (Davison and Hinkley, "Bootstrap Methods and
    their Application", sections 3.8 and 5.3).

    Args:
        people: the first group's measurements, person by person.
        others: the second group's.
        seed: decides the draws.
    """
    first, second = _arrays(people), _arrays(others)
    if not first or not second:
        return None
    rng = np.random.default_rng(seed)
    n_draws = min(_draws(first), _draws(second))
    ours, theirs = _medians(first, n_draws, rng), _medians(second, n_draws, rng)
    middle, other_middle = (float(np.median(np.concatenate(one))) for one in (first, second))
    return MediansCompared(
        first=_interval(middle, ours, len(first)),
        second=_interval(other_middle, theirs, len(second)),
        difference=_interval(other_middle - middle, theirs - ours, len(first) + len(second)),
        n_values=sum(map(len, first)),
        other_n_values=sum(map(len, second)),
    )


def median_interval(people: Groups, *, seed: int) -> Interval | None:
    """The median of one group with its 95 % interval over people; None where nothing was measured."""
    arrays = _arrays(people)
    if not arrays:
        return None
    drawn = _medians(arrays, _draws(arrays), np.random.default_rng(seed))
    return _interval(float(np.median(np.concatenate(arrays))), drawn, len(arrays))


def _arrays(people: Groups) -> list[NDArray[np.float64]]:
    return [np.asarray(one, dtype=np.float64) for one in people if len(one)]


def _draws(people: Sequence[NDArray[np.float64]]) -> int:
    n_values = sum(map(len, people))
    return min(N_DRAWS, max(_MIN_DRAWS, _MAX_VALUES // max(1, n_values)))


def _medians(
    people: Sequence[NDArray[np.float64]], n_draws: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    n = len(people)
    if all(len(one) == 1 for one in people):  # nothing to keep together, and much quicker
        values = np.concatenate(people)
        return np.asarray(np.median(values[rng.integers(0, n, size=(n_draws, n))], axis=1))
    drawn = rng.integers(0, n, size=(n_draws, n))
    return np.array([np.median(np.concatenate([people[at] for at in row])) for row in drawn])


def _interval(middle: float, drawn: NDArray[np.float64], n: int) -> Interval:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(mean=middle, low=float(low), high=float(high), n=n, level=0.95)
