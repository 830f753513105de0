from __future__ import annotations

import pytest

from studio.cluster.scale import Scale
from studio.errors import InvalidInput


def test_one_copy_on_the_processor_by_default() -> None:
    assert Scale.of(None, "", 0) == Scale(least=1, most=1, gpus=0)


def test_a_number_of_copies_is_fixed() -> None:
    scale = Scale.of(3, "", 0.5)
    assert (scale.least, scale.most, scale.gpus, scale.is_fixed) == (3, 3, 0.5, True)


def test_a_range_is_not() -> None:
    scale = Scale.of(None, "1:4", 2)
    assert (scale.least, scale.most, scale.is_fixed) == (1, 4, False)


@pytest.mark.parametrize("given", ["4", "1:", ":2", "a:b", "-1:2", "1:2:3"])
def test_a_range_that_cannot_be_read_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput, match="looks like 1:4"):
        Scale.of(None, given, 0)


@pytest.mark.parametrize(
    ("replicas", "autoscale"), [(0, ""), (-1, ""), (None, "0:2"), (None, "3:2")]
)
def test_numbers_out_of_range_are_refused(replicas: int | None, autoscale: str) -> None:
    with pytest.raises(InvalidInput, match="smaller"):
        Scale.of(replicas, autoscale, 0)


@pytest.mark.parametrize("gpus", [-0.5, 1.5, float("nan"), float("inf")])
def test_shares_of_a_card_that_cannot_be_are_refused(gpus: float) -> None:
    with pytest.raises(InvalidInput, match="graphics card"):
        Scale.of(None, "", gpus)


def test_both_ways_at_once_are_refused() -> None:
    with pytest.raises(InvalidInput, match="not both"):
        Scale.of(2, "1:2", 0)
