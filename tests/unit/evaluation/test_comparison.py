"""Bootstrap intervals that cover what they promise, and verdicts that follow from them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from studio.errors import InvalidInput
from studio.evaluation.comparison import compare_scores, mean_interval, signed


def compare(ours: list[float], theirs: list[float]):
    return compare_scores(
        {str(at): value for at, value in enumerate(ours)},
        {str(at): value for at, value in enumerate(theirs)},
        name="hybrid",
        baseline="keyword",
        measure="nDCG@10",
        seed=0,
    )


@pytest.mark.parametrize("n", [8, 60])
def test_intervals_cover_the_true_mean_as_often_as_promised(n: int) -> None:
    # Skewed as scores are: most queries near 0, some near 1. The mean of Beta(0.5, 1.5) is 0.25.
    rng = np.random.default_rng(7)
    covered = 0
    for seed in range(300):
        interval = mean_interval(rng.beta(0.5, 1.5, n), seed=seed, n_resamples=600)
        covered += interval.low <= 0.25 <= interval.high
    # Three standard errors of a share of 300 are 0.04; few skewed values cost some more.
    assert covered / 300 >= (0.88 if n < 20 else 0.91)
    assert covered / 300 <= 0.99


def test_an_interval_agrees_with_the_normal_one_for_many_values() -> None:
    values = np.random.default_rng(1).normal(0.4, 0.2, 2000)
    interval = mean_interval(values, seed=0)
    half = 1.96 * values.std() / math.sqrt(2000)
    assert interval.mean == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - half, abs=0.06 * half)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.06 * half)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(1).random(30)
    assert mean_interval(values, seed=4) == mean_interval(values, seed=4)
    assert mean_interval(values, seed=4) != mean_interval(values, seed=5)


def test_a_higher_level_is_wider() -> None:
    values = np.random.default_rng(1).random(30)
    sure, likely = (
        mean_interval(values, seed=0, level=0.99),
        mean_interval(values, seed=0, level=0.8),
    )
    assert sure.low < likely.low < likely.mean < likely.high < sure.high


def test_more_values_than_are_drawn_at_once_change_nothing_but_the_draws() -> None:
    values = np.random.default_rng(1).random(30_000)
    interval = mean_interval(values, seed=0, n_resamples=150)
    assert interval.low < values.mean() < interval.high < interval.low + 0.02


def test_no_values_one_value_and_equal_values() -> None:
    assert math.isnan(mean_interval([], seed=0).mean)
    one = mean_interval([0.3], seed=0)
    assert (one.low, one.high, one.n) == (0.3, 0.3, 1)
    assert str(mean_interval([1.0, 1.0, 1.0], seed=0)) == "1.000 [1.000, 1.000]"


@pytest.mark.parametrize(("level", "n_resamples"), [(0.4, 4000), (1.0, 4000), (0.95, 10)])
def test_senseless_wishes_are_refused(level: float, n_resamples: int) -> None:
    with pytest.raises(InvalidInput, match="between 0.5 and 0.999"):
        mean_interval([0.1, 0.2], seed=0, level=level, n_resamples=n_resamples)


def test_wins_losses_and_ties_are_counted_by_query() -> None:
    comparison = compare([1.0, 0.5, 0.2, 0.0, 0.7, 0.1 + 0.2], [0.5, 0.5, 0.4, 0.0, 0.0, 0.3])
    assert (comparison.n_wins, comparison.n_losses, comparison.n_ties) == (2, 1, 3)
    assert [query for query, _ in comparison.differences] == ["4", "0", "5", "1", "3", "2"]
    assert comparison.difference.mean == pytest.approx((0.7 + 0.5 - 0.2) / 6)


def test_pairing_sees_a_small_difference_that_separate_intervals_do_not() -> None:
    theirs = np.random.default_rng(1).random(100)
    ours = theirs + np.random.default_rng(2).normal(0.03, 0.05, 100)
    apart = mean_interval(ours, seed=0).low < mean_interval(theirs, seed=0).high
    assert apart
    assert compare(ours.tolist(), theirs.tolist()).outcome == "better"


def test_verdicts_say_what_the_interval_says() -> None:
    rng = np.random.default_rng(3)
    base = rng.random(40)
    better = compare((base + 0.1 + rng.normal(0, 0.02, 40)).tolist(), base.tolist())
    worse = compare(base.tolist(), (base + 0.1).tolist())
    unclear = compare((base + rng.normal(0, 0.3, 40)).tolist(), base.tolist())
    same = compare(base.tolist(), base.tolist())

    assert [c.outcome for c in (better, worse, unclear, same)] == [
        "better", "worse", "unclear", "same",
    ]  # fmt: skip
    assert str(better.verdict).startswith("hybrid is better than keyword: nDCG@10 is higher by 0.")
    assert "lower by 0.100" in str(worse.verdict)
    assert str(unclear.verdict).startswith("It cannot be told whether hybrid or keyword is better")
    assert str(same.verdict) == "hybrid and keyword are equal on all 40 queries (nDCG@10)."


def test_few_queries_give_no_verdict_however_clear() -> None:
    comparison = compare([1.0] * 4, [0.0] * 4)
    assert comparison.outcome == "unclear"
    assert "4 queries are too few" in str(comparison.verdict)


def test_only_queries_that_both_have_are_compared() -> None:
    comparison = compare([1.0, 0.0, 0.5], [0.0])
    assert comparison.differences == (("0", 1.0),)
    assert compare([], []).difference.n == 0


def test_a_number_that_is_rounded_to_nothing_has_no_sign() -> None:
    assert signed(-0.04, ".1f") == "0.0"
    assert signed(0.0, ".0%") == "0%"
    assert (signed(-0.3, ".1f"), signed(12.5, ".1f"), signed(-10, "d")) == ("−0.3", "+12.5", "−10")
