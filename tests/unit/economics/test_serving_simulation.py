"""Traffic played through a way of serving: agrees with the formulas where these hold, and beyond."""

from __future__ import annotations

import numpy as np
import pytest

from studio.economics.measured_base import MeasuredBase
from studio.economics.serving import serve
from studio.economics.serving_choice import AsMeasured, Batching, Hosted, Mix, OnGpu
from studio.economics.serving_simulation import play
from studio.economics.traffic import daily_arrivals, daily_rates, poisson
from studio.errors import InvalidInput
from tests.unit.economics.ledger_frames import HOUR_USD, NOON, base_of, many, priced, request

HERE = AsMeasured(hour_usd=HOUR_USD, batching=Batching.BATCHED)
HOSTED = Hosted(provider_id="openai", model_id="gpt-4o-mini", hour_usd=HOUR_USD)


@pytest.fixture(scope="module")
def base() -> MeasuredBase:
    return base_of(many(200))


@pytest.mark.parametrize("choice", [HERE, OnGpu(gpu="l4", model="llama-3.1-8b"), HOSTED])
def test_poisson_traffic_agrees_with_the_formulas(base, choice) -> None:
    serving = serve(base, choice, at=NOON)
    rate = 0.5 * (serving.max_rate_per_s or 0)
    played = play(serving, poisson(rate, 20_000, np.random.default_rng(0)))
    said = serving.at_rate(rate, replicas=1)
    assert played.percentile_ms(0.5) == pytest.approx(said.p50_ms, rel=0.15)
    assert played.percentile_ms(0.95) == pytest.approx(said.p95_ms, rel=0.15)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_requests_of_equal_size_differ_by_whom_they_meet(load) -> None:
    base = base_of(priced(one for i in range(40) for one in request(f"r{i}", i * 1e5)))
    serving = serve(base, AsMeasured(hour_usd=HOUR_USD), at=NOON)
    rate = load * (serving.max_rate_per_s or 0)
    played = play(serving, poisson(rate, 20_000, np.random.default_rng(3)))
    said = serving.at_rate(rate, replicas=1)
    assert said.p95_ms > 1.5 * said.p50_ms  # type: ignore[operator]
    assert played.percentile_ms(0.5) == pytest.approx(said.p50_ms, rel=0.15)
    assert played.percentile_ms(0.95) == pytest.approx(said.p95_ms, rel=0.15)


def test_a_day_with_a_peak_is_slower_than_its_mean(base) -> None:
    serving = serve(base, HERE, at=NOON)
    mean = 0.1 * (serving.max_rate_per_s or 0)
    rng = np.random.default_rng(1)
    flat = play(serving, daily_arrivals(daily_rates(mean, 1.0), rng))
    peaked = play(serving, daily_arrivals(daily_rates(mean, 11.0), rng))
    assert peaked.percentile_ms(0.95) > 1.2 * flat.percentile_ms(0.95)


def test_a_burst_waits_and_more_replicas_help(base) -> None:
    serving = serve(base, HERE, at=NOON)
    burst = np.sort(np.random.default_rng(2).uniform(0, 5, 300))
    one, three = play(serving, burst), play(serving, burst, replicas=3)
    assert one.percentile_ms(0.95) > 2 * three.percentile_ms(0.95)
    assert one.first_percentile_ms(0.5) < one.percentile_ms(0.5)  # type: ignore[operator]
    assert 0.5 < one.utilisation <= 1


def test_the_seed_decides(base) -> None:
    serving = serve(base, HERE, at=NOON)
    arrivals = np.arange(50.0)
    times = [play(serving, arrivals, seed=seed).total_ms for seed in (1, 1, 2)]
    assert (times[0] == times[1]).all()
    assert (times[0] != times[2]).any()


def test_what_cannot_be_played_is_refused(base) -> None:
    mix = serve(base, Mix(first=HERE, rest=HOSTED), at=NOON)
    with pytest.raises(InvalidInput, match="one model"):
        play(mix, np.arange(3.0))
    here = serve(base, HERE, at=NOON)
    with pytest.raises(InvalidInput, match="cannot be simulated"):
        play(here, np.zeros(0))
    with pytest.raises(InvalidInput, match="order"):
        play(here, np.array([2.0, 1.0]))
