"""How long a request takes, learnt from measured ones: by its tokens, and by how many run at once.

Least squares on relative errors with terms that cannot be negative, so that a long request does not
outweigh many short ones, and right in the mean. The error is that of requests held out of the fit.
Knows arrays; knows no ledger and no engine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.economics.queueing import ResidenceLaw
from studio.errors import InvalidInput

MIN_POINTS = 6
"""Measured requests below which nothing is fitted: two for each of three terms."""
BATCHED_SHARE = 0.077
"""`B / (A + B)` of an engine that batches: .072 and .006 s, measured with batched texts of 64 tokens in
and 16 out on two cores."""
_HELD_OUT = 3  # every third point
_MOST_ROUNDS = 50
_LEAST_SHARE = 1e-3
"""Of a time: a prediction below it is weighed as if it were that, so that none weighs without end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTime:
    """`base_ms + ms_per_token_in x in + ms_per_token_out x out`, as fitted.

    `error` is the mean absolute relative error on the requests held out, such as 0.14.
    """

    base_ms: float
    ms_per_token_in: float
    ms_per_token_out: float
    error: float
    n_points: int

    def predict_ms(
        self, tokens_in: NDArray[np.float64], tokens_out: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Milliseconds of each request, of the arrays' shape."""
        times = self.base_ms + self.ms_per_token_in * tokens_in + self.ms_per_token_out * tokens_out
        return np.asarray(times, np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPoint:
    """What was measured with `n_concurrent` callers who each ask again as soon as they are answered.

    Times are ms of whole requests; `rate_per_s` is requests per second of all callers.

    Raises:
        InvalidInput: a number is not above 0.
    """

    n_concurrent: int
    n_requests: int
    rate_per_s: float
    mean_ms: float
    p50_ms: float
    p95_ms: float

    def __post_init__(self) -> None:
        """Check the ranges."""
        if self.n_concurrent < 1 or self.n_requests < 1 or not self.rate_per_s > 0:
            raise InvalidInput(
                "{n} requests of {callers} callers at {rate} per second are no measurement.",
                n=self.n_requests,
                callers=self.n_concurrent,
                rate=self.rate_per_s,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedLaw:
    """A residence law with how well it fits: mean absolute relative error over the sweep's points.

    It holds up to `n_most` requests inside, twice the measured: beyond, an affine law was 32 % off
    (fitted up to 25 at once on NVIDIA's published figures of NIM, Llama 3.1 8B, taken to 250).
    """

    law: ResidenceLaw
    error: float
    n_most: int

    @property
    def shared_share(self) -> float:
        """`B / (A + B)`: 0 where batching costs nothing, 1 where requests only take turns."""
        return self.law.shared_s / (self.law.fixed_s + self.law.shared_s)


def fit_service_time(
    tokens_in: NDArray[np.float64], tokens_out: NDArray[np.float64], total_ms: NDArray[np.float64]
) -> ServiceTime:
    """The three terms that fit the requests best; every third request is held out for the error.

    Args:
        tokens_in: `(n,)` tokens of each prompt.
        tokens_out: `(n,)` tokens of each text.
        total_ms: `(n,)` how long each took, alone in the engine; above 0.

    Raises:
        InvalidInput: there are fewer than 6 requests, or a time is not above 0.
    """
    n = len(total_ms)
    if n < MIN_POINTS:
        raise InvalidInput(
            "{n} measured requests are too few to learn from; {least} are needed. Measure more.",
            n=n,
            least=MIN_POINTS,
        )
    columns = np.stack([np.ones(n), tokens_in, tokens_out], axis=1).astype(np.float64)
    held_out = np.arange(n) % _HELD_OUT == 1
    trial = relative_fit(columns[~held_out], total_ms[~held_out])
    error = np.abs(columns[held_out] @ trial / total_ms[held_out] - 1).mean()
    base, per_in, per_out = relative_fit(columns, total_ms)
    return ServiceTime(
        base_ms=float(base),
        ms_per_token_in=float(per_in),
        ms_per_token_out=float(per_out),
        error=float(error),
        n_points=n,
    )


def fit_residence(points: Sequence[SweepPoint], *, slots: int | None = None) -> FittedLaw:
    """The residence law behind a sweep. In a closed loop `R(n) = n / X(n)`, by Little's law.

    The law goes through the measured points where there are three; the fitted terms carry it on. More
    inside never make a request quicker: points that say so, as something disturbed one of them, are
    taken together (isotonic regression, weighed by requests).
    The quadratic term is taken only where it more than halves the error and four points bear it out.

    Args:
        points: at least two with different numbers of callers, or one.
        slots: how many the engine takes in; by default twice the most callers that were measured.

    Raises:
        InvalidInput: there is no point.
    """
    if not points:
        raise InvalidInput("Nothing was measured with several callers yet. Measure it first.")
    n = np.array([point.n_concurrent for point in points], np.float64)
    times = n / np.array([point.rate_per_s for point in points])
    inside = slots or 2 * int(n.max())
    if len(set(n.tolist())) == 1:  # says nothing of sharing: taken to take turns
        law = ResidenceLaw(fixed_s=0.0, shared_s=float(times.mean() / n[0]), slots=inside)
        return FittedLaw(law=law, error=0.0, n_most=2 * int(n.max()))
    columns = np.stack([np.ones(len(n)), n, n * n], axis=1)
    affine = relative_fit(columns[:, :2], times)
    error = float(np.abs(columns[:, :2] @ affine / times - 1).mean())
    quadratic = 0.0
    if len(n) >= 4:
        full = relative_fit(columns, times)
        full_error = float(np.abs(columns @ full / times - 1).mean())
        if full_error < error / 2 and full[2] > 0:
            affine, quadratic, error = full[:2], float(full[2]), full_error
    by_n = _rising(n, times, np.array([point.n_requests for point in points], np.float64))
    law = ResidenceLaw(
        fixed_s=float(affine[0]),
        shared_s=float(affine[1]),
        quadratic_s=quadratic,
        slots=inside,
        table=tuple(sorted(by_n.items())) if len(by_n) >= 3 else (),
    )
    return FittedLaw(law=law, error=error, n_most=2 * int(n.max()))


def _rising(
    n: NDArray[np.float64], times: NDArray[np.float64], weights: NDArray[np.float64]
) -> dict[int, float]:
    """Seconds by number inside, none less than before.

    Source: R. Barlow et al., Statistical Inference under Order Restrictions (1972).
    """
    from scipy.optimize import isotonic_regression

    order = np.argsort(n, kind="stable")
    found = isotonic_regression(times[order], weights=weights[order]).x
    return {int(inside): float(seconds) for inside, seconds in zip(n[order], found, strict=True)}


def spread(values: NDArray[np.float64]) -> float:
    """Squared coefficient of variation: variance over squared mean; 0 for fewer than two values."""
    if len(values) < 2 or not values.mean():
        return 0.0
    return float(values.var(ddof=1) / values.mean() ** 2)


def relative_fit(columns: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """The terms, none below 0, whose predictions are right in the mean; relative errors count.

    Least squares of `(time - predicted) / predicted`, weighed anew until it stands (the
    quasi-likelihood of a constant relative spread: McCullagh and Nelder, Generalized Linear Models,
    chapter 9). Weights of `1 / time` would make every prediction too small by about twice the squared
    spread of the times, as what happened to be quick would count most: 18 % at a spread of 0.3.

    Args:
        columns: `(n, k)` what each term is multiplied by.
        times: `(n,)` above 0.

    Raises:
        InvalidInput: a time is not above 0.
    """
    from scipy.optimize import nnls

    if not (np.isfinite(times).all() and (times > 0).all()):
        raise InvalidInput("A measured time is not above 0; such a request teaches nothing.")
    scale = columns.max(axis=0)
    scale[scale == 0] = 1.0
    scaled, predicted, terms = columns / scale, times, np.zeros(columns.shape[1])
    for _ in range(_MOST_ROUNDS):
        before = terms
        terms, _residual = nnls(scaled / predicted[:, None], times / predicted)
        if np.allclose(terms, before, rtol=1e-6, atol=0.0):
            break
        predicted = np.maximum(scaled @ terms, _LEAST_SHARE * times)
    found = np.asarray(terms / scale, np.float64)
    if not math.isfinite(float(found.sum())):
        raise InvalidInput("The measured times cannot be fitted. Measure again.")
    return found
