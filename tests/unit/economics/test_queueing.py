"""One model of a line with three textbooks as its limits, and what must hold at every load."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.economics.queueing import (
    Part,
    ResidenceLaw,
    erlang_c,
    percentile_s,
    replicas_for,
    solve,
    solve_closed,
)
from studio.errors import InvalidInput

BATCHING = ResidenceLaw(fixed_s=3.0, shared_s=0.17, slots=16)  # 150 tokens: 20 ms + 0.8 ms, 50 ms


def test_erlang_c_has_the_textbook_values() -> None:
    # 4.2 Erlang at five servers; one server waits as often as it is busy.
    assert erlang_c(4.2, 5) == pytest.approx(0.6337731927)
    assert erlang_c(0.5, 1) == pytest.approx(0.5)
    assert erlang_c(5.0, 5) == 1.0


@pytest.mark.parametrize(("servers", "rate"), [(1, 0.7), (5, 4.2), (20, 17.0)])
def test_without_sharing_it_is_erlang_c_with_slots_or_with_replicas(servers, rate) -> None:
    waiting = erlang_c(rate, servers)
    slots = ResidenceLaw(fixed_s=1.0, shared_s=0.0, slots=servers)
    single = ResidenceLaw(fixed_s=1.0, shared_s=0.0, slots=1)
    for found in (solve(slots, rate), solve(single, rate, replicas=servers)):
        assert found is not None
        assert found.p_wait == pytest.approx(waiting)
        assert found.wait_s == pytest.approx(waiting / (servers - rate))
        assert found.service_s == pytest.approx(1.0)


@pytest.mark.parametrize("cs2", [0.0, 1.0, 2.5])
def test_with_one_slot_it_is_pollaczek_khinchine(cs2) -> None:
    found = solve(ResidenceLaw(fixed_s=0.4, shared_s=0.6, slots=1), 0.8, cs2=cs2)
    assert found is not None
    assert found.wait_s == pytest.approx(0.8 * (1 + cs2) / (2 * (1 - 0.8)))


@pytest.mark.parametrize("load", [0.1, 0.5, 0.9, 0.99])
def test_without_slots_it_is_processor_sharing(load) -> None:
    found = solve(ResidenceLaw(fixed_s=0.0, shared_s=2.0), load / 2)
    assert found is not None
    assert found.total_s == pytest.approx(2 / (1 - load), rel=1e-6)
    assert found.wait_s == 0


def test_littles_law_holds() -> None:
    found = solve(BATCHING, 2.4)
    assert found is not None
    assert found.n_inside == pytest.approx(2.4 * found.total_s)


def test_batching_figures_are_those_of_the_reference_simulation() -> None:
    ceiling = BATCHING.max_rate_per_s
    assert ceiling is not None
    for load, seconds in ((0.3, 3.71), (0.6, 4.46), (0.8, 5.39)):  # of a simulation in steps
        found = solve(BATCHING, load * ceiling)
        assert found is not None
        assert found.total_s == pytest.approx(seconds, rel=0.02)


@pytest.mark.parametrize("load", [1.0, 1.2])
def test_a_load_that_cannot_be_carried_has_no_steady_state(load) -> None:
    ceiling = BATCHING.max_rate_per_s
    assert ceiling is not None
    assert solve(BATCHING, load * ceiling) is None
    assert solve(BATCHING, load * ceiling, replicas=2) is not None


def test_an_idle_service_answers_in_its_own_time() -> None:
    found = solve(BATCHING, 0.0)
    assert found is not None
    assert found.total_s == pytest.approx(3.17)


@given(
    low=st.floats(0.01, 0.97), more=st.floats(0.0, 0.02), replicas=st.integers(1, 6),
    cs2=st.floats(0.0, 4.0),
)  # fmt: skip
@settings(deadline=None)
def test_more_load_never_lowers_a_percentile(low, more, replicas, cs2) -> None:
    ceiling = (BATCHING.max_rate_per_s or 0) * replicas
    sizes = np.array([0.2, 0.7, 1.0, 2.1])

    def p95(load: float) -> float:
        found = solve(BATCHING, load * ceiling, replicas=replicas, cs2=cs2)
        assert found is not None
        served = sizes * found.service_s
        part = Part(weight=1.0, p_wait=found.p_wait, theta_s=found.theta_s, served_s=served)
        return percentile_s([part], 0.95)

    assert p95(low + more) >= p95(low) - 1e-9


def test_random_routing_waits_longer_than_a_pool() -> None:
    rate = 0.9 * 4 * (BATCHING.max_rate_per_s or 0)
    pooled = solve(BATCHING, rate, replicas=4)
    split = solve(BATCHING, rate, replicas=4, routing="random")
    alone = solve(BATCHING, rate / 4)
    assert pooled is not None
    assert split is not None
    assert alone is not None
    assert pooled.total_s < 0.8 * split.total_s
    assert split.total_s == pytest.approx(alone.total_s)


def test_a_closed_group_obeys_the_response_time_law() -> None:
    for users in (1, 10, 40, 400):
        found = solve_closed(BATCHING, users, 10.0)
        assert found.total_s == pytest.approx(users / found.rate_per_s - 10, rel=1e-6)
        assert found.utilisation < 1.0 + 1e-9
    assert solve_closed(BATCHING, 1, 10.0).total_s == pytest.approx(3.17)


def test_percentiles_of_an_exponential_wait_are_exact() -> None:
    part = Part(weight=1.0, p_wait=0.5, theta_s=2.0, served_s=np.array([1.0]))
    assert percentile_s([part], 0.95) == pytest.approx(1 + 2 * math.log(0.5 / 0.05), rel=1e-6)
    assert percentile_s([part], 0.4) == pytest.approx(1.0, rel=1e-6)


def test_percentiles_of_a_mixture_weigh_its_parts() -> None:
    fast = Part(weight=0.9, p_wait=0.0, theta_s=0.0, served_s=np.array([1.0]))
    slow = Part(weight=0.1, p_wait=0.0, theta_s=0.0, served_s=np.array([9.0]))
    assert percentile_s([fast, slow], 0.8) == pytest.approx(1.0, abs=1e-6)
    assert percentile_s([fast, slow], 0.95) == pytest.approx(9.0, abs=1e-6)


def test_replicas_are_enough_and_not_one_too_many() -> None:
    ceiling = BATCHING.max_rate_per_s or 0
    for rate in (0.1, 2.0, 2.5, 100.0):
        n = replicas_for(BATCHING, rate)
        assert rate <= 0.85 * n * ceiling * (1 + 1e-6)
        assert n == 1 or rate > 0.85 * (n - 1) * ceiling


@pytest.mark.parametrize(
    "changes",
    [
        {"fixed_s": -1.0},
        {"fixed_s": math.nan},
        {"fixed_s": 0.0, "shared_s": 0.0},
        {"slots": 0},
        {"slots": None, "quadratic_s": 0.1},
        {"table": ((2, 1.0), (1, 2.0))},
        {"table": ((1, 1.0), (2, -1.0))},
    ],
)
def test_a_law_that_makes_no_sense_is_refused(changes) -> None:
    with pytest.raises(InvalidInput):
        ResidenceLaw(**({"fixed_s": 1.0, "shared_s": 0.1, "slots": 4} | changes))


@pytest.mark.parametrize(
    ("rate", "changes"),
    [(-1.0, {}), (math.nan, {}), (1.0, {"replicas": 0}), (1.0, {"cs2": -1.0})],
)
def test_a_load_that_makes_no_sense_is_refused(rate, changes) -> None:
    with pytest.raises(InvalidInput):
        solve(BATCHING, rate, **changes)


def test_a_group_of_nobody_is_refused() -> None:
    with pytest.raises(InvalidInput):
        solve_closed(BATCHING, 0, 10.0)
    with pytest.raises(InvalidInput):
        solve_closed(BATCHING, 5, 0.0)
