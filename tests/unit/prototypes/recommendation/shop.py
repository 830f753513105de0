"""A small shop whose customers' tastes are known: four categories, each customer likes one."""

from __future__ import annotations

import csv
import io

import numpy as np

CATEGORIES = ("tents", "bikes", "tea", "plants")
N_PER_CATEGORY = 12
N_USERS = 48
N_PER_USER = 8
DAY_S = 86_400


def items_csv() -> bytes:
    rows = [("item_id", "name", "category", "brand", "price", "stock", "added")]
    for number, category in enumerate(CATEGORIES):
        for at in range(N_PER_CATEGORY):
            rows.append(
                (
                    f"{category}-{at}",
                    f"{category.title()} number {at}",
                    category,
                    f"Brand {at % 3}",
                    f"{10 + 10 * number + at}.00",
                    "0" if at == 0 else "5",
                    f"2025-{1 + at:02d}-01",
                )
            )
    return _csv(rows)


def events_csv(*, seed: int = 1) -> bytes:
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(N_USERS):
        category = CATEGORIES[user % len(CATEGORIES)]
        # Low numbers are taken more often, so that something is popular.
        chances = 1 / (2 + np.arange(N_PER_CATEGORY))
        order = rng.choice(N_PER_CATEGORY, N_PER_USER, replace=False, p=chances / chances.sum())
        for step, at in enumerate(order.tolist()):
            second = 1_750_000_000 + user * 3600 + step * DAY_S * 5
            kind = "buy" if step % 3 == 0 else "view"
            rows.append((f"u{user}", f"{category}-{at}", kind, second))
    rows.sort(key=lambda row: row[3])
    return _csv([("user_id", "item_id", "event", "timestamp"), *rows])


def category_of(item_id: str) -> str:
    return item_id.rpartition("-")[0]


def _csv(rows: list[tuple[object, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
