"""The tastes that the sample company's events were drawn from are found by the studio's own methods."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime

import pytest

from studio.prototypes.recommendation.evaluating import EvaluationPlan, evaluate
from studio.prototypes.recommendation.interactions import Interactions, Items
from studio.prototypes.recommendation.methods.ranking import top_items
from studio.prototypes.recommendation.methods.registry import made
from studio.prototypes.recommendation.methods.visitors import visitor_of
from studio.prototypes.recommendation.weighing import training_data
from studio.sample_company import SAMPLE_DATA


def rows(name: str) -> list[dict[str, str]]:
    with (SAMPLE_DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def items() -> Items:
    products = rows("products.csv")
    return Items(
        ids=tuple(row["product_id"] for row in products),
        titles=tuple(row["name_en"] for row in products),
        texts=tuple(row["name_en"] for row in products),
        attributes={"subcategory": tuple((row["subcategory"],) for row in products)},
    )


@pytest.fixture(scope="module")
def events(items: Items) -> Interactions:
    lines = rows("events.csv")
    return Interactions.of(
        users=[row["user_id"] for row in lines],
        items=[row["product_id"] for row in lines],
        known=items,
        kinds=[row["event"] for row in lines],
        ratings=[float(row["rating"] or "nan") for row in lines],
        times_s=[datetime.fromisoformat(row["timestamp"]).timestamp() for row in lines],
    )


def test_what_users_take_next_is_foretold_far_better_than_by_popularity(items, events):
    plan = EvaluationPlan(
        parameters={}, event_weights={}, methods=("popular", "item_cosine", "next_item"), seed=1
    )
    found = evaluate(
        events, len(items), plan, vectors=None, fingerprint="", now=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert found.split == "time"
    assert found.best in ("item_cosine", "next_item")
    popular = found.of("popular").measures["nDCG@10"].mean
    assert found.of("item_cosine").measures["nDCG@10"].low > 2 * popular


def test_lists_stay_within_the_taste_of_the_user(items, events):
    """The subcategories a user took most from make up most of the list."""
    data = training_data(events, len(items))
    method = made("item_cosine", data, {})
    method.fit(data)
    groups = [cell[0] for cell in items.attributes["subcategory"]]
    shares = []
    for user in range(0, data.n_users, 12):
        visitor = visitor_of(data, user)
        if len(visitor.items) < 10:
            continue
        liked = {group for group, _ in Counter(groups[i] for i in visitor.items).most_common(8)}
        scores = method.scores(visitor).copy()
        scores[visitor.items] = float("-inf")
        shares.append(sum(groups[i] in liked for i in top_items(scores, 10)) / 10)
    # 8 of 27 subcategories hold 0.3 of the items: chance would give about that.
    assert sum(shares) / len(shares) > 0.6
