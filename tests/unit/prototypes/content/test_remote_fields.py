"""Texts of fields from an endpoint that knows no schemas: asked without one, and mended where broken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from studio.config import Settings
from studio.inference.model_spec import ModelSpec
from studio.prototypes.content.composing import REPAIRED
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import CheckRules
from studio.prototypes.content.template import OutputField
from studio.records import Task
from studio.workbench import Workbench
from tests.openai_stub import KEY, Endpoint, running_endpoint

FORM = {"product": "Cove 2 Tent", "facts": "sleeps two; 2.1 kg"}
GOOD = '{"title": "A tent for two", "tags": ["light", "tent"]}'
BROKEN = "Here it is: {'title': 'A tent for two', 'tags': ['light', 'tent'"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with running_endpoint() as one:
        one.refuses = "response_format"
        yield one


@pytest.fixture
def content(endpoint, tmp_path) -> Iterator[Content]:
    settings = Settings(home=tmp_path / "home", is_demo=False)
    far = ModelSpec(
        id="far",
        name="Far",
        task=Task.GENERATION,
        source="remote",
        location="stub-1",
        base_url=endpoint.base_url,
        secret_name="far",
    )
    with Workbench.open(settings=settings) as workbench:
        workbench.catalogue.add(far)
        vectors = replace(far, id="vectors", task=Task.EMBEDDING, is_default=True)
        workbench.catalogue.add(vectors)  # no model is loaded
        workbench.secrets.set("far", KEY)
        made = workbench.create(Content, "Fields", Content.default_settings("en"))
        made.configure(
            replace(
                made.settings,
                generation_model="far",
                shape="fields",
                fields=(OutputField(name="title"), OutputField(name="tags", type="list")),
                checks=CheckRules(must_pass=("fields",)),
                n_retries=1,
            )
        )
        yield made


def check_of(text, name):
    return next(check for check in text.checks if check.name == name)


def test_an_endpoint_that_refuses_schemas_is_told_the_schema_in_words(content, endpoint):
    endpoint.says = [GOOD]
    text = content.write(FORM, 1).texts[0]
    asked = [sent for sent in endpoint.requests if "messages" in sent]
    assert ["response_format" in sent for sent in asked] == [True, False]
    assert '"additionalProperties": false' in asked[-1]["messages"][0]["content"]
    assert dict(text.fields) == {"title": "A tent for two", "tags": "light\ntent"}
    assert (text.note, text.n_attempts, text.is_accepted) == (None, 1, True)


def test_broken_json_is_mended_and_said_to_be(content, endpoint):
    endpoint.says = [BROKEN]
    text = content.write(FORM, 1).texts[0]
    assert json.loads(text.content) == json.loads(GOOD)
    assert (text.note, text.is_accepted) == (REPAIRED, True)
    assert check_of(text, "fields").status == "passed"


def test_prose_is_written_again_with_the_reason(content, endpoint):
    endpoint.says = ["I am sorry, I write no JSON.", GOOD]
    text = content.write(FORM, 1).texts[0]
    assert (text.n_attempts, text.is_accepted) == (2, True)
    assert text.attempts[0][0] == "I am sorry, I write no JSON."
    asked = [sent for sent in endpoint.requests if "messages" in sent]
    assert "not accepted" in asked[-1]["messages"][-1]["content"]


def test_what_cannot_be_mended_stays_as_it_came_and_fails(content, endpoint):
    endpoint.says = ['{"title": "A tent for two"}']
    text = content.write(FORM, 1).texts[0]
    assert dict(text.fields) == {"title": "A tent for two"}  # nothing is made up
    assert (text.n_attempts, text.is_accepted) == (2, False)
    assert check_of(text, "fields").status == "failed"


def test_rows_of_a_batch_are_mended_likewise(content, endpoint):
    endpoint.says = [BROKEN]
    sheet = content.batches.read("b.csv", b"product,facts\nTent,2 kg\nMug,1 l\n")
    batch = content.batches.start(sheet, content.batches.guess(sheet))
    for job in content._tools.jobs.jobs():
        job.wait(60)
    assert content.batches.get(batch.id).n_done == 2
    assert b"A tent for two" in content.batches.download(batch.id, "csv")
