from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from studio.errors import InvalidInput
from studio.prototypes.recommendation.audience import Audience
from studio.prototypes.recommendation.interactions import Interactions, Items
from studio.prototypes.recommendation.weighing import (
    is_known_kind,
    kind_weight,
    rating_scale,
    training_data,
)
from studio.workspace.records import NewEventRecord

ITEMS = Items.bare(("a", "b", "c"))


def interactions(rows: list[tuple[str, str, str, float, float]]) -> Interactions:
    """(user, item, kind, rating, time)."""
    users, items, kinds, ratings, times = zip(*rows, strict=True)
    return Interactions.of(
        users=users, items=items, known=ITEMS, kinds=kinds, ratings=ratings, times_s=times
    )


NO = float("nan")


def test_events_of_a_pair_add_up_at_the_time_of_the_last():
    data = training_data(
        interactions(
            [("u", "a", "view", NO, 1), ("u", "b", "view", NO, 2), ("u", "a", "buy", NO, 3)]
        ),
        3,
    )
    assert data.items.tolist() == [1, 0]  # b first, as a was touched again
    assert data.weights.tolist() == [1.0, 4.0]
    assert data.times_s.tolist() == [2.0, 3.0]


def test_the_last_rating_of_a_pair_decides_how_much_of_the_liking_is_left():
    rows = [
        ("u", "a", "buy", NO, 1),
        ("u", "a", "rating", 5.0, 2),
        ("u", "b", "buy", NO, 3),
        ("u", "b", "rating", 3.0, 4),
        ("u", "c", "buy", NO, 5),
        ("u", "c", "rating", 1.0, 6),
    ]
    data = training_data(interactions(rows), 3)
    assert data.items.tolist() == [0, 1]  # what got one star of five was not liked
    assert data.weights.tolist() == pytest.approx([6.0, 3.6])


def test_a_negative_rating_is_no_liking():
    rows = [("u", "a", "rating", -1.0, 1), ("u", "b", "rating", 1.0, 2), ("v", "a", "view", NO, 3)]
    data = training_data(interactions(rows), 3)
    assert list(zip(data.users.tolist(), data.items.tolist(), strict=True)) == [(0, 1), (1, 0)]


@pytest.mark.parametrize(
    ("ratings", "shares"),
    [
        ([5.0, 4.0, 3.0, 2.5, 1.0, NO], [1.0, 0.8, 0.6, 0.0, 0.0, 1.0]),
        ([10.0, 5.0, 6.0], [1.0, 0.0, 0.6]),
        ([0.5, 2.5, 3.0, 5.0], [0.0, 0.0, 0.6, 1.0]),
        ([1.0, 0.0], [1.0, 0.0]),  # thumbs
        ([5.0, 4.0], [1.0, 0.8]),  # only good ones were kept
        ([1000.0, 10.0], [1.0, 0.01]),  # how often something was played is no scale
        ([-1.0, 1.0], [0.0, 1.0]),
        ([-1.0, -1.0, NO], [0.0, 0.0, 1.0]),
        ([0.0, 0.0], [1.0, 1.0]),  # a column of zeros says nothing
        ([NO, NO], [1.0, 1.0]),
    ],
)
def test_a_rating_leaves_its_share_of_the_highest(ratings, shares):
    assert rating_scale(np.asarray(ratings)).shares(np.asarray(ratings)).tolist() == shares


@pytest.mark.parametrize(
    ("kind", "weight"),
    [
        ("view", 1.0),
        ("addtocart", 2.0),
        ("Add To Cart", 2.0),
        ("加入购物车", 2.0),
        ("transaction", 3.0),
        ("pv", 1.0),
        ("dislike", 0.0),
        ("remove_from_cart", 0.0),
        ("退货", 0.0),
        ("取消收藏", 0.0),
        ("swirl", 1.0),
    ],
)
def test_kinds_count_by_their_names_in_the_spellings_of_shops(kind, weight):
    assert kind_weight(kind, {}) == weight
    assert is_known_kind(kind) == (kind != "swirl")


def test_what_was_taken_back_does_not_count_until_it_is_done_again():
    rows = [
        ("u", "a", "buy", NO, 1),
        ("u", "a", "refund", NO, 2),
        ("u", "b", "cart", NO, 3),
        ("u", "b", "remove_from_cart", NO, 4),
        ("u", "b", "buy", NO, 5),
    ]
    data = training_data(interactions(rows), 3)
    assert (data.items.tolist(), data.weights.tolist()) == ([1], [3.0])
    audience = Audience(ITEMS, interactions(rows), {})
    assert [(one.item_id, one.weight) for one in audience.taken("u")] == [("a", 0.0), ("b", 3.0)]
    changed = training_data(interactions(rows), 3, event_weights={"refund": 1.0})
    assert changed.weights.tolist() == [4.0, 3.0]


def test_a_rating_that_came_since_is_read_on_the_scale_of_the_data():
    known = Audience(ITEMS, interactions([("u", "a", "rating", 5.0, 1)]), {})
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for rating, weight in ((5.0, 3.0), (2.0, 0.0), (3.0, pytest.approx(1.8))):
        new = NewEventRecord(user_id="u", item_id="b", kind="rating", rating=rating, at=at)
        assert known.taken("u", [new])[-1].weight == weight


def test_owners_decide_what_a_kind_counts():
    rows = [("u", "a", "view", NO, 1), ("u", "b", "buy", NO, 2)]
    data = training_data(interactions(rows), 3, event_weights={"view": 0.0, "buy": 7.0})
    assert data.items.tolist() == [1]
    assert data.weights.tolist() == [7.0]


def test_events_are_put_in_order_of_time_those_without_one_first():
    made = interactions(
        [("u", "a", "view", NO, 5), ("u", "b", "view", NO, NO), ("u", "c", "view", NO, 1)]
    )
    assert made.item_codes.tolist() == [1, 2, 0]
    assert made.has_times


def test_all_identical_events_are_one_liking():
    data = training_data(interactions([("u", "a", "view", NO, 1)] * 50), 3)
    assert len(data.users) == 1
    assert data.weights.tolist() == [50.0]
    assert data.matrix[0, 0] == pytest.approx(np.log1p(50))


def test_an_unknown_item_and_columns_of_other_lengths_are_refused():
    with pytest.raises(InvalidInput, match="zebra"):
        interactions([("u", "zebra", "view", NO, 1)])
    with pytest.raises(InvalidInput, match="one per event"):
        Interactions.of(users=["u"], items=["a", "b"], known=ITEMS)
    with pytest.raises(InvalidInput, match="twice"):
        Items.bare(("a", "a"))
