"""The profile counts what is there, and the verdict says what it can support."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import numpy as np
import pytest

from studio.prototypes.recommendation.data.profile import BANDS, Profile, profile_of
from studio.prototypes.recommendation.data.verdict import (
    MIN_LINKING_USERS,
    MIN_SHARED_ITEMS,
    verdict_of,
)
from studio.prototypes.recommendation.interactions import Interactions, Items

ITEMS = Items(ids=("a", "b", "c", "d"), titles=("A",) * 4, texts=("A. about",) * 4)


def events(*pairs: tuple[str, str], times=None, **more) -> Interactions:
    users, items = zip(*pairs, strict=True) if pairs else ((), ())
    return Interactions.of(users=users, items=items, known=ITEMS, times_s=times, **more)


def test_small_data_by_hand() -> None:
    day = 86400.0
    found = profile_of(
        ITEMS,
        events(
            ("u", "a"), ("u", "a"), ("u", "b"), ("v", "a"),
            times=[0.0, 0.0, 40 * day, 100 * day], segments={"w": "new"},
        ),
    )  # fmt: skip
    assert (found.n_items, found.n_cold_items, found.n_described_items) == (4, 2, 4)
    assert (found.n_users, found.n_listed_users, found.n_one_item_users) == (2, 1, 1)
    assert found.n_linking_users == 1
    assert (found.n_events, found.n_pairs) == (4, 3)
    assert found.density == pytest.approx(3 / 8)
    assert found.head_share == pytest.approx(3 / 4)  # one item of four is the head
    assert found.curve[0] == (0.0, 0.0)
    assert found.curve[1] == (0.25, 0.75)
    assert found.curve[-1] == (1.0, 1.0)
    assert sum(found.bands) == 3
    assert found.bands[BANDS.index((0, 0))] == 1
    assert [month.n_events for month in found.months] == [2, 1, 0, 1]


def test_empty_data_has_a_profile() -> None:
    found = profile_of(Items.bare(()), Interactions.of(users=(), items=(), known=Items.bare(())))
    assert found.n_events == found.n_users == found.n_items == 0
    assert found.density == found.head_share == 0.0
    assert found.curve == found.months == ()
    assert verdict_of(found).support == "nothing"


def with_numbers(**numbers) -> Profile:
    rich = profile_of(ITEMS, events(("u", "a"), ("u", "b"), times=[0.0, 9e7]))
    wanted = {
        "n_linking_users": 5000,
        "n_shared_items": 400,
        "n_cold_items": 0,
        "n_one_item_users": 0,
    }
    return dataclasses.replace(rich, **{**wanted, **numbers})


def test_events_that_match_no_item_are_said_instead_of_no_events() -> None:
    found = verdict_of(with_numbers(n_events=0, n_linking_users=0), n_unmatched=300)
    assert found.support == "content"
    assert "None of your 300 events matches an item id" in str(found.headline)
    assert "matches" not in str(verdict_of(with_numbers(), n_unmatched=5).headline)


def test_enough_data_supports_behaviour_and_needs_no_more_words() -> None:
    found = verdict_of(with_numbers())
    assert found.support == "behaviour"
    assert found.details == ()


@pytest.mark.parametrize(
    ("numbers", "support"),
    [
        ({"n_linking_users": MIN_LINKING_USERS - 1}, "content"),
        ({"n_shared_items": MIN_SHARED_ITEMS - 1}, "content"),
        ({"n_linking_users": 3, "n_described_items": 0}, "popular"),
        ({"n_events": 0, "n_linking_users": 0}, "content"),
        ({"n_events": 0, "n_linking_users": 0, "n_described_items": 0}, "nothing"),
    ],
)
def test_thin_data_supports_less_and_the_headline_says_why(numbers, support) -> None:
    found = verdict_of(with_numbers(**numbers))
    assert found.support == support
    if "n_linking_users" in numbers and numbers.get("n_events") != 0:
        assert "Too few people came back" in str(found.headline)


@pytest.mark.parametrize(
    ("numbers", "part"),
    [
        ({"n_linking_users": 29}, "with fewer than 30 it gives no verdict"),
        ({"n_linking_users": 100}, "not small ones"),
        ({"first_at": None, "last_at": None}, "have no times"),
        ({"last_at": datetime.fromtimestamp(3600, UTC)}, "of one day"),
        ({"last_at": datetime.fromtimestamp(3 * 86400, UTC)}, "within 4 days"),
        ({"n_cold_items": 2}, "have no event yet"),
        ({"n_users": 100, "n_one_item_users": 80}, "used a single item"),
    ],
)
def test_what_limits_the_data_is_said(numbers, part) -> None:
    assert part in " ".join(map(str, verdict_of(with_numbers(**numbers)).details))


def test_curve_is_short_however_many_items() -> None:
    ids = tuple(map(str, range(5000)))
    items = Items.bare(ids)
    found = profile_of(items, Interactions.of(users=["u"] * 5000, items=ids, known=items))
    assert len(found.curve) <= 201
    assert np.all(np.diff([y for _, y in found.curve]) > 0)


def test_who_did_far_more_than_others_is_named() -> None:
    usual = [(f"u{user}", item) for user in range(50) for item in "abc"]
    found = profile_of(ITEMS, events(*usual, *[("reseller", "d")] * 100))
    assert found.heavy_users == (("reseller", 100),)
    assert "100 of 250 events (40%) are of reseller" in " ".join(
        map(str, verdict_of(found).details)
    )
    assert profile_of(ITEMS, events(*usual, *[("fan", "d")] * 59)).heavy_users == ()


def test_who_disliked_everything_teaches_nothing() -> None:
    pairs = [(f"u{user}", item) for user in range(50) for item in "abcd"]
    n = len(pairs)
    disliked = profile_of(ITEMS, events(*pairs, kinds=["rating"] * n, ratings=[-1.0] * n))
    assert (disliked.n_linking_users, disliked.n_shared_items) == (0, 0)
    verdict = verdict_of(disliked)
    assert verdict.support == "content"
    assert "Too few people liked two items or more" in str(verdict.headline)
    liked = profile_of(ITEMS, events(*pairs, kinds=["rating"] * n, ratings=[5.0] * n))
    assert (liked.n_linking_users, liked.n_shared_items) == (50, 4)
