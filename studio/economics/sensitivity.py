"""Which assumption matters: the tornado (one at a time) and Sobol's indices (all at once)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.economics.arithmetic import ArrayArithmetic
from studio.economics.business_case import BusinessCase, evaluate
from studio.economics.figure import Figure
from studio.economics.plan import HORIZON_MONTHS, run_months
from studio.economics.sampling import Uncertain, fixed_values, uncertain_inputs
from studio.errors import InvalidInput

Array = NDArray[np.float64]
CASH_AT_END = "cash_at_end"
LINES = ("profit", "gross_margin", "unit_margin", "break_even", "ltv", "ltv_to_cac", "request_cost")
TARGETS = (*LINES, CASH_AT_END)
"""What can be asked about: lines of the month, and the cash at the end of the plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """What a result becomes at both ends of one assumption's range, all else being as assumed.

    None where the result does not exist there. `width` is the distance, infinite when it ceases to
    exist at one end, which sorts it first.
    """

    figure: Figure
    low: float
    high: float
    at_low: float | None
    at_high: float | None

    @property
    def width(self) -> float:
        """How far the result moves."""
        if self.at_low is None or self.at_high is None:
            return 0.0 if self.at_low is self.at_high else math.inf
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """An assumption's share of the spread of a result: alone, and with all it acts together with."""

    figure: Figure
    alone: float
    total: float


def tornado(case: BusinessCase, target: str) -> tuple[Swing, ...]:
    """How far each uncertain assumption moves a result, the widest first; ties as in the model.

    Assumptions that do not move it are left out.

    Raises:
        InvalidInput: the target is none of `TARGETS`.
    """
    inputs = uncertain_inputs(case)
    values = fixed_values(case)
    n = len(inputs)
    varied: dict[str, Any] = {}
    for index, one in enumerate(inputs):
        column = np.full(2 * n, values[one.figure.key])
        column[2 * index], column[2 * index + 1] = _ends(one)
        varied[one.figure.key] = column
    results = _results(case, varied, target, 2 * n)
    swings = [
        Swing(
            figure=one.figure,
            low=_ends(one)[0],
            high=_ends(one)[1],
            at_low=_existing(results[2 * index]),
            at_high=_existing(results[2 * index + 1]),
        )
        for index, one in enumerate(inputs)
    ]
    moving = (swing for swing in swings if swing.width > 0)
    return tuple(sorted(moving, key=lambda swing: -swing.width))


def sobol(
    case: BusinessCase, target: str, *, n: int = 1024, seed: int = 0
) -> tuple[Influence, ...]:
    """Sobol's indices of a result, by total influence; none where it does not spread.

    I. M. Sobol (1993) and A. Saltelli (2010), as `scipy.stats.sobol_indices` computes them. A result
    that does not exist in some worlds is refused.

    Args:
        case: the business.
        target: one of `TARGETS`.
        n: worlds per index, a power of 2.
        seed: the same seed gives the same result.

    Raises:
        InvalidInput: the target is none of `TARGETS`, or does not exist in all worlds.
    """
    from scipy.stats import sobol_indices

    inputs = uncertain_inputs(case)
    if not inputs:
        return ()

    def results(table: Array) -> Array:  # (d, m) -> (m,)
        varied = {one.figure.key: row for one, row in zip(inputs, table, strict=True)}
        found = _results(case, varied, target, table.shape[1])
        if not np.isfinite(found).all():
            raise InvalidInput(
                "Influence cannot be split for {target}: it does not exist in all cases. Look at the"
                " tornado, or at profit.",
                target=target,
            )
        return found

    spread = sobol_indices(
        func=results,
        n=n,
        dists=[_Distribution(one) for one in inputs],
        rng=np.random.default_rng(seed),
    )
    if not np.isfinite(spread.total_order).all():
        return ()
    found = [
        Influence(figure=one.figure, alone=float(alone), total=float(total))
        for one, alone, total in zip(inputs, spread.first_order, spread.total_order, strict=True)
    ]
    return tuple(sorted(found, key=lambda influence: -influence.total))


@dataclass(frozen=True, slots=True)
class _Distribution:
    """What SciPy wants of a distribution."""

    one: Uncertain

    def ppf(self, share: Array) -> Array:
        return self.one.quantile(np.clip(share, 1e-9, 1 - 1e-9))


def _ends(one: Uncertain) -> tuple[float, float]:
    assert one.figure.low is not None
    assert one.figure.high is not None
    return one.figure.low, one.figure.high


def _results(case: BusinessCase, varied: Mapping[str, Any], target: str, n: int) -> Array:
    arithmetic = ArrayArithmetic(serving=case.serving.steps)
    values: dict[str, Any] = fixed_values(case) | dict(varied)
    if target == CASH_AT_END:
        months: Sequence[Mapping[str, Any]] = run_months(case.model, values, arithmetic)
        return np.array(np.broadcast_to(months[HORIZON_MONTHS - 1]["cash"], n))
    if target not in LINES:
        raise InvalidInput(
            "There is no result {target} to ask about. Choose one of {allowed}.",
            target=target,
            allowed=", ".join(TARGETS),
        )
    evaluate(case.model.lines_for((target,)), values, arithmetic)
    return np.array(np.broadcast_to(values[target], n))


def _existing(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
