"""The last step of a classifier: from the vector of a text to a confidence in each label.

One form serves both ways of deciding: a weight per label and number of the vector, made of what the
labels mean, or learnt from examples (logistic regression). Knows neither texts nor models.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Codes = NDArray[np.int64]

STRENGTH = 20.0
"""Inverse of the regularisation (C). Chosen on a training part of banking77 with the default model, at
1 to 30 examples a label; 10 to 40 give the same within half a point."""
MEANING_TEMPERATURE = 0.06
"""By which likenesses (cosines) of meanings are divided; lowest calibration error on the same part, 0.02
against 0.20 at half of it."""
MAX_ITERATIONS = 300
N_FOLDS = 3
MAX_FOLDED = 5_000
"""With more examples one part is enough to calibrate on."""
_TEMPERATURES = (0.05, 20.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Weights `(n_labels, dim)`, biases `(n_labels,)`, float32; `temperature` divides the scores."""

    weights: Vectors
    biases: Vectors
    temperature: float

    def scores(self, vectors: Vectors) -> NDArray[np.float64]:
        """`(n, n_labels)` before they become confidences."""
        found = vectors @ self.weights.T + self.biases
        return np.asarray(found, dtype=np.float64)

    def confidences(self, vectors: Vectors) -> NDArray[np.float64]:
        """`(n, n_labels)`, each row adds up to 1."""
        return softmax(self.scores(vectors) / self.temperature)


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares that add up to 1 in each row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def head_of_meanings(meanings: Vectors) -> Head:
    """Decides by which label's meaning a text is nearest to; `meanings` are unit vectors."""
    return Head(
        weights=meanings,
        biases=np.zeros(len(meanings), dtype=np.float32),
        temperature=MEANING_TEMPERATURE,
    )


def fitted_head(vectors: Vectors, codes: Codes, meanings: Vectors, *, seed: int) -> Head:
    """Logistic regression on examples, with each label's meaning as one example more.

    So a label without an example can still be given. Confidences are calibrated by one temperature
    (Guo et al., 2017, "On Calibration of Modern Neural Networks") on examples that were not learnt
    from; it changes no decision.

    Args:
        vectors: `(n, dim)` unit vectors of the examples.
        codes: `(n,)` their labels, as rows of `meanings`.
        meanings: `(n_labels, dim)`, two or more.
        seed: decides which examples calibrate.
    """
    raw = _fitted(vectors, codes, meanings)
    scores, truth = _unseen_scores(vectors, codes, meanings, seed)
    return Head(weights=raw.weights, biases=raw.biases, temperature=_temperature(scores, truth))


def _fitted(vectors: Vectors, codes: Codes, meanings: Vectors) -> Head:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    every = np.concatenate([vectors, meanings])
    labels = np.concatenate([codes, np.arange(len(meanings))])
    model = LogisticRegression(C=STRENGTH, max_iter=MAX_ITERATIONS, tol=1e-3)
    with warnings.catch_warnings():
        # What it reaches in so many steps is measured on texts that were held out.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(every, labels)
    weights, biases = np.asarray(model.coef_), np.asarray(model.intercept_)
    if len(meanings) == 2:  # one row that tells the second from the first
        weights, biases = np.concatenate([-weights, weights]) / 2, np.append(-biases, biases) / 2
    return Head(
        weights=weights.astype(np.float32), biases=biases.astype(np.float32), temperature=1.0
    )


def _unseen_scores(
    vectors: Vectors, codes: Codes, meanings: Vectors, seed: int
) -> tuple[NDArray[np.float64], Codes]:
    """Scores of examples by heads that did not learn from them, and their labels."""
    part_of = np.random.default_rng(seed).permutation(len(codes)) % N_FOLDS
    parts = range(N_FOLDS) if len(codes) <= MAX_FOLDED else range(1)
    scores, truth = [], []
    for part in parts:
        unseen = part_of == part
        if not unseen.any():
            continue
        head = _fitted(vectors[~unseen], codes[~unseen], meanings)
        scores.append(head.scores(vectors[unseen]))
        truth.append(codes[unseen])
    return np.concatenate(scores), np.concatenate(truth)


def _temperature(scores: NDArray[np.float64], truth: Codes) -> float:
    """The one under which the right labels are likeliest.

    Each label is believed to be wrong once in `n + 2` times, as Platt (1999, "Probabilistic Outputs for
    Support Vector Machines", section 2.2) proposes: few examples without a mistake promise no certainty.
    """
    from scipy.optimize import minimize_scalar

    n, n_labels = scores.shape
    doubt = 1 / (n + 2)
    wanted = np.full((n, n_labels), doubt / (n_labels - 1))
    wanted[np.arange(n), truth] = 1 - doubt

    def unlikelihood(log_temperature: float) -> float:
        shares = softmax(scores / math.exp(log_temperature))
        return -float((wanted * np.log(np.maximum(shares, 1e-12))).sum(axis=1).mean())

    low, high = map(math.log, _TEMPERATURES)
    found = minimize_scalar(unlikelihood, bounds=(low, high), method="bounded")
    return float(math.exp(found.x))
