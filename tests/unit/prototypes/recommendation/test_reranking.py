from __future__ import annotations

import numpy as np
import pytest

from studio.prototypes.recommendation.interactions import Items
from studio.prototypes.recommendation.methods.contract import CANNOT_SAY
from studio.prototypes.recommendation.methods.ranking import filled, rank_of, top_items
from studio.prototypes.recommendation.reranking import allowed, chosen, ruled, still_usable
from studio.prototypes.recommendation.rules import Boost, Condition, Rules

DAY_S = 86_400.0
ITEMS = Items(
    ids=("a", "b", "c", "d"),
    titles=("A", "B", "C", "D"),
    texts=("", "", "", ""),
    attributes={"colour": (("red",), ("red", "blue"), (), ("green",))},
    prices=np.asarray([10, 20, np.nan, 40]),
    stock=np.asarray([0, 5, np.nan, 1]),
    added_at_s=np.asarray([0, 90, 90, np.nan]) * DAY_S,
)
SCORES = np.asarray([4, 3, 2, 1], dtype=np.float32)


@pytest.mark.parametrize(
    ("rules", "passing"),
    [
        (Rules(), "abcd"),
        (Rules(in_stock_only=True), "bcd"),  # unknown stock passes
        (Rules(price_min=15.0), "bd"),  # an unknown price does not
        (Rules(price_max=20.0), "ab"),
        (Rules(conditions=(Condition(column="colour", one_of=("Blue ",)),)), "b"),
        (Rules(conditions=(Condition(column="colour", one_of=("red", "green")),)), "abd"),
        (Rules(conditions=(Condition(column="colour", one_of=()),)), ""),
    ],
)
def test_only_what_the_rules_let_through_may_be_shown(rules, passing):
    passes = allowed(ITEMS, rules)
    assert "".join(np.asarray(ITEMS.ids)[passes]) == passing


def test_rules_on_what_the_items_have_no_more_are_left_out_and_said():
    size, red = Condition(column="size", one_of=("L",)), Condition(column="colour", one_of=("red",))
    boosts = (Boost(column="size", value="L", factor=2.0),)
    kept, told = still_usable(Rules(conditions=(size, red), boosts=boosts, price_min=5.0), ITEMS)
    assert kept == Rules(conditions=(red,), price_min=5.0)
    assert [str(one) for one in told] == [
        "A rule on size was left out: the items do not have this property any more."
    ]
    bare = Items.bare(("a", "b"))
    kept, told = still_usable(Rules(price_min=5.0, price_max=9.0), bare)
    assert kept == Rules()
    assert "price range" in str(told[0])
    assert still_usable(Rules(), bare) == (Rules(), ())


def test_a_boost_multiplies_also_where_scores_are_negative():
    negative = SCORES - 10
    boost = Rules(boosts=(Boost(column="colour", value="green", factor=100.0),))
    assert top_items(ruled(negative, ITEMS, boost, 0.0), 1).tolist() == [0]  # worst is 0 x 100
    more = Rules(boosts=(Boost(column="colour", value="blue", factor=3.0),))
    assert top_items(ruled(negative, ITEMS, more, 0.0), 1).tolist() == [1]
    none = Rules(boosts=(Boost(column="colour", value="red", factor=0.0),))
    assert top_items(ruled(SCORES, ITEMS, none, 0.0), 2).tolist() == [2, 3]


def test_freshness_prefers_newer_items_and_leaves_unknown_ages_in_the_middle():
    equal = np.ones(4, dtype=np.float32)
    fresh = ruled(equal, ITEMS, Rules(freshness=1.0, half_life_days=90.0), 90 * DAY_S)
    assert fresh[0] == pytest.approx(fresh[1] / 2)
    assert fresh[1] == fresh[2]
    assert fresh[0] < fresh[3] <= fresh[1]


def test_what_a_method_cannot_tell_stays_so():
    scores = np.asarray([1, CANNOT_SAY, 2, 3], dtype=np.float32)
    assert np.isneginf(ruled(scores, ITEMS, Rules(freshness=0.5), 0.0)).tolist() == [
        False,
        True,
        False,
        False,
    ]


def test_a_varied_list_avoids_twins():
    vectors = np.asarray([[1, 0], [1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32)
    scores = np.asarray([1.0, 0.99, 0.5, 0.4], dtype=np.float32)
    assert chosen(scores, 3, 0.0, vectors).tolist() == [0, 1, 2]
    assert chosen(scores, 3, 0.5, vectors).tolist() == [0, 2, 1]
    assert chosen(scores, 2, 1.0, vectors).tolist() == [0, 2]
    assert chosen(scores, 3, 0.5, None).tolist() == [0, 1, 2]


def test_ties_go_to_the_earlier_item():
    scores = np.asarray([1, 2, 2, CANNOT_SAY, 2], dtype=np.float32)
    assert top_items(scores, 2).tolist() == [1, 2]
    assert top_items(scores, 9).tolist() == [1, 2, 4, 0]
    assert top_items(scores, 0).tolist() == []
    assert [rank_of(scores, item) for item in (1, 2, 4, 0)] == [0, 1, 2, 3]


def test_places_are_filled_behind_everything_that_is_known():
    own = np.asarray([CANNOT_SAY, 0.1, CANNOT_SAY, -2.0], dtype=np.float32)
    popular = np.asarray([5, 9, 7, CANNOT_SAY], dtype=np.float32)
    assert top_items(filled(own, popular), 4).tolist() == [1, 3, 2, 0]
    nothing = np.full(4, CANNOT_SAY)
    assert top_items(filled(nothing, popular), 3).tolist() == [1, 2, 0]
    assert filled(popular[:3], own[:3]) is not None
