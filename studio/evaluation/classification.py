"""How well texts are given labels: accuracy, F1 by label, confusions, calibration, abstention.

Labels are numbered; what they are called, and what decided, is not known here. Every share has an
interval that holds for few texts, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput
from studio.evaluation.comparison import Interval
from studio.evaluation.proportions import share_interval

N_BINS = 10
N_RESAMPLES = 1000
_MAX_STEPS = 50
"""Points of the curve of accuracy against the share that is answered."""

Codes = NDArray[np.int64]
Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelScores:
    """One label: precision, recall and F1 from 0 to 1 (0 where nothing was right), and the counts."""

    precision: float
    recall: float
    f1: float
    n_true: int
    n_predicted: int
    n_right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Texts whose confidence lies in `[low, high)`; the last bin holds 1, too.

    `confidence` is their mean confidence, `right` the share that was right. Bins without texts are not
    given.
    """

    low: float
    high: float
    confidence: float
    right: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredShare:
    """What comes of answering only at this confidence or above.

    `answered` is the share of texts that are answered, `right` the share of those that is right.
    """

    threshold: float
    answered: float
    right: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationScores:
    """How well labels were given.

    Attributes:
        accuracy: share that was right, Wilson's interval.
        macro_f1: mean F1 over the labels that occur (in truth or in what was given), each counting the
            same; percentile interval of the bootstrap over texts.
        by_label: in the order of the labels, also of those that do not occur.
        confusion: `confusion[true][given]`, how many texts.
        reliability: bins of confidence, ascending.
        calibration_error: expected calibration error (ECE): the mean distance between confidence and
            share right, weighted by texts (Naeini et al., 2015, "Obtaining well calibrated
            probabilities using Bayesian binning"; ten bins of equal width).
        curve: from answering all to answering few, the threshold ascending.
    """

    accuracy: Interval
    macro_f1: Interval
    by_label: tuple[LabelScores, ...]
    confusion: tuple[tuple[int, ...], ...]
    reliability: tuple[ReliabilityBin, ...]
    calibration_error: float
    curve: tuple[AnsweredShare, ...]


def score_labels(
    truth: Codes,
    given: Codes,
    confidence: Shares,
    n_labels: int,
    *,
    certainty: Shares | None = None,
    seed: int,
) -> ClassificationScores:
    """Every figure of one set of texts.

    Args:
        truth: `(n,)` codes of the right labels, from 0.
        given: `(n,)` codes of the labels that were given.
        confidence: `(n,)` from 0 to 1, in the label that was given.
        n_labels: how many labels there are.
        certainty: `(n,)` what a threshold is held against; the confidence by default.
        seed: of the bootstrap.

    Raises:
        InvalidInput: there is no text, the arrays differ in length, or a code is out of range.
    """
    _check(truth, given, confidence, n_labels)
    counts = confusion_counts(truth, given, n_labels)
    return ClassificationScores(
        accuracy=share_interval(int((truth == given).sum()), len(truth)),
        macro_f1=_macro_f1(truth, given, n_labels, seed),
        by_label=_by_label(counts),
        confusion=tuple(tuple(int(n) for n in row) for row in counts),
        reliability=reliability(truth == given, confidence),
        calibration_error=calibration_error(truth == given, confidence),
        curve=answered_curve(truth == given, confidence if certainty is None else certainty),
    )


def confusion_counts(truth: Codes, given: Codes, n_labels: int) -> Codes:
    """`(n_labels, n_labels)` texts by true label (row) and given label (column)."""
    flat = np.bincount(truth * n_labels + given, minlength=n_labels * n_labels)
    return flat.reshape(n_labels, n_labels).astype(np.int64)


def macro_f1_of(counts: Codes) -> float:
    """Mean F1 over the labels with a text in their row or column; 0 where there is none."""
    right = np.diag(counts).astype(np.float64)
    both = counts.sum(axis=0) + counts.sum(axis=1)
    occurring = both > 0
    if not occurring.any():
        return 0.0
    return float((2 * right[occurring] / both[occurring]).mean())


def reliability(is_right: NDArray[np.bool_], confidence: Shares) -> tuple[ReliabilityBin, ...]:
    """Ten bins of equal width; those without a text are left out."""
    bins = _bins(confidence)
    return tuple(
        ReliabilityBin(
            low=at / N_BINS,
            high=(at + 1) / N_BINS,
            confidence=float(confidence[bins == at].mean()),
            right=share_interval(int(is_right[bins == at].sum()), int((bins == at).sum())),
        )
        for at in range(N_BINS)
        if (bins == at).any()
    )


def calibration_error(is_right: NDArray[np.bool_], confidence: Shares) -> float:
    """The expected calibration error (ECE), 0 to 1; 0 for no texts. See `ClassificationScores`."""
    if not len(confidence):
        return 0.0
    bins = _bins(confidence)
    gaps = [
        abs(float(is_right[bins == at].mean() - confidence[bins == at].mean()))
        * int((bins == at).sum())
        for at in range(N_BINS)
        if (bins == at).any()
    ]
    return sum(gaps) / len(confidence)


def answered_curve(is_right: NDArray[np.bool_], certainty: Shares) -> tuple[AnsweredShare, ...]:
    """Accuracy against the share that is answered, from all texts down to one in fifty at most.

    The first point answers everything, at threshold 0. Texts of one certainty are answered together.
    """
    n = len(certainty)
    if not n:
        return ()
    points = [_answered(is_right, certainty, 0.0)]
    values = np.unique(certainty)
    steps = np.unique(np.linspace(0, len(values) - 1, _MAX_STEPS).astype(np.int64))
    for value in values[steps]:
        # A threshold is set by hand, with two decimals; rounded up, it answers no more than said.
        threshold = math.ceil(float(value) * 100 - 1e-9) / 100
        if threshold > points[-1].threshold:
            point = _answered(is_right, certainty, threshold)
            if point.right.n:
                points.append(point)
    return tuple(points)


def threshold_for(curve: Sequence[AnsweredShare], wanted: float) -> AnsweredShare | None:
    """The point that answers most while the wanted share of what it answers is right; None for none."""
    good = [point for point in curve if point.right.mean >= wanted]
    return max(good, key=lambda point: (point.answered, -point.threshold), default=None)


def _answered(is_right: NDArray[np.bool_], certainty: Shares, threshold: float) -> AnsweredShare:
    answered = certainty >= threshold
    n = int(answered.sum())
    return AnsweredShare(
        threshold=threshold,
        answered=n / len(certainty),
        right=share_interval(int(is_right[answered].sum()), n),
    )


def _macro_f1(truth: Codes, given: Codes, n_labels: int, seed: int) -> Interval:
    mean = macro_f1_of(confusion_counts(truth, given, n_labels))
    n = len(truth)
    rng = np.random.default_rng(seed)
    drawn = np.empty(N_RESAMPLES)
    for at in range(N_RESAMPLES):
        rows = rng.integers(0, n, n)
        right = np.bincount(truth[rows][truth[rows] == given[rows]], minlength=n_labels)
        both = np.bincount(truth[rows], minlength=n_labels)
        both = both + np.bincount(given[rows], minlength=n_labels)
        drawn[at] = (2 * right[both > 0] / both[both > 0]).mean()
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(
        mean=mean, low=min(float(low), mean), high=max(float(high), mean), n=n, level=0.95
    )


def _by_label(counts: Codes) -> tuple[LabelScores, ...]:
    scores = []
    for at in range(len(counts)):
        n_right, n_true = int(counts[at, at]), int(counts[at].sum())
        n_predicted = int(counts[:, at].sum())
        scores.append(
            LabelScores(
                precision=n_right / n_predicted if n_predicted else 0.0,
                recall=n_right / n_true if n_true else 0.0,
                f1=2 * n_right / (n_true + n_predicted) if n_true + n_predicted else 0.0,
                n_true=n_true,
                n_predicted=n_predicted,
                n_right=n_right,
            )
        )
    return tuple(scores)


def _bins(confidence: Shares) -> Codes:
    found = np.floor(confidence * N_BINS + 1e-12).astype(np.int64)
    return np.minimum(found, N_BINS - 1)


def _check(truth: Codes, given: Codes, confidence: Shares, n_labels: int) -> None:
    if not len(truth) or not len(truth) == len(given) == len(confidence):
        raise InvalidInput(
            "Labels can be measured on one text or more, each with the right label, the given one and "
            "a confidence; there are {n_truth}, {n_given} and {n_confidence}.",
            n_truth=len(truth),
            n_given=len(given),
            n_confidence=len(confidence),
        )
    codes = np.concatenate([truth, given])
    if codes.min() < 0 or codes.max() >= n_labels:
        raise InvalidInput(
            "A label has a number from 0 to {last}; {low} to {high} were given.",
            last=n_labels - 1,
            low=int(codes.min()),
            high=int(codes.max()),
        )
