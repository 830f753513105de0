"""What a model is told of the JSON it is to write, by its size and by what its engine does."""

from __future__ import annotations

import pytest

from studio.inference.model_spec import ModelSpec
from studio.prototypes.content.prompt import messages_for
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.template import OutputField
from studio.records import Task

FIELDS = (
    OutputField(name="title", help="at most 60 characters"),
    OutputField(name="tags", type="list"),
    OutputField(name="price", type="number"),
    OutputField(name="is_new", type="yes_no"),
)
SETTINGS = ContentSettings(instructions="Describe a tent.", shape="fields", fields=FIELDS)


def told(n_parameters: int, *, follows_schema: bool) -> str:
    model = ModelSpec(
        id="m",
        name="M",
        task=Task.GENERATION,
        source="folder",
        location="/m",
        n_parameters=n_parameters,
    )
    return messages_for(SETTINGS, model, {}, follows_schema=follows_schema)[0].content


def test_a_small_model_whose_engine_knows_no_schema_is_shown_the_form_of_its_answer():
    form = '{"title": "at most 60 characters", "tags": ["...", "..."], "price": 0, "is_new": true}'
    assert told(135_000_000, follows_schema=False).endswith(form)


def test_a_small_model_that_is_held_to_the_schema_needs_the_names_only():
    assert told(135_000_000, follows_schema=True).endswith("JSON: title, tags, price, is_new")


@pytest.mark.parametrize("follows_schema", [True, False])
def test_a_large_model_is_always_told_the_schema(follows_schema):
    assert '"additionalProperties": false' in told(8_000_000_000, follows_schema=follows_schema)
