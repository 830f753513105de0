"""Shares with their intervals and tests, held against published and independently computed figures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from studio.errors import InvalidInput
from studio.evaluation.proportions import compare_shares, people_needed, share_interval


@pytest.mark.parametrize(
    ("n_yes", "n", "low", "high"),
    [
        (9, 10, 0.59585, 0.98212),  # statsmodels proportion_confint(9, 10, method="wilson")
        (81, 263, 0.25525, 0.36620),  # Newcombe 1998, table I, method 3
        (0, 20, 0.0, 0.16113),
        (1, 29, 0.00612, 0.17177),
    ],
)
def test_the_interval_is_wilsons(n_yes, n, low, high):
    found = share_interval(n_yes, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_nobody_gives_no_figure_and_all_content_end_at_one():
    assert math.isnan(share_interval(0, 0).mean)
    assert share_interval(5, 5).high == 1.0


def test_more_yes_than_people_is_refused():
    with pytest.raises(InvalidInput):
        share_interval(3, 2)


def test_the_difference_is_newcombes_and_the_test_fishers():
    # Newcombe 1998, "difference between independent proportions", table II, (a): 56/70 - 48/80.
    found = compare_shares(48, 80, 56, 70)
    assert found.difference.mean == pytest.approx(0.2)
    assert (found.difference.low, found.difference.high) == pytest.approx(
        (0.0524, 0.3339), abs=5e-5
    )
    assert found.p_value == pytest.approx(0.0126, abs=3e-4)
    assert found.is_clear
    assert found.n_more == 0


def test_a_small_test_says_how_many_more_are_wanted():
    found = compare_shares(6, 10, 8, 10)
    assert not found.is_clear
    assert found.n_more == people_needed(0.6, 0.8) - 20
    assert compare_shares(0, 0, 3, 4) is None


def test_so_many_people_show_the_difference_four_times_of_five():
    n = people_needed(0.6, 0.8) // 2
    rng = np.random.default_rng(0)
    pairs = zip(rng.binomial(n, 0.6, 300), rng.binomial(n, 0.8, 300), strict=True)
    shown = [compare_shares(int(a), n, int(b), n).is_clear for a, b in pairs]
    assert 0.7 < np.mean(shown) < 0.88


def test_where_nothing_differs_it_is_seldom_said():
    rng = np.random.default_rng(1)
    drawn = rng.binomial(40, 0.7, size=(300, 2))
    assert np.mean([compare_shares(int(a), 40, int(b), 40).is_clear for a, b in drawn]) < 0.06
