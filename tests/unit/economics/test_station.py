"""Requests that stand for many are spread as those are."""

from __future__ import annotations

import numpy as np
import pytest

from studio.economics.queueing import ResidenceLaw
from studio.economics.station import MOST_ROWS, Station

LAW = ResidenceLaw(fixed_s=0.2, shared_s=0.1, slots=8)


@pytest.mark.parametrize("n", [MOST_ROWS, MOST_ROWS + 1, 1_000])
def test_few_stand_for_many_at_their_quantiles(n: int) -> None:
    rng = np.random.default_rng(n)
    station = Station(
        law=LAW,
        fixed_s=rng.exponential(0.3, n),
        slope=rng.lognormal(0, 0.5, n),
        first_fixed_s=None,
        first_slope=None,
        cs2=1.0,
    )
    solution = station.solution(2.0, 1)
    assert solution is not None
    at_once, waited = station.parts(solution)
    shares = (np.arange(MOST_ROWS) + 0.5) / MOST_ROWS

    def expected(served_s: float) -> np.ndarray:
        seconds = station.fixed_s + station.slope * served_s
        return np.sort(seconds) if n <= MOST_ROWS else np.quantile(seconds, shares)

    every = np.concatenate([expected(met_s) for met_s in solution.met_s])
    np.testing.assert_allclose(at_once.served_s, np.sort(every), rtol=1e-12)
    np.testing.assert_allclose(waited.served_s, expected(solution.full_s), rtol=1e-12)
    assert station.first_parts(solution) == ()
