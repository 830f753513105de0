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


@given(st.text(max_size=200))
def test_nothing_a_model_writes_makes_it_fail(text):
    read_fields(text, FIELDS)


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
