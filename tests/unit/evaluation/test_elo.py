"""Ratings recover known strengths, whatever the order of the votes."""

from __future__ import annotations

import numpy as np
import pytest

from studio.evaluation.elo import Match, ratings


def votes(first, second, n_first, n_second, n_ties=0):
    scores = [1.0] * n_first + [0.0] * n_second + [0.5] * n_ties
    return [Match(first=first, second=second, score=score) for score in scores]


def test_ten_of_eleven_are_400_points():
    found = ratings(votes("a", "b", 1000, 100), seed=0)
    assert [one.name for one in found] == ["a", "b"]
    assert found[0].points - found[1].points == pytest.approx(400, abs=3)
    assert np.mean([one.points for one in found]) == pytest.approx(1000)


def test_ties_are_half_a_win_and_equal_ones_stand_equal():
    found = ratings(votes("a", "b", 5, 5, 10), seed=0)
    assert found[0].points == pytest.approx(found[1].points)
    assert found[0].low < 1000 < found[0].high


def test_the_order_of_votes_does_not_matter_and_sides_neither():
    made = votes("a", "b", 6, 2) + votes("b", "c", 5, 3)
    swapped = [Match(first=m.second, second=m.first, score=1 - m.score) for m in reversed(made)]
    ours = {one.name: one.points for one in ratings(made, seed=0)}
    theirs = {one.name: one.points for one in ratings(swapped, seed=0)}
    assert ours == pytest.approx(theirs, abs=1e-6)
    assert ours["a"] > ours["b"] > ours["c"]


def test_who_always_wins_stays_finite_and_nobody_gives_nothing():
    found = ratings(votes("a", "b", 8, 0), seed=0)
    assert np.isfinite([found[0].points, found[0].high]).all()
    assert found[0].low > found[1].high
    assert ratings([], seed=0) == ()


def test_few_votes_that_all_agree_leave_much_open():
    one, three, eight = (ratings(votes("a", "b", n, 0), seed=0)[0] for n in (1, 3, 8))
    assert one.low < 1000 < one.points < one.high
    assert one.low < three.low < eight.low
    assert eight.high > eight.points + 100  # it may win far more often than was seen


def test_the_interval_between_two_is_that_of_jeffreys_posterior():
    from scipy.stats import beta

    found = ratings(votes("a", "b", 12, 4), seed=0)[0]
    low, high = beta.ppf([0.025, 0.975], 12.5, 4.5)
    for end, share in ((found.low, low), (found.high, high)):
        assert end == pytest.approx(1000 + 200 * np.log10(share / (1 - share)), abs=15)
