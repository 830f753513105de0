"""Vectors as OpenAI gives them, as numbers and in base64."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from tests.unit.api.conftest import Api

MODEL = "all-minilm-l6-v2"
TEXTS = ["a lamp", "a tent for two"]


def embed(api: Api, key, **body):
    return api.post("/v1/embeddings", {"model": MODEL, "input": TEXTS, **body}, key)


def test_numbers_and_base64_are_the_same_unit_vectors(api: Api) -> None:
    key = api.key(opens_models=True)
    plain = embed(api, key).json()
    packed = embed(api, key, encoding_format="base64").json()
    assert [item["index"] for item in plain["data"]] == [0, 1]
    for one, other in zip(plain["data"], packed["data"], strict=True):
        vector = np.frombuffer(base64.b64decode(other["embedding"]), "<f4")
        assert one["embedding"] == vector.tolist()
        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
    assert plain["usage"]["prompt_tokens"] == plain["usage"]["total_tokens"] == 6
    alone = embed(api, key, input=TEXTS[0], user="u").json()
    assert alone["data"][0]["embedding"] == plain["data"][0]["embedding"]
    dim = len(plain["data"][0]["embedding"])
    assert embed(api, key, dimensions=dim).status_code == 200
    calls = api.workbench.ledger.frame(account=key.record.account)
    assert (len(calls), set(calls["stage"])) == (4, {"embedding"})


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"input": [[1, 2]]}, "input"),
        ({"input": [1, 2]}, "input"),
        ({"input": ""}, "input"),
        ({"input": ["a", ""]}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a"] * 2049}, "input"),
        ({"dimensions": 7}, "dimensions"),
        ({"encoding_format": "hex"}, "encoding_format"),
        ({"task": "query"}, "task"),
    ],
)
def test_what_cannot_be_read_is_refused(api: Api, body, param) -> None:
    answered = embed(api, api.key(opens_models=True), **body)
    assert answered.status_code == 400, answered.text
    assert answered.json()["error"]["param"].startswith(param)


@pytest.mark.parametrize("model", ["help-desk", "smollm2-135m-instruct", "nothing"])
def test_only_models_that_make_vectors_do(api: Api, model: str) -> None:
    assert embed(api, api.key(opens_models=True), model=model).status_code == 404


def test_a_key_without_leave_gets_none(api: Api) -> None:
    assert embed(api, api.key()).status_code == 404
    assert api.get("/v1/models", api.key()).json()["data"][-1]["id"] == "help-desk"
    listed = [one["id"] for one in api.get("/v1/models", api.key(opens_models=True)).json()["data"]]
    assert listed[0] == "help-desk"
    assert MODEL in listed
