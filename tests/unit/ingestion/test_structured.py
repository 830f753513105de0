"""JSON: rows where it is a table, readable lines where it is not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ingestion.decoding import Decoded
from studio.ingestion.structured import looks_like_json, read_json


def read(text: str):
    return read_json("a.json", Decoded(text=text, encoding="utf-8"))


def lines(text: str) -> list[str]:
    return read(text).pages[0].text.split("\n\n")


TABLE = '{"name": "Tent", "price": 199.50, "size": {"w": 2}, "tags": ["a", "b"], "no": null, "on": true}'
ROW = "name: Tent; price: 199.50; size.w: 2; tags: a, b; on: true"


@pytest.mark.parametrize(
    "text", [f"[{TABLE}]", f"{TABLE}\n\n{TABLE}", f'{{"products": [{TABLE}, {TABLE}]}}']
)
def test_a_list_of_objects_becomes_rows(text) -> None:
    content = read(text)

    assert set(content.pages[0].text.split("\n\n")) == {ROW}
    assert content.n_rows == text.count("Tent")
    assert content.pages[0].rows[0].cells[1] == ("price", "199.50")


def test_what_stands_beside_the_list_is_kept() -> None:
    assert lines('{"shop": "Maple", "open": false, "items": [{"name": "Cup"}]}') == [
        "shop: Maple",
        "open: false",
        "name: Cup",
    ]


def test_other_values_become_lines_with_their_way() -> None:
    assert lines('{"a": {"b": "x", "c": [1, 2]}, "d": [["y"], 0]}') == [
        "a.b: x",
        "a.c: 1, 2",
        "d: y",
        "d: 0",
    ]
    assert read('{"a": "x"}').n_rows is None


def test_numbers_stay_as_written() -> None:
    assert lines('{"a": 1.10, "b": 12345678901234567890, "c": 1e3}') == [
        "a: 1.10",
        "b: 12345678901234567890",
        "c: 1e3",
    ]


def test_a_few_broken_lines_are_left_out_and_counted() -> None:
    content = read("\n".join([*(f'{{"n": {n}}}' for n in range(9)), '{"n": ']))

    assert (content.n_rows, content.n_rows_dropped) == (9, 1)
    assert not content.is_complete
    assert "One line" in str(content.notices[0])


@pytest.mark.parametrize("text", ['{"a": ', "not JSON at all", "[" * 100_000, "[" * 90 + "]" * 90])
def test_what_is_not_json_is_kept_as_text_and_told(text) -> None:
    content = read(text)

    assert content.pages[0].text == text
    assert "not valid JSON" in str(content.notices[0])
    assert not looks_like_json(text)


@pytest.mark.parametrize("text", ["{}", "[]", "[{}]", "null", '{"a": null}', '{"a": ""}'])
def test_json_without_a_value_is_empty(text) -> None:
    assert read(text).pages == ()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)  # parsers are imported when first needed
@given(VALUES)
def test_any_json_is_read_and_its_rows_stand_in_the_text(value) -> None:
    content = read(json.dumps(value))

    for page in content.pages:
        for row in page.rows:
            assert all(cell in page.text[row.start : row.end] for _, cell in row.cells)


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85"])
def test_line_ends_of_typesetters_are_characters_of_a_text(end) -> None:
    row = f'{{"a": "one{end}two"}}'
    for text in (f"[{row}]", f"{row}\n{row}"):
        content = read(text)
        assert content.is_complete
        assert content.pages[0].text.startswith("a: one two")
    assert read(f'{{"note": "one{end}two"}}').pages[0].text == "note: one\ntwo"


def test_what_a_program_answers_is_a_table_however_deep_its_list_lies() -> None:
    content = read('{"code": 0, "data": {"total": 2, "list": [{"name": "Cup"}, {"name": "Pot"}]}}')

    assert content.n_rows == 2
    assert content.pages[0].text.split("\n\n") == [
        "code: 0",
        "data.total: 2",
        "name: Cup",
        "name: Pot",
    ]


def test_objects_listed_in_a_row_are_columns_of_it() -> None:
    row = {
        "id": "1",
        "attributes": [{"name": "颜色", "value": "白"}, {"name": "尺寸", "value": ["S", "M"]}],
        "images": [
            {"url": "https://cdn.example/1.jpg", "w": 8},
            {"url": "https://cdn.example/2.jpg"},
        ],
    }

    assert read(json.dumps([row])).pages[0].rows[0].cells == (
        ("id", "1"),
        ("attributes.颜色", "白"),
        ("attributes.尺寸", "S, M"),
        ("images.url", "https://cdn.example/1.jpg, https://cdn.example/2.jpg"),
        ("images.w", "8"),
    )


def test_html_in_values_is_read_as_its_text_and_counted() -> None:
    content = read('[{"name": "Cup", "text": "<p>For<br>two</p>"}]')

    assert content.pages[0].rows[0].cells[1] == ("text", "For two")
    assert "HTML" in str(content.notices[0])
