"""What may be different: random worlds in which every uncertain number takes a value of its range.

Assumptions are drawn from a triangle between the ends of their range with its peak at their value;
measured and predicted figures from a normal law with their 10th and 90th percentile. Draws are
stratified (Latin hypercube; McKay, Beckman and Conover 1979), so that fewer are needed. A number that
several models share is drawn once for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.economics.business_case import BusinessCase
from studio.economics.figure import Figure, FigureBasis

Array = NDArray[np.float64]
_Z90 = 1.2815515655446004  # the 90th percentile of the standard normal law
_LEAST = 0.05  # of the value: a cost or a speed is never zero or less


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertain:
    """A number with its range, and how it is drawn."""

    figure: Figure
    is_triangle: bool

    def quantile(self, share: Array) -> Array:
        """The values below which those shares of the draws lie; strictly between 0 and 1."""
        figure = self.figure
        assert figure.value is not None
        assert figure.low is not None
        assert figure.high is not None
        value, low, high = float(figure.value), figure.low, figure.high
        if not self.is_triangle:
            from scipy.special import ndtri

            drawn = value + (high - low) / (2 * _Z90) * np.asarray(ndtri(share))
            return np.maximum(drawn, _LEAST * value)
        rising = low + np.sqrt(share * (high - low) * (value - low))
        falling = high - np.sqrt((1 - share) * (high - low) * (high - value))
        return np.where(share < (value - low) / (high - low), rising, falling)


def uncertain_inputs(case: BusinessCase) -> tuple[Uncertain, ...]:
    """The inputs of a case that have a range and matter to it, in the order of the model."""
    return tuple(
        Uncertain(figure=figure, is_triangle=figure.basis is FigureBasis.ASSUMED)
        for figure in case.inputs
        if figure.value is not None
        and figure.low is not None
        and figure.high is not None
        and figure.low < figure.high
    )


def fixed_values(case: BusinessCase) -> dict[str, Array | float]:
    """The inputs as floats by key, NaN where one has no value."""
    return {
        key: float("nan") if value is None else float(value)
        for key, value in case.decimals().items()
    }


def draw(
    cases: Sequence[BusinessCase], n_draws: int, seed: int
) -> tuple[Mapping[str, Array | float], ...]:
    """Random worlds for each case: its inputs by key, `(n_draws,)` float64 where uncertain.

    The same seed gives the same worlds. Inputs of one key lie at the same quantile in all cases.
    """
    inputs = [uncertain_inputs(case) for case in cases]
    keys = sorted({one.figure.key for many in inputs for one in many})
    generator = np.random.default_rng(seed)
    shares = {key: _stratified(n_draws, generator) for key in keys}
    return tuple(
        fixed_values(case) | {one.figure.key: one.quantile(shares[one.figure.key]) for one in many}
        for case, many in zip(cases, inputs, strict=True)
    )


def _stratified(n_draws: int, generator: np.random.Generator) -> Array:
    """One share out of each of `n_draws` equal parts of (0, 1), in random order.

    As `scipy.stats.qmc.LatinHypercube` does it, which takes longer to import than all draws do.
    """
    within = generator.uniform(1e-9, 1 - 1e-9, n_draws)
    return np.asarray((generator.permutation(n_draws) + within) / n_draws)
