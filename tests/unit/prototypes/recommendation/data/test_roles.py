"""What tables and columns are for is guessed from names, and from values where names say nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from studio.ingestion.long_table import read_long_tables
from studio.prototypes.recommendation.data.roles import (
    N_LOOKED_AT,
    guess_kind,
    guess_table,
    names_columns,
)

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


@pytest.mark.parametrize("sign", ["|", ", ", "、", " / "])
def test_lists_are_properties_whatever_parts_them(sign: str) -> None:
    lists = [sign.join(("剧情", "爱情", "战争", "喜剧")[i % 3 : i % 4 + 1]) for i in range(200)]
    films = frame(
        movieId=list(map(str, range(200))),
        title=[f"Film {i}" for i in range(200)],
        genres=[f"{listed}{sign}G{i % 90}" for i, listed in enumerate(lists)],
    )
    assert roles(films)[1]["genres"] == "attribute"
    for described in ("简介", "description_en", "Plot summary"):
        assert roles(films.rename(columns={"genres": described}))[1][described] == "text"


def test_names_with_a_type_are_known() -> None:
    events = {
        "user_id:token": [str(i % 9) for i in range(40)],
        "item_id:token": [str(i % 7) for i in range(40)],
        "rating:float": [str(i % 5 + 1) for i in range(40)],
        "timestamp:float": [str(881250949 + i) for i in range(40)],
    }
    kind, found = roles(frame(**events))
    assert kind == "events"
    assert list(found.values()) == ["user", "item", "rating", "time"]


@pytest.mark.parametrize("unit", ["", "000", ".25"])
def test_seconds_since_1970_are_a_time_whatever_they_are_called(unit: str) -> None:
    n = 40
    events = frame(
        customer=[f"u{i % 9}" for i in range(n)],
        sku=[f"p{i % 7}" for i in range(n)],
        quantity=["1"] * n,
        logged=[f"{1_700_000_000 + i * 3600}{unit}" for i in range(n)],
    )
    assert roles(events) == (
        "events",
        {"customer": "user", "sku": "item", "logged": "time"},
    )
    phones = events.assign(logged=[f"13{i:09d}" for i in range(n)])  # eleven digits are no time
    assert "logged" not in roles(phones)[1]


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


N = 40


def numbered(prefix: str, n: int = N) -> list[str]:
    return [f"{prefix}{at % n}" for at in range(N)]


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        (
            {
                "event_id": numbered("e"),
                "customer_no": numbered("c", 9),
                "goods_no": numbered("g", 7),
                "action": ["buy"] * N,
                "ts": numbered("17000000", 9),
            },
            {"customer_no": "user", "goods_no": "item", "action": "type", "ts": "time"},
        ),
        (
            {
                "订单编号": numbered("8"),
                "买家会员名": numbered("买家", 9),
                "宝贝ID": numbered("6", 7),
                "宝贝标题": numbered("茶壶", 7),
                "订单创建时间": ["2025-01-31 12:30:45"] * N,
                "订单状态": ["交易成功"] * N,
            },
            {
                "订单状态": "status",
                "买家会员名": "user",
                "宝贝ID": "item",
                "宝贝标题": "title",
                "订单创建时间": "time",
            },
        ),
        (
            {
                "Name": numbered("#1"),
                "Email": [f"a{at % 9}@shop.example" for at in range(N)],
                "Financial Status": ["paid", "refunded"] * (N // 2) + ["paid"] * (N % 2),
                "Created at": ["2025-01-31 12:30:45 +0100"] * N,
                "Lineitem quantity": ["1"] * N,
                "Lineitem name": numbered("Pot ", 7),
                "Lineitem sku": numbered("P", 7),
            },
            {
                "Email": "user",
                "Financial Status": "status",
                "Created at": "time",
                "Lineitem name": "title",
                "Lineitem sku": "item",
            },
        ),
        (
            {
                "Name": numbered("#1"),
                "Email": [f"a{at % 9}@shop.example" for at in range(N)],
                "Created at": ["2025-01-31 12:30:45 +0100"] * N,
                "Lineitem name": numbered("Pot ", 7),
                "Lineitem sku": [""] * N,
            },
            {"Email": "user", "Created at": "time", "Lineitem name": "item"},
        ),
    ],
    ids=["numbers", "Taobao", "Shopify", "Shopify without numbers"],
)
def test_orders_and_logs_of_shops_are_events(columns, wanted) -> None:
    assert roles(pd.DataFrame(columns, dtype=str)) == ("events", wanted)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["user_id", "product_id", "event", "timestamp"], True),
        (["商品编号", "标题", "价格"], True),
        (["A1", "Tea pot", "kitchen"], False),
        (["u1", "order 7"], False),
    ],
)
def test_a_row_that_names_columns_is_no_item(cells, expected) -> None:
    row = pd.DataFrame([cells], columns=[f"Column {n}" for n in range(len(cells))], dtype=str)
    assert names_columns(row) == expected
    assert not names_columns(pd.concat([row, row]))


def test_objects_within_a_row_are_known_by_their_own_names() -> None:
    nested = frame(**{
        "category.id": [f"c{at % 3}" for at in range(N)],
        "product.id": numbered("p"),
        "product.title": [f"Pot {at}" for at in range(N)],
        "price.amount": [f"{at}.50" for at in range(N)],
        "images.url": [f"https://cdn.example/{at}.jpg" for at in range(N)],
    })  # fmt: skip
    kind, found = roles(nested)

    assert kind == "items"
    assert found["product.id"] == "item"
    assert found["price.amount"] == "price"
    assert found["images.url"] == "image"
    assert found["category.id"] == "attribute"


def test_products_of_a_shop_have_prices_and_no_day_that_is_a_yes() -> None:
    shop = frame(**{
        "Handle": numbered("pot-"),
        "Title": [f"Pot number {at}" for at in range(N)],
        "Published": ["TRUE"] * N,
        "Variant SKU": numbered("NH-"),
        "Variant Inventory Qty": [str(at) for at in range(N)],
        "Variant Price": [f"{at}.90" for at in range(N)],
    })  # fmt: skip

    assert roles(shop)[1] == {
        "Handle": "item",
        "Title": "title",
        "Variant Inventory Qty": "stock",
        "Variant Price": "price",
    }
