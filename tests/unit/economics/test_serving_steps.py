"""How many servers a load needs, and how many customers pay for them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.economics.serving_steps import MAX_REPLICAS, ServingSteps

STEPS = ServingSteps(max_rates=np.arange(1, MAX_REPLICAS + 1) * 2.0)
ENDLESS = ServingSteps(max_rates=np.array([np.inf]))


@pytest.mark.parametrize(
    ("rate", "replicas"),
    [(0, 1), (2.0, 1), (2.0001, 2), (4, 2), (400, 200), (401, 201), (500, 250)],
)
def test_the_least_number_that_carries_the_rate(rate, replicas):
    assert STEPS.replicas(rate) == replicas


def test_a_provider_scales_by_itself():
    assert ENDLESS.replicas(1e9) == 1
    assert not ENDLESS.is_limited


def test_break_even_without_servers_is_fixed_cost_by_margin():
    assert ENDLESS.break_even(8000, 18, 0.001, 0) == np.ceil(8000 / 18)


@settings(max_examples=40, deadline=None)
@given(
    fixed=st.integers(0, 20_000),
    margin=st.integers(10, 400).map(lambda n: n / 10),
    rate=st.integers(1, 100).map(lambda n: n / 10_000),
    replica=st.integers(0, 3_000),
)
def test_break_even_is_the_first_number_that_pays_its_own_servers(fixed, margin, rate, replica):
    found = float(STEPS.break_even(fixed, margin, rate, replica))
    units = np.arange(0, 20_000 if np.isnan(found) else int(found) + 1, dtype=float)
    profit = units * margin - fixed - STEPS.replicas(units * rate) * replica
    pays = np.flatnonzero((profit >= -1e-6) & (STEPS.replicas(units * rate) <= MAX_REPLICAS))
    if np.isnan(found):
        assert pays.size == 0
    else:
        assert pays[0] == found


@pytest.mark.parametrize("margin", [0, -3])
def test_no_margin_never_breaks_even(margin):
    assert np.isnan(STEPS.break_even(8000, margin, 0.001, 100))


def test_a_margin_below_the_share_of_the_servers_never_breaks_even():
    # Each unit needs 1/20 of a server, which costs 5; it leaves 4.
    assert np.isnan(STEPS.break_even(1000, 4, 0.1, 100))
    assert STEPS.break_even(1000, 6, 0.1, 100) > 0


def test_steps_of_a_mix_are_paid_for_by_their_size():
    # A dear server each second step, a cheap one at a tenth of its price between them.
    sizes = np.cumsum(np.tile([0.1, 1.0], 20)) + 1
    steps = ServingSteps(max_rates=np.arange(1, 41) * 1.0, sizes=sizes)
    assert steps.replicas(0.5) == pytest.approx(1.1)
    assert steps.replicas(np.array([1.5, 2.5])) == pytest.approx([2.1, 2.2])
    assert steps.replicas(42.0) == pytest.approx(sizes[-1] + 2 * 0.55, rel=0.05)
    units = float(steps.break_even(100, 10, 0.1, 20))
    paid = 100 + float(steps.replicas(units * 0.1)) * 20
    assert units * 10 >= paid > (units - 1) * 10
