"""The tastes that the sample company's events were drawn from are found by the studio's own methods."""

from __future__ import annotations

import csv
import runpy
from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

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


@pytest.fixture(scope="module")
def hidden() -> dict[str, NDArray[np.float64]]:
    """User id -> how much each product appeals to the user, from which the events were drawn."""
    made_by = runpy.run_path(str(SAMPLE_DATA / "make_events.py"), run_name="make_events")
    users, drawn = made_by["generate"](SAMPLE_DATA / "products.csv", made_by["DEFAULT_SEED"])
    assert [list(one) for one in drawn[:50]] == [
        list(row.values()) for row in rows("events.csv")[:50]
    ]
    return {user.user_id: user.affinity for user in users}


def test_lists_hold_what_appeals_to_the_user_in_secret(items, events, hidden):
    """The generator's own preferences, which no event shows, say which unseen items are good."""
    data = training_data(events, len(items))
    ranks: dict[str, list[float]] = {"item_cosine": [], "popular": []}
    for name, means in ranks.items():
        method = made(name, data, {})
        method.fit(data)
        for user in range(0, data.n_users, 12):
            visitor = visitor_of(data, user)
            if len(visitor.items) < 10:
                continue
            unseen = np.setdiff1d(np.arange(len(items)), visitor.items)
            appeal = hidden[events.users[user]][unseen]
            place = dict(
                zip(unseen.tolist(), appeal.argsort().argsort() / len(unseen), strict=True)
            )
            scores = method.scores(visitor).copy()
            scores[visitor.items] = float("-inf")
            means.append(float(np.mean([place[i] for i in top_items(scores, 10).tolist()])))
    # 0.5 is chance, 1 would be the ten that appeal most.
    ours, popular = (float(np.mean(means)) for means in ranks.values())
    assert ours > 0.75
    assert ours > popular + 0.15
