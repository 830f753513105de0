"""Whether live questions are still those that a set measures: coverage, and a test of two samples.

Both look at vectors only and know neither questions nor models. Coverage says which live questions have
nothing like them in the set; the test says whether the whole is another kind of questions than chance
explains.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
MIN_LIVE = 10
"""With fewer live questions nothing is said: any few differ from a set."""
N_PERMUTATIONS = 500
_MOST = 400  # of each side in the test, so that it takes no longer than a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How live questions stand to those of a set.

    `nearest[i]` is the greatest cosine of live question `i` with a question of the set.
    `usual` is how near the set's own questions are to each other: the tenth percentile of their
    greatest cosine with another one. Live questions below it are not `covered`. `p_value` is the chance
    of such a difference between the two samples if they were of one kind; None where there are too few.
    """

    nearest: tuple[float, ...]
    usual: float
    covered: float
    p_value: float | None

    @property
    def is_clear(self) -> bool:
        """Whether the live questions are of another kind, beyond chance."""
        return self.p_value is not None and self.p_value < 0.05


def drift_between(own: Vectors, live: Vectors, *, seed: int) -> Drift | None:
    """How live questions stand to a set's; None where the set has fewer than two or nobody asked.

    The test is the maximum mean discrepancy with the cosine kernel squared, by permutation (Gretton
    et al., 2012, "A kernel two-sample test").

    Args:
        own: `(n, dim)` float32 of unit length, the set's questions.
        live: `(m, dim)`, what was really asked.
        seed: decides the permutations, and what is left out of large samples.
    """
    if len(own) < 2 or not len(live):
        return None
    among = own @ own.T
    np.fill_diagonal(among, -1.0)
    usual = float(np.quantile(among.max(axis=1), 0.1))
    nearest = (live @ own.T).max(axis=1)
    enough = min(len(own), len(live)) >= MIN_LIVE
    return Drift(
        nearest=tuple(float(value) for value in nearest),
        usual=usual,
        covered=float(np.mean(nearest >= usual)),
        p_value=_p_value(own, live, np.random.default_rng(seed)) if enough else None,
    )


def _p_value(own: Vectors, live: Vectors, rng: np.random.Generator) -> float:
    first, second = (one if len(one) <= _MOST else rng.choice(one, _MOST, replace=False)
                     for one in (own, live))  # fmt: skip
    both = np.concatenate([first, second]).astype(np.float64)
    kernel = np.square((1 + both @ both.T) / 2)
    n = len(first)
    found = _discrepancy(kernel, np.arange(len(both)) < n)
    n_larger = sum(
        _discrepancy(kernel, rng.permutation(len(both)) < n) >= found for _ in range(N_PERMUTATIONS)
    )
    return (1 + n_larger) / (1 + N_PERMUTATIONS)


def _discrepancy(kernel: NDArray[np.float64], is_first: NDArray[np.bool_]) -> float:
    """The mean kernel within both samples less twice that between them."""
    weights = np.where(is_first, 1 / is_first.sum(), -1 / (~is_first).sum())
    return float(weights @ kernel @ weights)
