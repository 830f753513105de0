"""Broken JSON of a model: mended where nothing has to be made up, left alone where it would."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.prototypes.content.structure import read_fields, schema_of, with_field
from studio.prototypes.content.template import OutputField

FIELDS = (
    OutputField(name="title"),
    OutputField(name="keywords", type="list"),
    OutputField(name="price", type="number", required=False),
)
GOOD = {"title": "A tent", "keywords": ["light", "tent"]}


def test_json_of_the_schema_is_taken_as_it_is():
    made = read_fields(json.dumps(GOOD), FIELDS)
    assert made.fields == (("title", "A tent"), ("keywords", "light\ntent"))
    assert not made.is_repaired


@pytest.mark.parametrize(
    "written",
    [
        '```json\n{"title": "A tent", "keywords": ["light", "tent"]}\n```',
        "Here you are: {'title': 'A tent', 'keywords': ['light', 'tent']}",
        '{"title": "A tent", "keywords": ["light", "tent"',
        '{"Title": "A tent", "keywords": "light; tent", "extra": 1}',
        '{"title": "A tent" "keywords": ["light", "tent",]}',
    ],
)
def test_broken_json_is_mended(written):
    made = read_fields(written, FIELDS)
    assert json.loads(made.content) == GOOD
    assert dict(made.fields)["title"] == "A tent"


def test_a_missing_field_is_not_made_up():
    made = read_fields('{"title": "A tent"}', FIELDS)
    assert "keywords" not in dict(made.fields)


def test_prose_stays_prose():
    made = read_fields("I cannot do that.", FIELDS)
    assert made.content == "I cannot do that."
    assert made.fields == ()


def test_numbers_are_brought_to_their_type():
    made = read_fields('{"title": 5, "keywords": ["a"], "price": "1,219.50"}', FIELDS)
    assert json.loads(made.content) == {"title": "5", "keywords": ["a"], "price": 1219.5}


@pytest.mark.parametrize(
    "written",
    [
        '{"title": ' + "[" * 400,
        '{"title": ' + "[" * 1_500,
        '{"title": ' * 3_000,
        '{"title": "A", "price": ' + "[" * 40 + "1" + "]" * 40 + "}",
        "[" * 100_000,
    ],
)
def test_brackets_without_end_give_no_fields(written):
    made = read_fields(written, FIELDS)
    assert (made.content, made.fields) == (written.strip(), ())


@pytest.mark.parametrize("number", ['"inf"', '"nan"', '"1e999"', "NaN", "-Infinity", "1e999"])
def test_a_number_without_a_value_is_none(number):
    made = read_fields(f'{{"title": "A", "keywords": ["a"], "price": {number}}}', FIELDS)
    assert dict(made.fields)["title"] == "A"
    price = json.loads(made.content, parse_constant=pytest.fail).get("price", "")
    assert isinstance(price, str)  # so that the check of the fields sees it, where it stands at all


def test_half_a_character_is_no_part_of_a_text():
    made = read_fields('{"title": "A\\ud83d", "keywords": ["a"]}', FIELDS)
    assert dict(made.fields)["title"] == "A?"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(("inf", "-nan", "1e400", "1,000", "yes")),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(("title", "Keywords", "price", "x")), inner, max_size=4),
    max_leaves=12,
).map(json.dumps)  # fmt: skip
_BROKEN = st.builds(
    lambda text, start, end, more: text[start : len(text) - end] + more,
    _JSON,
    st.integers(0, 3),
    st.integers(0, 6),
    st.sampled_from(("", "}", '"', "```", ",,", "[" * 30, "{" * 400, '{"title":' * 1_200)),
)


@given(st.text(max_size=200) | _JSON | _BROKEN)
def test_nothing_a_model_writes_makes_it_fail(text):
    made = read_fields(text, FIELDS)
    if made.fields:
        json.loads(made.content, parse_constant=pytest.fail)
    made.content.encode()


def test_the_schema_is_closed():
    schema = schema_of(FIELDS)
    assert schema["required"] == ["title", "keywords"]
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("title", "A lamp", {"title": "A lamp", "n": 2, "tags": ["x"]}),
        ("n", "7", {"title": "Old", "n": 7, "tags": ["x"]}),
        ("tags", "red\n- steel", {"title": "Old", "n": 2, "tags": ["red", "steel"]}),
    ],
)
def test_a_new_value_is_brought_to_the_type_of_its_field(name, value, found):
    fields = (
        OutputField(name="title"),
        OutputField(name="n", type="number"),
        OutputField(name="tags", type="list"),
    )
    content = '{"title": "Old", "n": 2, "tags": ["x"]}'
    assert json.loads(with_field(content, fields, name, value)) == found
