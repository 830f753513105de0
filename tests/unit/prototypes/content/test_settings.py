"""What a content prototype may be set to."""

from __future__ import annotations

import json

import pytest

from studio.errors import InvalidInput
from studio.prototypes.content.settings import CheckRules, ContentSettings
from studio.prototypes.content.template import Example, OutputField, Variable
from studio.prototypes.content.voice import Voice


def variable(name: str, **values) -> Variable:
    return Variable(**{"name": name, "label": name, **values})


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("variables", {"variables": (variable("a b"),)}),
        ("variables", {"variables": (variable("1st"),)}),
        ("variables", {"variables": (variable("a"), variable("a"))}),
        ("variables", {"variables": (variable("a", label=" "),)}),
        ("variables", {"variables": (variable("a", type="choice"),)}),
        ("variables", {"variables": tuple(variable(f"v{n}") for n in range(21))}),
        ("fields", {"shape": "fields"}),
        ("fields", {"fields": (OutputField(name="a"), OutputField(name="a"))}),
        ("fields", {"fields": (OutputField(name="no name"),)}),
        ("shape", {"shape": "poem"}),
        ("checks", {"checks": CheckRules(max_repetition=1.5)}),
        ("checks", {"checks": CheckRules(min_words=9, max_words=3)}),
        ("checks", {"checks": CheckRules(must_pass=("beauty",))}),  # type: ignore[arg-type]
        ("checks", {"checks": CheckRules(min_readability=101)}),
        ("examples", {"examples": (Example(values=(), text="x"),) * 7}),
        ("n_variants", {"n_variants": 9}),
        ("temperature", {"temperature": float("nan")}),
    ],
)
def test_what_cannot_be_used_is_named(field, values):
    with pytest.raises(InvalidInput) as caught:
        ContentSettings(**values)
    assert field in caught.value.fields


def test_everything_survives_json():
    settings = ContentSettings(
        language="zh",
        variables=(variable("facts", type="list", is_source=True),),
        examples=(Example(values=(("facts", "a"),), text="b"),),
        voice=Voice(tone=("warm",), samples=("x",)),
        shape="fields",
        fields=(OutputField(name="title"),),
        checks=CheckRules(required_words=("a",), must_pass=("support",)),
    )
    stored = json.loads(json.dumps(settings.to_json()))
    assert ContentSettings.from_json({**stored, "of_a_newer_studio": 1}) == settings
