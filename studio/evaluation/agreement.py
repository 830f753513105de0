"""How far two judges agree beyond chance: Cohen's kappa with its interval.

Knows neither people nor models: only what each said of the same things.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput
from studio.evaluation.comparison import Interval

N_DRAWS = 2000
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
    the interval is that of 2,000 draws from the posterior of the table of what both said: it has width
    where they always agreed, too, which a bootstrap has not.

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
    mean = cohen_kappa(ours, theirs)
    low = high = math.nan
    if math.isfinite(mean):
        drawn = _drawn_kappas(_table(ours, theirs), np.random.default_rng(seed))
        low, high = map(float, np.quantile(drawn, [0.025, 0.975]))
    return Agreement(
        share=sum(a == b for a, b in zip(ours, theirs, strict=True)) / n,
        kappa=Interval(mean=mean, low=min(mean, low), high=max(mean, high), n=n, level=0.95),
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


def _table(ours: Sequence[Hashable], theirs: Sequence[Hashable]) -> NDArray[np.float64]:
    """How often both said which words, `(k, k)`, of the words that one of them said."""
    words = {word: at for at, word in enumerate(dict.fromkeys((*ours, *theirs)))}
    table = np.zeros((len(words), len(words)))
    for a, b in zip(ours, theirs, strict=True):
        table[words[a], words[b]] += 1
    return table


def _drawn_kappas(table: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Kappas of tables that could as well have been, `(N_DRAWS,)`.

    Drawn from a Dirichlet distribution, before which agreeing and not agreeing have half a case each,
    spread evenly over their fields: Jeffreys' prior of the share of agreement.
    """
    k = len(table)
    prior = np.where(np.eye(k, dtype=bool), 1 / (2 * k), 1 / (2 * k * (k - 1)))
    drawn = rng.dirichlet((table + prior).ravel(), size=N_DRAWS).reshape(N_DRAWS, k, k)
    observed = np.trace(drawn, axis1=1, axis2=2)
    expected = (drawn.sum(axis=1) * drawn.sum(axis=2)).sum(axis=1)
    return np.asarray((observed - expected) / (1 - expected))
