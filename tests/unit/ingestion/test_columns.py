"""What columns are for, on tables as people have them."""

from __future__ import annotations

import pytest

from studio.ingestion.columns import guess_columns, is_question_list
from studio.ingestion.grid import write_grid
from studio.ingestion.pagetext import PageText

PRODUCTS = """
SKU|Product name|Category|Price|In stock|Added|Description|Link|Image
MT-001|Cove 1 tent|Tents|$199.00|12|2026-01-15|A light tent for one person that is up in five minutes.|https://shop.example/cove-1|https://cdn.example/c1.jpg
MT-002|Cove 2 tent|Tents|$1,249.00|7|2026-01-15|Room for two people and their packs, rated to three seasons.|https://shop.example/cove-2|https://cdn.example/c2.jpg
MT-003|Spark stove|Stoves|$49.50|30|2026-03-02|A gas stove that boils a litre of water in three minutes.|https://shop.example/spark|https://cdn.example/sp.jpg
MT-004|Ember stove|Stoves|$79.50|0|2026-03-02|Burns wood and needs no gas; packs flat into its own bag.|https://shop.example/ember|https://cdn.example/em.jpg
"""
CHINESE = """
序号|商品名称|分类|价格（元）|上架日期|商品描述
1|小湾一号帐篷|帐篷|1299元|2026年1月15日|单人轻量帐篷，五分钟即可搭好，适合三季使用。
2|小湾二号帐篷|帐篷|1599元|2026年1月15日|双人帐篷，带两个门厅，背包也放得下。
3|星火气炉|炉具|299元|2026年3月2日|三分钟烧开一升水，折叠后只有手掌大小。
4|余烬柴炉|炉具|399元|2026年3月2日|烧木柴，不用气罐，拆平后装进自带的袋子。
"""
FAQ = """
Question|Answer|Topic
Can I return a used tent?|Yes, within 30 days.|Returns
How long is the warranty?|Two years.|Warranty
Do you ship to Norway?|We do.|Shipping
Where is my parcel?|See the link in our mail.|Shipping
"""


def guess(table: str) -> dict[str, tuple[str, str]]:
    page = PageText()
    write_grid([line.split("|") for line in table.strip().splitlines()], page)
    columns = guess_columns(row.cells for row in page.page().rows)
    return {column.name: (column.role, column.kind) for column in columns}


def test_a_product_sheet() -> None:
    assert guess(PRODUCTS) == {
        "SKU": ("text", "text"),
        "Product name": ("title", "text"),
        "Category": ("filter", "category"),
        "Price": ("filter", "number"),
        "In stock": ("filter", "number"),
        "Added": ("filter", "date"),
        "Description": ("text", "text"),
        "Link": ("link", "link"),
        "Image": ("ignore", "link"),
    }


def test_a_chinese_product_sheet() -> None:
    assert guess(CHINESE) == {
        "序号": ("ignore", "number"),
        "商品名称": ("title", "text"),
        "分类": ("filter", "category"),
        "价格（元）": ("filter", "number"),
        "上架日期": ("filter", "date"),
        "商品描述": ("text", "text"),
    }


def test_a_question_sheet() -> None:
    assert guess(FAQ) == {
        "Question": ("title", "text"),
        "Answer": ("text", "text"),
        "Topic": ("text", "text"),
    }


def test_answers_that_repeat_are_still_text() -> None:
    rows = [(("q", f"Is size {n} there?"), ("a", "Yes.")) for n in range(8)]

    assert [(column.role, column.kind) for column in guess_columns(rows)] == [
        ("title", "text"),
        ("text", "text"),
    ]


def test_a_title_is_found_without_its_name() -> None:
    rows = [
        (("Code", f"A-{n}"), ("Was", f"Thing number {n}"), ("Notes", "word " * 60 + str(n)))
        for n in range(5)
    ]

    assert [column.role for column in guess_columns(rows)] == ["text", "title", "text"]


def test_codes_with_zeros_are_no_numbers() -> None:
    (column,) = guess_columns([(("Zip", f"0{n}139"),) for n in range(1, 9)])

    assert column.kind == "text"


def test_counts_and_examples() -> None:
    (column,) = guess_columns([(("C", value),) for value in ("b", "a", "b", "c", "d" * 100)])

    assert (column.n_values, column.n_distinct) == (5, 4)
    assert column.examples == ("b", "a", "c")
    assert guess_columns([]) == ()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Question", "Answer"), True),
        (("id", "QUESTION ", "the answer", "answers"), True),
        (("问题", "答案"), True),
        (("标准问题", "标准答案", "分类"), True),
        (("問題", "答覆"), True),
        (("Question", "Score"), False),
        (("name", "answer"), False),
    ],
)
def test_lists_of_questions_are_told_by_their_columns(names, expected) -> None:
    assert is_question_list(names) is expected


@pytest.mark.parametrize(
    "price", ["1.299,00 €", "1 299,00 €", "1'299", "¥1,299.00", "€ 1.299", "12,5"]
)
def test_prices_of_every_country_are_numbers(price) -> None:
    (column,) = guess_columns([(("Price", price),)])

    assert (column.role, column.kind) == ("filter", "number")


@pytest.mark.parametrize("code", ["021 638 900", "1.299.00", "12 34 56"])
def test_other_numbers_with_signs_are_no_prices(code) -> None:
    assert guess_columns([(("Phone", code),)])[0].kind == "text"
