"""The model service behind `/v1`, on the demo engines: what clients of OpenAI and the studio ask."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from studio.cluster.model_api import model_app, served_catalogue
from studio.config import Settings
from studio.inference.builtin_models import MINILM, MULTILINGUAL_E5_SMALL, SMOLLM2
from studio.records import Task

KEY = "a service's key"
QUESTION = [{"role": "user", "content": "One two three. Four five."}]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    home: Path = tmp_path_factory.mktemp("home")
    app = model_app(Settings(home=home, is_demo=True, service_key=KEY), (MINILM.id, SMOLLM2.id))
    with TestClient(app, headers={"Authorization": f"Bearer {KEY}"}) as client:
        yield client


def chat(client: TestClient, **more: object):
    body = {"model": SMOLLM2.id, "messages": QUESTION, "temperature": 0, **more}
    return client.post("/v1/chat/completions", json=body)


def test_an_answer_in_one_piece(client: TestClient) -> None:
    answer = chat(client).json()
    assert answer["choices"][0]["message"]["content"] == "One two three."
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert answer["usage"]["completion_tokens"] == 3


def test_an_answer_as_it_is_written(client: TestClient) -> None:
    answer = chat(client, stream=True, stream_options={"include_usage": True})
    lines = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    assert lines.pop() == "[DONE]"
    chunks = [json.loads(line) for line in lines]
    words = [c["choices"][0]["delta"].get("content", "") for c in chunks if c["choices"]]
    assert "".join(words) == "One two three."
    assert chunks[-1]["usage"]["completion_tokens"] == 3


def test_what_the_studio_sets_is_understood(client: TestClient) -> None:
    answer = chat(
        client,
        max_tokens=2,
        repetition_penalty=1.1,
        seed=3,
        response_format={"type": "json_schema", "json_schema": {"name": "t", "schema": {}}},
    )
    assert answer.json()["choices"][0]["finish_reason"] == "length"


def test_vectors_have_unit_length_in_the_order_of_the_texts(client: TestClient) -> None:
    def made(texts: list[str], encoding: str) -> list:
        body = {"model": MINILM.id, "input": texts, "encoding_format": encoding}
        rows = client.post("/v1/embeddings", json=body).json()["data"]
        return [row["embedding"] for row in rows]

    both = np.array(made(["a kettle", "a jacket"], "float"))
    assert np.allclose(np.linalg.norm(both, axis=1), 1)
    (packed,) = made(["a jacket"], "base64")
    assert np.allclose(np.frombuffer(base64.b64decode(packed), "<f4"), both[1])


def test_vectors_say_which_weights_made_them(client: TestClient) -> None:
    answer = client.post("/v1/embeddings", json={"model": MINILM.id, "input": "text"}).json()
    assert answer["revision"] == "1"  # the demo engine's


def test_texts_are_embedded_as_they_are_sent() -> None:
    spec = served_catalogue().get(MULTILINGUAL_E5_SMALL.id)
    assert (spec.query_prefix, spec.passage_prefix) == ("", "")


def test_the_models_it_can_run_are_listed(client: TestClient) -> None:
    found = {model["id"]: model["task"] for model in client.get("/v1/models").json()["data"]}
    assert found[MINILM.id] == "embedding"
    assert found[SMOLLM2.id] == "generation"
    assert Task.RERANKING not in found.values()


@pytest.mark.parametrize("model", ["gpt-4o", MINILM.id])
def test_a_model_that_cannot_write_is_not_there(client: TestClient, model: str) -> None:
    answer = chat(client, model=model)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic abc"])
@pytest.mark.parametrize("path", ["/v1/models", "/v1/embeddings"])
def test_nobody_comes_in_without_the_key(client: TestClient, header: str, path: str) -> None:
    method = "GET" if path == "/v1/models" else "POST"
    answer = client.request(method, path, headers={"Authorization": header})
    assert answer.status_code == 401


def test_without_a_key_of_its_own_it_asks_for_none(tmp_path: Path) -> None:
    with TestClient(model_app(Settings(home=tmp_path, is_demo=True))) as client:
        assert client.get("/v1/models").status_code == 200


def test_the_part_of_the_address_that_led_here_does_not_matter(tmp_path: Path) -> None:
    app = model_app(Settings(home=tmp_path, is_demo=True))
    with TestClient(app, root_path="/v1/embeddings") as client:
        answer = client.post("/v1/embeddings", json={"model": MINILM.id, "input": "text"})
        assert answer.status_code == 200
