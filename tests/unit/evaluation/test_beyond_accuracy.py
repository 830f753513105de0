from __future__ import annotations

import math

import numpy as np
import pytest

from studio.evaluation.beyond_accuracy import (
    coverage,
    intra_list_diversity,
    novelty_bits,
    popularity_bias,
)

LISTS = np.asarray([[0, 1], [0, 2], [0, -1]])
NONE = np.zeros((0, 2), np.int64)


def test_coverage_counts_each_item_once_and_no_empty_place():
    assert coverage(LISTS, 6) == pytest.approx(0.5)
    assert coverage(NONE, 6) == 0
    assert coverage(NONE, 0) == 0


def test_novelty_is_the_self_information_of_what_is_shown():
    # Item 0 is known to half of 8 users (1 bit), items 1 and 2 to one of eight (3 bits).
    counts = np.asarray([4, 1, 0])
    assert novelty_bits(LISTS, counts, 8) == pytest.approx((3 * 1 + 2 * 3) / 5)
    assert math.isnan(novelty_bits(NONE, counts, 8))


def test_diversity_is_0_for_twins_and_1_for_strangers():
    vectors = np.asarray([[1, 0], [0, 1], [1, 0]], dtype=np.float32)
    assert intra_list_diversity(np.asarray([[0, 2]]), vectors) == pytest.approx(0)
    assert intra_list_diversity(np.asarray([[0, 1]]), vectors) == pytest.approx(1)
    assert math.isnan(intra_list_diversity(np.asarray([[0, -1]]), vectors))


def test_bias_is_how_much_more_popular_shown_items_are_than_taken_ones():
    counts = np.asarray([10, 5, 5])
    assert popularity_bias(np.asarray([[0], [0]]), np.asarray([1, 2]), counts) == pytest.approx(2)
    assert math.isnan(popularity_bias(NONE, np.asarray([1]), counts))
    assert math.isnan(popularity_bias(LISTS, np.zeros(0, np.int64), counts))
