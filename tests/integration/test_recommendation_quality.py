"""Recommenders on MovieLens, whose figures are known from elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from studio.benchmarks.recommendation_benchmark import (
    DEFAULT,
    DEFAULT_NDCG,
    POPULAR_NDCG,
    POPULAR_TOLERANCE,
    SEED,
    movielens,
)
from studio.prototypes.recommendation.evaluating import EvaluationPlan, evaluate


def test_the_harness_is_right_and_the_default_method_is_good(studio_data: Path):
    items, events = movielens(studio_data)
    plan = EvaluationPlan(
        split="last", parameters={}, event_weights={}, methods=("popular", DEFAULT), seed=SEED
    )
    found = evaluate(events, len(items), plan, vectors=None, fingerprint="", now=datetime.now(UTC))
    assert found.n_users == 610
    popular = found.of("popular").measures["nDCG@10"].mean
    assert abs(popular - POPULAR_NDCG) <= POPULAR_TOLERANCE
    assert found.of(DEFAULT).measures["nDCG@10"].mean >= DEFAULT_NDCG
    assert found.best == DEFAULT
