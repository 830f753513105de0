from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import InvalidInput
from studio.retrieval.fusion import reciprocal_rank_fusion

RANKINGS = st.lists(st.lists(st.integers(0, 20), unique=True, max_size=10), max_size=4)


def test_the_formula_by_hand() -> None:
    fused = reciprocal_rank_fusion([[7, 8], [8, 9]])

    assert fused == [
        (8, pytest.approx(1 / 62 + 1 / 61)),
        (7, pytest.approx(1 / 61)),
        (9, pytest.approx(1 / 62)),
    ]


@given(RANKINGS, st.integers(0, 100))
def test_scores_are_the_sum_of_reciprocal_ranks(rankings, k) -> None:
    fused = dict(reciprocal_rank_fusion(rankings, k=k))

    for item in {i for ranking in rankings for i in ranking}:
        ranks = [ranking.index(item) + 1 for ranking in rankings if item in ranking]
        assert math.isclose(fused[item], sum(1 / (k + rank) for rank in ranks))


@given(RANKINGS)
def test_best_first_and_ties_by_id(rankings) -> None:
    fused = reciprocal_rank_fusion(rankings)

    assert fused == sorted(fused, key=lambda pair: (-pair[1], pair[0]))
    assert {item for item, _ in fused} == {i for ranking in rankings for i in ranking}


@given(RANKINGS.filter(lambda r: len(r) == 2))
def test_the_order_of_the_rankings_does_not_matter(rankings) -> None:
    assert reciprocal_rank_fusion(rankings) == reciprocal_rank_fusion(rankings[::-1])


def test_a_weight_of_zero_leaves_a_ranking_without_say() -> None:
    fused = reciprocal_rank_fusion([[1, 2], [2, 1]], weights=[1, 0])

    assert [item for item, _ in fused] == [1, 2]
    assert dict(fused)[1] == pytest.approx(1 / 61)


def test_a_repeated_id_counts_where_it_first_stands() -> None:
    assert reciprocal_rank_fusion([[5, 5, 6]]) == reciprocal_rank_fusion([[5, 6]])


def test_nothing_to_fuse_is_nothing() -> None:
    assert reciprocal_rank_fusion([]) == []
    assert reciprocal_rank_fusion([[], []]) == []


@pytest.mark.parametrize("arguments", [{"weights": [1.0]}, {"weights": [1.0, -1.0]}, {"k": -1}])
def test_wrong_settings_are_refused(arguments) -> None:
    with pytest.raises(InvalidInput):
        reciprocal_rank_fusion([[1], [2]], **arguments)
