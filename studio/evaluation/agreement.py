"""How far two judges agree beyond chance: Cohen's kappa with its interval.

Knows neither people nor models: only what each said of the same things.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from studio.errors import InvalidInput
from studio.evaluation.comparison import Interval

N_RESAMPLES = 2000
MIN_LABELS = 20
"""With fewer common labels nothing is said about agreement: the interval is nearly everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How two judges agree on `n` things.

    `share` is how often they said the same. `kappa` is 1 for always, 0 for as often as by chance, and
    below 0 for less; its mean is NaN where both always say the same one word, as chance explains all.
    """

    share: float
    kappa: Interval
    n: int

    @property
    def is_enough(self) -> bool:
        """Whether it rests on enough common labels to be read."""
        return self.n >= MIN_LABELS


def agreement(
    ours: Sequence[Hashable], theirs: Sequence[Hashable], *, seed: int
) -> Agreement | None:
    """How two judges agree; None for nothing in common.

    `kappa = (p_o - p_e) / (1 - p_e)` (Cohen, 1960, "A coefficient of agreement for nominal scales");
    the interval is the percentile interval of 2,000 bootstrap draws.

    Args:
        ours: what the first said, thing by thing.
        theirs: what the second said, in the same order.
        seed: decides the draws.

    Raises:
        InvalidInput: the two have different lengths.
    """
    if len(ours) != len(theirs):
        raise InvalidInput(
            "Two judges must have judged the same things; {n} and {m} were given.",
            n=len(ours),
            m=len(theirs),
        )
    n = len(ours)
    if not n:
        return None
    rng = np.random.default_rng(seed)
    drawn = []
    for row in rng.integers(0, n, size=(N_RESAMPLES, n)):
        value = cohen_kappa([ours[at] for at in row], [theirs[at] for at in row])
        if math.isfinite(value):
            drawn.append(value)
    low, high = np.quantile(drawn, [0.025, 0.975]) if drawn else (math.nan, math.nan)
    return Agreement(
        share=sum(a == b for a, b in zip(ours, theirs, strict=True)) / n,
        kappa=Interval(
            mean=cohen_kappa(ours, theirs), low=float(low), high=float(high), n=n, level=0.95
        ),
        n=n,
    )


def cohen_kappa(ours: Sequence[Hashable], theirs: Sequence[Hashable]) -> float:
    """Cohen's kappa; NaN where chance alone explains everything, and for nothing."""
    n = len(ours)
    if not n:
        return math.nan
    observed = sum(a == b for a, b in zip(ours, theirs, strict=True)) / n
    first, second = Counter(ours), Counter(theirs)
    expected = sum(first[word] * second[word] for word in first) / n**2
    return math.nan if expected == 1 else (observed - expected) / (1 - expected)
