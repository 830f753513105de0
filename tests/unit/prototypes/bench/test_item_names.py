"""What items are called: stable when a file is edited, found under every name that means one."""

from __future__ import annotations

from studio.evaluation.items import item_id
from studio.prototypes.bench.item_names import ItemNames
from studio.records import Chunk

ROWS = (
    (("Price", "19"), ("Name", "Cove Tent"), ("Kind", "tent"), ("Article number", "T-1")),
    (("Price", "29"), ("Name", "Ridge Tent"), ("Kind", "tent"), ("Article number", "T-2")),
    (("Price", "39"), ("Name", "Stove"), ("Kind", "stove"), ("Article number", "S-1")),
)


def chunks(rows=ROWS, document_id="d1", name="shop.csv", first=0):
    return [
        Chunk(
            chunk_id=first + n,
            document_id=document_id,
            document_name=name,
            page=None,
            start=0,
            end=1,
            text="x",
            heading=dict(cells).get("Name", ""),
            cells=cells,
        )
        for n, cells in enumerate(rows)
    ]


def text(document_id="d2", name="zip/returns.md"):
    return Chunk(
        chunk_id=99,
        document_id=document_id,
        document_name=name,
        page=None,
        start=0,
        end=1,
        text="x",
        heading="Returns > Postage",
    )


def test_a_row_is_called_by_its_title_if_that_is_unique_else_by_its_number():
    assert ItemNames(chunks(), frozenset({"Name"})).of(chunks()[0]) == "shop.csv#Cove Tent"
    assert ItemNames(chunks()).of(chunks()[0]) == "shop.csv#T-1"
    assert ItemNames(chunks(), frozenset({"Kind"})).of(chunks()[0]) == "shop.csv#T-1"


def test_a_column_of_words_names_a_row_rather_than_one_of_figures():
    rows = [cells[:3] for cells in ROWS]
    assert ItemNames(chunks(rows)).of(chunks(rows)[2]) == "shop.csv#Stove"


def test_a_row_without_any_unique_cell_is_called_by_all_of_them():
    rows = [(("Kind", "tent"), ("Size", "1")), (("Kind", "tent"), ("Size", "2")),
            (("Kind", "stove"), ("Size", "2"))]  # fmt: skip
    names = ItemNames(chunks(rows))
    called = [names.of(chunk) for chunk in chunks(rows)]
    assert called[0] == item_id("shop.csv", rows[0])
    assert len(set(called)) == 3


def test_a_row_without_the_naming_cell_is_called_by_the_next_and_never_like_another():
    rows = [*ROWS, (("Price", "9"), ("Article number", "Stove"))]
    names = ItemNames(chunks(rows), frozenset({"Name"}))
    called = [names.of(chunk) for chunk in chunks(rows)]
    assert called[2:] == ["shop.csv#Stove", "shop.csv#Article number=Stove"]


def test_an_edited_file_keeps_the_names():
    edited = [(("Price", "99"), *cells[1:]) for cells in ROWS]
    before = ItemNames(chunks(), frozenset({"Name"}))
    after = ItemNames(chunks(edited, document_id="d9"), frozenset({"Name"}))
    stored = before.of(chunks()[1])
    assert after.resolve(stored) == stored == "shop.csv#Ridge Tent"


def test_names_of_earlier_versions_and_of_people_lead_to_the_item():
    names = ItemNames([*chunks(), text()], frozenset({"Name"}))
    stove = "shop.csv#Stove"
    written = [
        item_id("d1", ROWS[2]),
        item_id("shop.csv", ROWS[2]),
        "S-1",
        "stove ",
        "shop.csv#S-1",
    ]
    assert [names.resolve(name) for name in written] == [stove] * 5
    for name in ("d2", "zip/returns.md", "returns.md", "Returns", "RETURNS.MD"):
        assert names.by_name.get(name) == "zip/returns.md"
    assert names.resolve("Hammock") is None
    assert names.title(stove) == "Stove"


def test_a_name_of_two_items_means_neither():
    other = chunks([(("Name", "Stove"), ("Article number", "Z-1"))], "d5", "other.csv", 50)
    names = ItemNames([*chunks(), *other], frozenset({"Name"}))
    assert names.resolve("Stove") is None
    assert names.resolve("other.csv#Stove") == "other.csv#Stove"


def test_a_long_row_in_several_passages_is_one_item():
    pieces = [chunk for chunk in chunks() for _ in range(3)]
    assert ItemNames(pieces, frozenset({"Name"})).of(pieces[4]) == "shop.csv#Ridge Tent"
