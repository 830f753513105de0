"""Before and after, with the difference and its sign."""

from __future__ import annotations

import pytest

from studio.tuning.effect import effect_of


def test_a_lower_loss_is_a_gain() -> None:
    before = {f"p{i}": 2.0 + i / 10 for i in range(12)}
    after = {name: value - 0.5 - len(name) / 100 for name, value in before.items()}
    effect = effect_of(before, after, "loss", seed=0)
    assert (effect.outcome, effect.n_better, effect.n_worse) == ("better", 12, 0)
    assert effect.gain.low > 0
    assert "loss per token" in str(effect.verdict)
    assert "on the 12 examples held out" in str(effect.verdict)
    assert effect.changes[0].gain == pytest.approx(0.53)


def test_a_higher_ndcg_is_a_gain_and_a_lower_one_says_keep_the_base() -> None:
    low = {f"p{i}": 0.2 + i / 100 for i in range(12)}
    high = {name: value + 0.3 for name, value in low.items()}
    better = effect_of(low, high, "nDCG@10", seed=0)
    assert better.outcome == "better"
    assert "on the 12 queries held out" in str(better.verdict)
    worse = effect_of(high, low, "nDCG@10", seed=0)
    assert worse.outcome == "worse"
    assert "Keep the base" in str(worse.verdict)


def test_few_examples_give_no_verdict() -> None:
    effect = effect_of({"a": 0.0, "b": 0.1}, {"a": 1.0, "b": 1.0}, "nDCG@10", seed=0)
    assert effect.outcome == "unclear"
    assert "More examples" in str(effect.verdict)
