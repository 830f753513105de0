"""Cohen's kappa equals scikit-learn's, and says nothing where there is nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import InvalidInput
from studio.evaluation.agreement import agreement, cohen_kappa

PAIRS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=40)


@given(PAIRS)
def test_kappa_is_that_of_scikit_learn(pairs):
    from sklearn.metrics import cohen_kappa_score

    ours, theirs = zip(*pairs, strict=True)
    found = cohen_kappa(ours, theirs)
    if len(set(ours) | set(theirs)) > 1:
        assert found == pytest.approx(cohen_kappa_score(ours, theirs))
    else:
        assert math.isnan(found)


def test_agreement_has_its_interval_and_is_repeatable():
    ours, theirs = ["right"] * 15 + ["wrong"] * 15, ["right"] * 12 + ["wrong"] * 18
    found = agreement(ours, theirs, seed=3)
    assert found is not None
    assert found.share == pytest.approx(27 / 30)
    assert found.kappa.low < found.kappa.mean < found.kappa.high
    assert found.is_enough
    assert agreement(ours, theirs, seed=3) == found


def test_nothing_in_common_says_nothing_and_unequal_lengths_are_refused():
    assert agreement([], [], seed=0) is None
    with pytest.raises(InvalidInput):
        agreement(["a"], [], seed=0)


def test_labels_that_all_agree_leave_as_much_open_as_they_are_few():
    few, many = (
        agreement(["right", "wrong"] * n, ["right", "wrong"] * n, seed=0) for n in (10, 200)
    )
    assert few.kappa.mean == few.kappa.high == 1.0
    assert 0.65 < few.kappa.low < 0.9 < many.kappa.low < 1.0


def test_of_one_word_nothing_is_said():
    found = agreement(["right"] * 30, ["right"] * 30, seed=0)
    assert math.isnan(found.kappa.mean)
    assert math.isnan(found.kappa.low)
