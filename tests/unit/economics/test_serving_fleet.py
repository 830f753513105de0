"""Replicas of a mix go one by one to the model that has most to do, however many at once."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.economics.serving_fleet import Fleet

LIMITS = st.one_of(st.floats(0.01, 100), st.just(math.inf))


def fleet(*limits: float) -> Fleet:
    legs = [SimpleNamespace(limit_per_s=limit, least=1) for limit in limits]
    return Fleet(cast("Any", legs))


@given(first=LIMITS, second=LIMITS, extra=st.integers(0, 60))
def test_many_at_once_are_as_one_after_the_other(first: float, second: float, extra: int) -> None:
    both = fleet(first, second)
    counts = (1, 1)
    for _ in range(extra):
        full = [
            limit * n if limit < math.inf else limit
            for limit, n in zip((first, second), counts, strict=True)
        ]
        counts = (counts[0] + 1, counts[1]) if full[0] <= full[1] else (counts[0], counts[1] + 1)
    assert both.more((1, 1), extra) == counts
    assert both.counts(2 + extra) == counts


def test_the_slower_model_gets_as_many_times_more() -> None:
    assert fleet(1.0, 3.0).counts(40) == (30, 10)
    assert fleet(math.inf, 3.0).counts(9) == (1, 8)
    assert fleet(2.0).counts(7) == (7,)


@pytest.mark.parametrize("replicas", [1, 2])
def test_there_is_at_least_one_of_each(replicas: int) -> None:
    assert fleet(1.0, 3.0).counts(replicas) == (1, 1)
