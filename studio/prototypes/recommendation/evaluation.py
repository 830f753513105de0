"""What came of measuring the ways of recommending on the data's own future.

Values and their sentences; numbers only are stored, sentences are made from them when read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from studio.evaluation.comparison import Interval, Outcome
from studio.prototypes.recommendation.goals import MethodName
from studio.records import Notice

SplitName = Literal["time", "last"]
"""By one moment for all ("time"), or each user's last item ("last", leave-last-out)."""

MeasureName = Literal["nDCG@10", "R@10", "P@10", "AP@10", "RR@10", "Success@10"]
"""Gain by rank, recall, precision, mean average precision, reciprocal rank, hit rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentMeasure:
    """nDCG@10 for a part of the users or items.

    `name` is "new" or "active" users (fewer or more than the median's events), "head" or "tail" items
    (the wanted item is among the most frequent fifth or not), or "segment:" and a segment's name.
    """

    name: str
    ndcg: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredMethod:
    """How well one way of recommending foretold what users did next.

    Attributes:
        method: which.
        is_tuned: whether with parameters from tuning.
        measures: the mean over users of each measure, with its interval.
        ndcg_of: nDCG@10 by user id.
        against_popular: nDCG@10 less that of "popular", user by user; None for "popular" itself.
        outcome: "better", "worse", "unclear" or "same" as "popular"; "same" for itself.
        coverage: share of all items that were recommended to anybody, 0 to 1.
        novelty: mean of -log2 of the share of users who know the recommended item: bits.
        diversity: 1 less the mean cosine between items of a list; None where nothing tells items apart.
        popularity_bias: how much more popular recommended items are than those that users took: a
            ratio of means, 1 for none.
        segments: nDCG@10 of parts.
        fit_s: training time, in seconds.
        memory_bytes: of the trained method.
        p95_ms: of one list, the slowest twentieth not counted.
    """

    method: MethodName
    is_tuned: bool
    measures: Mapping[MeasureName, Interval]
    ndcg_of: Mapping[str, float]
    against_popular: Interval | None
    outcome: Outcome
    coverage: float
    novelty: float
    diversity: float | None
    popularity_bias: float
    segments: tuple[SegmentMeasure, ...]
    fit_s: float
    memory_bytes: int
    p95_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All ways on the same users. `methods` are in the order of nDCG@10, the best first.

    `split_at` is the moment that parts past from future, None for "last". `fingerprint` is that of the
    data. `n_users` were measured, `n_train` events learnt from, `n_wanted` items were to be foretold.
    """

    split: SplitName
    split_at: datetime | None
    n_users: int
    n_train: int
    n_wanted: int
    methods: tuple[MeasuredMethod, ...]
    fingerprint: str
    seed: int
    measured_at: datetime

    def of(self, method: MethodName) -> MeasuredMethod | None:
        """What one way reached; None where it was not measured."""
        return next((m for m in self.methods if m.method == method), None)

    @property
    def best(self) -> MethodName:
        """The way with the highest nDCG@10 that is better than "popular" for sure, else "popular"."""
        raise NotImplementedError

    @property
    def verdict(self) -> Notice:
        """One paragraph for a founder; says so when popularity wins."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One set of parameters and its nDCG@10 on the validation period."""

    parameters: Mapping[str, float]
    ndcg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningResult:
    """What tuning a method tried; `trials` in the order tried, the first are its defaults.

    `best` is the set with the highest nDCG@10 (the earliest of equals). `test` and `test_default` are
    what best and default parameters reach on the test period, which the choice did not see.
    """

    method: MethodName
    trials: tuple[Trial, ...]
    best: Trial
    test: Interval
    test_default: Interval
    gain: Interval
    fingerprint: str
    tuned_at: datetime

    @property
    def verdict(self) -> Notice:
        """Whether the parameters found are better than the defaults on the test period."""
        raise NotImplementedError
