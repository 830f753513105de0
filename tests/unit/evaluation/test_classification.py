"""Measures of labels: the reference implementation's values, known cases, and what can be asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from studio.errors import InvalidInput
from studio.evaluation.classification import (
    answered_curve,
    calibration_error,
    confusion_counts,
    macro_f1_of,
    reliability,
    score_labels,
    threshold_for,
)

CODES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@given(CODES)
def test_figures_are_those_of_the_reference(pairs):
    truth, labels = (np.array(one, dtype=np.int64) for one in zip(*pairs, strict=True))
    counts = confusion_counts(truth, labels, 5)
    assert counts.tolist() == metrics.confusion_matrix(truth, labels, labels=range(5)).tolist()
    expected = metrics.f1_score(truth, labels, average="macro", zero_division=0)
    assert macro_f1_of(counts) == pytest.approx(expected)
    found = score_labels(truth, labels, np.full(len(truth), 0.5), 5, seed=1)
    assert found.accuracy.mean == pytest.approx(metrics.accuracy_score(truth, labels))
    assert found.macro_f1.low <= found.macro_f1.mean <= found.macro_f1.high
    wanted = metrics.precision_recall_fscore_support(
        truth, labels, labels=range(5), zero_division=0
    )
    by_label = [(one.precision, one.recall, one.f1, one.n_true) for one in found.by_label]
    assert np.allclose(by_label, np.transpose(wanted))


def test_calibration_error_weighs_bins_by_their_texts():
    right = np.array([True, False, True, True])
    confidence = np.array([0.55, 0.55, 0.95, 1.0])
    bins = reliability(right, confidence)
    assert [(one.low, one.right.mean, one.right.n) for one in bins] == [(0.5, 0.5, 2), (0.9, 1, 2)]
    assert calibration_error(right, confidence) == pytest.approx((0.05 * 2 + 0.025 * 2) / 4)
    assert calibration_error(right[:0], confidence[:0]) == 0.0


def test_answering_less_is_a_curve_from_everything_on():
    right = np.array([False, True, True, True])
    certainty = np.array([0.2, 0.4, 0.6, 0.6])
    curve = answered_curve(right, certainty)
    points = [(point.threshold, point.answered, point.right.mean) for point in curve]
    assert points == [(0.0, 1.0, 0.75), (0.4, 0.75, 1.0), (0.6, 0.5, 1.0)] or points == [
        (0.0, 1.0, 0.75), (0.2, 1.0, 0.75), (0.4, 0.75, 1.0), (0.6, 0.5, 1.0)
    ]  # fmt: skip
    assert threshold_for(curve, 0.9).threshold == 0.4
    assert threshold_for(curve[:1], 0.9) is None
    assert answered_curve(right[:0], certainty[:0]) == ()


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=80))
def test_a_higher_threshold_never_answers_more(pairs):
    right, certainty = (np.array(one) for one in zip(*pairs, strict=True))
    curve = answered_curve(right.astype(bool), certainty.astype(np.float64))
    assert curve[0].answered == 1.0
    answered = [point.answered for point in curve]
    assert answered == sorted(answered, reverse=True)
    for point in curve:
        chosen = certainty >= point.threshold
        assert point.right.n == chosen.sum()
        assert point.right.mean == pytest.approx(right[chosen].mean())


@pytest.mark.parametrize(
    ("truth", "labels", "confidence"),
    [([], [], []), ([0], [0, 1], [1.0]), ([2], [0], [1.0]), ([0], [-1], [1.0])],
)
def test_what_cannot_be_measured_is_refused(truth, labels, confidence):
    arrays = np.array(truth, np.int64), np.array(labels, np.int64), np.array(confidence)
    with pytest.raises(InvalidInput):
        score_labels(*arrays, 2, seed=1)
