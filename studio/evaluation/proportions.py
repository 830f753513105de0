"""Shares of people: how sure one is, whether two differ beyond chance, and how many more would tell.

The intervals hold for few people too, where the textbook's `p +/- 1.96 s` does not. The module knows
nothing of what the people said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from studio.errors import InvalidInput
from studio.evaluation.comparison import Interval

Z95 = 1.959964
_Z80 = 0.841621
SMALLEST_WORTH = 0.05
"""A difference of shares below this is not worth looking for: five in a hundred."""
_MOST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesCompared:
    """Two shares, and the chance of such a difference where there is none.

    `difference` is the second share less the first with its 95 % interval; `p_value` is Fisher's exact
    two-sided. `n_more` says about how many more people in all would show a difference of the size that
    was seen (at least `SMALLEST_WORTH`) four times of five; 0 where it is shown, None where that would
    be more than anybody asks.
    """

    first: Interval
    second: Interval
    difference: Interval
    p_value: float
    n_more: int | None

    @property
    def is_clear(self) -> bool:
        """Whether chance alone would give such a difference less than once in twenty."""
        return self.p_value < 0.05


def share_interval(n_yes: float, n: int) -> Interval:
    """A share with its 95 % interval; all NaN for nobody. Who is undecided counts half.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22:
    `(p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)`.

    Raises:
        InvalidInput: a number is negative, or more said yes than were asked.
    """
    _check(n_yes, n)
    if n == 0:
        return Interval(mean=math.nan, low=math.nan, high=math.nan, n=0, level=0.95)
    share, z2 = n_yes / n, Z95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * math.sqrt((share * (1 - share) + z2 / (4 * n)) / n) / (1 + z2 / n)
    # At the ends the formula is exact but for rounding.
    low = 0.0 if n_yes == 0 else middle - half
    high = 1.0 if n_yes == n else middle + half
    return Interval(mean=share, low=low, high=high, n=n, level=0.95)


def compare_shares(n_yes: int, n: int, other_yes: int, other_n: int) -> SharesCompared | None:
    """A second share against a first; None while one of them has nobody.

    The interval of the difference is Newcombe's hybrid of the two Wilson intervals (1998, "Interval
    estimation for the difference between independent proportions", Statistics in Medicine 17, method
    10); the test is Fisher's exact one.

    Args:
        n_yes: how many of the first group are content.
        n: how many of them were asked.
        other_yes: how many of the second group are content.
        other_n: how many of them were asked.

    Raises:
        InvalidInput: a number is negative, or more said yes than were asked.
    """
    first, second = share_interval(n_yes, n), share_interval(other_yes, other_n)
    if not n or not other_n:
        return None
    from scipy.stats import fisher_exact

    found = fisher_exact([[n_yes, n - n_yes], [other_yes, other_n - other_yes]])
    difference = second.mean - first.mean
    low = difference - math.hypot(second.mean - second.low, first.high - first.mean)
    high = difference + math.hypot(second.high - second.mean, first.mean - first.low)
    p_value = min(1.0, float(found.pvalue))
    wanted = people_needed(first.mean, second.mean)
    more = None if wanted is None else max(2, wanted - n - other_n)
    return SharesCompared(
        first=first,
        second=second,
        difference=Interval(mean=difference, low=low, high=high, n=n + other_n, level=0.95),
        p_value=p_value,
        n_more=0 if p_value < 0.05 else more,
    )


def people_needed(share: float, other: float) -> int | None:
    """How many people, half in each group, show a difference of these shares four times of five.

    The usual formula, at 5 % and a power of 80 %: `n = (1.96 + 0.84)² (p(1-p) + q(1-q)) / (p-q)²` per
    group (Fleiss, "Statistical Methods for Rates and Proportions", chapter 4, without its correction).
    Shares of 0 and 1 are taken as one in twenty from the end, and a smaller difference as
    `SMALLEST_WORTH`. None for more than 100,000.
    """
    p, q = (min(0.95, max(0.05, one)) for one in (share, other))
    gap = max(abs(p - q), SMALLEST_WORTH)
    per_group = (Z95 + _Z80) ** 2 * (p * (1 - p) + q * (1 - q)) / gap**2
    n = 2 * math.ceil(per_group)
    return n if n <= _MOST else None


def _check(n_yes: float, n: int) -> None:
    if not 0 <= n_yes <= n:
        raise InvalidInput(
            "{n_yes} of {n} people cannot have said yes; the first number is from 0 to the second.",
            n_yes=n_yes,
            n=n,
        )
