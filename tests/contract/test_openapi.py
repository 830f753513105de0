"""The interface keeps to its own description, whatever it is sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from studio.config import Settings
from studio.prototypes.registry import KINDS
from studio.workbench import Workbench
from studio.workspace.api_key_record import NewApiKey
from tests.unit.api.conftest import Api, bearer, make_api

TRIES = settings(
    max_examples=25, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
MODELS = {"embeddings": "all-minilm-l6-v2"}
ITEM = "P0001"  # of the sample
SLUGS = {
    "ask": "my-chatbot",
    "classify": "my-classifier",
    "events": "my-recommendation",
    "recommend": "my-recommendation",
    "search": "my-search",
}


@pytest.fixture(scope="module")
def api(tmp_path_factory) -> Iterator[Api]:
    """With the samples of all kinds published."""
    chosen = Settings(home=tmp_path_factory.mktemp("home"), is_demo=True)
    with Workbench.open(settings=chosen) as workbench:
        made = make_api(workbench)
        for name, kind in KINDS.items():
            made.publish(workbench.sample(kind), f"my-{name}")
        for job in workbench.jobs.jobs():
            job.wait(120)
        yield made


def test_answers_are_as_described(api: Api) -> None:
    key = api.key(opens_models=True, requests_per_minute=None)
    schema = schemathesis.openapi.from_dict(api.client.get("/v1/openapi.json").json())
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == 12
    answered: set[str] = set()
    for operation in operations:
        TRIES(given(case=operation.as_strategy())(_tried))(api, key, answered)
    # The tries are no good if all of them are refused; a form's fields nobody guesses.
    assert len(answered) >= len(operations) - 2, answered


def _dicts(value: object) -> list[dict[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _tried(api: Api, key: NewApiKey, answered: set[str], case: schemathesis.Case) -> None:
    # Names that are there, so that more is tried than "not found".
    action = case.path.rpartition("/")[2]
    if "slug" in case.path_parameters:
        case.path_parameters["slug"] = SLUGS.get(action, "my-content")
    if "model" in case.path_parameters:
        case.path_parameters["model"] = "my-chatbot"
    if isinstance(case.body, dict) and "model" in case.body:
        case.body["model"] = MODELS.get(action, "my-chatbot")
    if action == "events" and isinstance(case.body, dict):
        for event in _dicts(case.body.get("events")):
            event["item_id"] = ITEM
    wanted = case.as_transport_kwargs(base_url="http://testserver/v1", headers=bearer(key))
    wanted.pop("cookies", None)  # none is described
    response = api.client.request(**wanted)
    case.validate_response(response, checks=CHECKS)
    if response.status_code == 200:
        answered.add(case.operation.label)
