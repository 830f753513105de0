from __future__ import annotations

import numpy as np
import pytest

from studio.errors import InvalidInput
from studio.prototypes.recommendation.interactions import Interactions, Items
from studio.prototypes.recommendation.weighing import rating_shares, training_data

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
        ("u", "b", "rating", 1.0, 4),
    ]
    data = training_data(interactions(rows), 3)
    assert data.weights.tolist() == pytest.approx([6.0, 1.2])


def test_a_negative_rating_is_no_liking():
    rows = [("u", "a", "rating", -1.0, 1), ("u", "b", "rating", 1.0, 2), ("v", "a", "view", NO, 3)]
    data = training_data(interactions(rows), 3)
    assert list(zip(data.users.tolist(), data.items.tolist(), strict=True)) == [(0, 1), (1, 0)]


@pytest.mark.parametrize(
    ("ratings", "shares"),
    [
        ([5.0, 2.5, NO], [1.0, 0.5, 1.0]),
        ([-1.0, 1.0], [0.0, 1.0]),
        ([-1.0, -1.0, NO], [0.0, 0.0, 1.0]),
        ([0.0, 0.0], [1.0, 1.0]),  # a column of zeros says nothing
        ([NO, NO], [1.0, 1.0]),
    ],
)
def test_a_rating_leaves_its_share_of_the_highest(ratings, shares):
    assert rating_shares(np.asarray(ratings)).tolist() == shares


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
