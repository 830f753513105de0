"""What tables and columns are for is guessed from names, and from values where names say nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from studio.ingestion.long_table import read_long_tables
from studio.prototypes.recommendation.data.roles import N_LOOKED_AT, guess_kind, guess_table

SAMPLE = Path(__file__).resolve().parents[5] / "sample_data"


def roles(frame: pd.DataFrame) -> tuple[str, dict[str, str]]:
    kind, uses = guess_table(frame)
    return kind, {use.name: use.role for use in uses if use.role != "ignore"}


def sample(name: str) -> pd.DataFrame:
    content = (SAMPLE / name).read_bytes()
    found = read_long_tables(name, content, max_bytes=2**25, max_rows=N_LOOKED_AT)
    return found.tables[0].frame


def frame(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=str)


def test_sample_company_is_read_right() -> None:
    assert roles(sample("events.csv")) == (
        "events",
        {
            "user_id": "user",
            "product_id": "item",
            "event": "type",
            "rating": "rating",
            "timestamp": "time",
        },
    )
    kind, found = roles(sample("products.csv"))
    assert kind == "items"
    wanted = {
        "product_id": "item",
        "name_en": "title",
        "description_en": "text",
        "price_usd": "price",
        "stock": "stock",
        "launched_on": "date",
        "brand": "attribute",
    }
    assert wanted.items() <= found.items()
    assert roles(sample("users.csv")) == ("users", {"user_id": "user", "segment": "segment"})


def test_public_data_sets_are_read_right(studio_data) -> None:
    for name, kind, wanted in (
        ("ratings.csv", "events", {"userId": "user", "movieId": "item", "rating": "rating"}),
        ("movies.csv", "items", {"movieId": "item", "title": "title", "genres": "attribute"}),
    ):
        content = (studio_data / "ml_latest_small" / name).read_bytes()
        found = read_long_tables(name, content, max_bytes=2**25, max_rows=N_LOOKED_AT)
        got_kind, got = roles(found.tables[0].frame)
        assert got_kind == kind
        assert wanted.items() <= got.items()


def test_chinese_names_are_known() -> None:
    n = 40
    events = frame(
        用户编号=[f"u{i % 9}" for i in range(n)],
        商品编号=[f"p{i % 7}" for i in range(n)],
        行为类型=["浏览"] * n,
        下单时间=["2025年1月1日"] * n,
    )
    assert roles(events) == (
        "events",
        {"用户编号": "user", "商品编号": "item", "行为类型": "type", "下单时间": "time"},
    )
    items = frame(
        商品编号=[f"p{i}" for i in range(n)],
        商品名称=[f"茶壶{i}号" for i in range(n)],
        价格=[str(i) for i in range(n)],
        库存=["3"] * n,
        品类=["茶具", "炊具"] * (n // 2),
    )
    kind, found = roles(items)
    assert kind == "items"
    assert found == {
        "商品编号": "item",
        "商品名称": "title",
        "价格": "price",
        "库存": "stock",
        "品类": "attribute",
    }


def test_names_that_say_nothing_leave_it_to_the_values() -> None:
    repeated = frame(a=[f"u{i % 5}" for i in range(50)], b=[f"p{i % 8}" for i in range(50)])
    kind, found = roles(repeated)
    assert (kind, found) == ("events", {"a": "user", "b": "item"})
    named_once = frame(a=[f"p{i}" for i in range(50)], b=["x y"] * 50)
    assert guess_kind(named_once) == "items"


def test_pictures_and_links_are_told_apart() -> None:
    items = frame(
        sku=[f"p{i}" for i in range(10)],
        page=[f"https://shop.example/{i}" for i in range(10)],
        view=[f"https://shop.example/{i}.jpg?w=2" for i in range(10)],
    )
    assert roles(items)[1] == {"sku": "item", "page": "link", "view": "image"}


@pytest.mark.parametrize("n_rows", [0, 1])
def test_hardly_any_rows_are_no_problem(n_rows) -> None:
    kind, _ = roles(frame(user_id=["u"] * n_rows, item_id=["i"] * n_rows))
    assert kind == "events"
