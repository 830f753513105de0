"""Differences between groups of people count people, not measurements."""

from __future__ import annotations

import numpy as np
import pytest

from studio.evaluation.two_groups import compare_groups


def test_a_plain_difference_is_clear_and_has_the_right_sign():
    rng = np.random.default_rng(0)
    slow = [[value] for value in rng.normal(900, 50, 40)]
    fast = [[value] for value in rng.normal(700, 50, 40)]
    found = compare_groups(slow, fast, "median", seed=0)
    assert found.is_clear
    assert found.difference.mean == pytest.approx(-200, abs=30)
    assert found.difference.low < -200 < found.difference.high
    assert (found.first.n, found.n_values) == (40, 40)
    assert compare_groups(slow, fast, "median", seed=0) == found


def test_many_measurements_of_few_people_are_few():
    rng = np.random.default_rng(1)
    person = [[value] * 50 for value in rng.normal(800, 200, 6)]
    other = [[value] * 50 for value in rng.normal(800, 200, 6)]
    clustered = compare_groups(person, other, "median", seed=0)
    apart = compare_groups(
        [[v] for one in person for v in one],
        [[v] for one in other for v in one],
        "median",
        seed=0,
    )
    width, naive = (one.difference.high - one.difference.low for one in (clustered, apart))
    assert width > 2 * naive


def test_too_few_people_give_no_verdict():
    assert not compare_groups([[1.0]] * 4, [[9.0]] * 40, "median", seed=0).is_clear
    assert compare_groups([], [[1.0]], "median", seed=0) is None


def test_a_mean_is_that_of_all_measurements_whoever_made_them():
    found = compare_groups([[1.0, 1.0, 4.0], [2.0]], [[3.0]] * 3, "mean", seed=0)
    assert (found.first.mean, found.second.mean, found.difference.mean) == (2.0, 3.0, 1.0)
    assert (found.second.low, found.second.high) == (3.0, 3.0)


def test_where_nothing_differs_it_is_seldom_said():
    rng = np.random.default_rng(2)
    said = [
        compare_groups(
            rng.lognormal(6, 1, (25, 1)), rng.lognormal(6, 1, (25, 1)), "median", seed=0
        ).is_clear
        for _ in range(120)
    ]
    assert np.mean(said) < 0.1
