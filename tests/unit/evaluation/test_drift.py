"""Drift is seen where questions are of another kind, and not where they are of the same."""

from __future__ import annotations

import numpy as np

from studio.evaluation.drift import drift_between


def around(centre: int, n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(0, 0.25, size=(n, 16))
    vectors[:, centre] += 1
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_questions_of_another_kind_are_not_covered_and_clearly_drift():
    found = drift_between(around(0, 30, 1), around(5, 30, 2), seed=0)
    assert found is not None
    assert found.is_clear
    assert found.covered < 0.2


def test_questions_of_the_same_kind_do_not_drift():
    found = drift_between(around(0, 40, 1), around(0, 40, 2), seed=0)
    assert found is not None
    assert not found.is_clear
    assert found.covered > 0.6


def test_few_live_questions_get_no_test_and_none_nothing():
    found = drift_between(around(0, 30, 1), around(5, 3, 2), seed=0)
    assert found is not None
    assert (found.p_value, found.is_clear, len(found.nearest)) == (None, False, 3)
    assert drift_between(around(0, 1, 1), around(0, 3, 2), seed=0) is None
    assert drift_between(around(0, 5, 1), around(0, 5, 1)[:0], seed=0) is None
