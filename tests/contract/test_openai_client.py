"""The official client of OpenAI's API against a really started interface."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import openai
import pytest
from openai import OpenAI

from components import api_snippets
from studio.config import Settings
from studio.workbench import Workbench
from studio.workspace.api_key_record import KeyGrants
from tests.contract.api_server import QUESTION, RunningApi, running_api

WRITER, EMBEDDER = "smollm2-135m-instruct", "all-minilm-l6-v2"
ASK = [{"role": "user", "content": QUESTION}]


@pytest.fixture(scope="module")
def api(tmp_path_factory) -> Iterator[RunningApi]:
    folder = tmp_path_factory.mktemp("api")
    with running_api(folder / "home", folder / "log.txt") as running:
        yield running


@pytest.fixture
def client(api: RunningApi) -> Iterator[OpenAI]:
    with OpenAI(base_url=api.url, api_key=api.key, max_retries=0, timeout=60) as made:
        yield made


def test_a_chatbot_answers_with_its_sources(client: OpenAI) -> None:
    reply = client.chat.completions.create(model="help-desk", messages=ASK)
    message = reply.choices[0].message
    assert message.content
    assert message.citations[0]["document"] == "returns.md"  # type: ignore[attr-defined]
    assert reply.usage is not None
    assert reply.usage.total_tokens > 0
    assert reply._request_id


def test_a_chatbot_streams_with_its_sources_and_usage(client: OpenAI) -> None:
    whole = client.chat.completions.create(model="help-desk", messages=ASK)
    stream = client.chat.completions.create(
        model="help-desk", messages=ASK, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text.split() == (whole.choices[0].message.content or "").split()
    *_, last, counted = chunks
    assert last.choices[0].finish_reason == "stop"
    assert last.choices[0].delta.citations[0]["document"] == "returns.md"  # type: ignore[attr-defined]
    assert counted.usage == whole.usage


def test_the_clients_own_stream_helper_reads_it(client: OpenAI) -> None:
    with client.chat.completions.stream(model="help-desk", messages=ASK) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= kinds
    assert final.choices[0].message.content


def test_a_bare_model_writes(client: OpenAI) -> None:
    reply = client.chat.completions.create(
        model=WRITER,
        messages=[
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": "Say this. And that."},
        ],
        temperature=0,
        max_completion_tokens=1,
    )
    assert reply.choices[0].message.content == "Say"
    assert reply.choices[0].finish_reason == "length"


def test_vectors_in_both_encodings(client: OpenAI) -> None:
    # Without a word the client asks for base64 and reads it.
    packed = client.embeddings.create(model=EMBEDDER, input=["a lamp", "a tent"])
    plain = client.embeddings.create(
        model=EMBEDDER, input=["a lamp", "a tent"], encoding_format="float"
    )
    assert [item.embedding for item in packed.data] == [item.embedding for item in plain.data]
    assert np.linalg.norm(packed.data[0].embedding) == pytest.approx(1, abs=1e-5)


def test_models(client: OpenAI, api: RunningApi) -> None:
    listed = [model.id for model in client.models.list()]
    assert listed[0] == "help-desk"
    assert {WRITER, EMBEDDER} <= set(listed)
    assert client.models.retrieve("help-desk").owned_by == "studio"
    with OpenAI(base_url=api.url, api_key=api.narrow_key, max_retries=0) as narrow:
        assert list(narrow.models.list()) == []
        with pytest.raises(openai.NotFoundError):
            narrow.models.retrieve("help-desk")


def test_errors_are_the_clients_own(client: OpenAI, api: RunningApi) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt-4o", messages=ASK)
    assert missing.value.code == "model_not_found"
    assert missing.value.request_id
    with pytest.raises(openai.BadRequestError) as bad:
        client.chat.completions.create(model="help-desk", messages=ASK, n=2)
    assert bad.value.param == "n"
    with pytest.raises(openai.BadRequestError) as unknown:
        client.chat.completions.create(model="help-desk", messages=ASK, extra_body={"top_k": 5})
    assert unknown.value.code == "unknown_parameter"
    with (
        OpenAI(base_url=api.url, api_key="ps_wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError) as wrong,
    ):
        stranger.models.list()
    assert wrong.value.code == "invalid_api_key"


def test_a_meter_moves_in_the_studio_beside_it(api: RunningApi) -> None:
    with Workbench.open(settings=Settings(home=api.home, is_demo=True), resume=False) as studio:
        made = studio.workspace.api_keys.create("Meter", KeyGrants())
        with OpenAI(base_url=api.url, api_key=made.secret) as client:
            client.chat.completions.create(model="help-desk", messages=ASK)
            with client.chat.completions.create(
                model="help-desk", messages=ASK, stream=True
            ) as stream:
                for _ in stream:
                    pass
        account = made.record.account
        used, deadline = studio.meters.today(account), time.monotonic() + 30
        while used.n_requests < 2:  # the server writes them a moment later
            assert time.monotonic() < deadline, used
            time.sleep(0.02)
            used = studio.meters.today(account)
    assert used.n_requests == 2
    assert used.tokens > 0


def test_a_limit_is_not_tried_again_by_the_client(api: RunningApi) -> None:
    with Workbench.open(settings=Settings(home=api.home, is_demo=True), resume=False) as studio:
        made = studio.workspace.api_keys.create("Cee", KeyGrants(tokens_per_day=1))
    with OpenAI(base_url=api.url, api_key=made.secret, max_retries=2) as client:
        client.chat.completions.create(model="help-desk", messages=ASK)
        with pytest.raises(openai.RateLimitError) as caught:
            client.chat.completions.create(model="help-desk", messages=ASK)
    assert caught.value.code == "insufficient_quota"


@pytest.mark.parametrize("slug", ["help-desk", "my-search", "my-recommendation", "my-content"])
@pytest.mark.parametrize("name", ["curl", "Python", "JavaScript"])
def test_every_snippet_of_the_page_runs(api: RunningApi, tmp_path, slug: str, name: str) -> None:
    body = api.examples[slug]
    snippets = (
        api_snippets.of_chatbot(api.url, slug, body["question"])
        if slug == "help-desk"
        else api_snippets.of_endpoint(api.url, slug, api.actions[slug], body)
    )
    (snippet,) = [one for one in snippets if one.name == name]
    programs = {
        "curl": ("sh", "run.sh", "curl"),
        "Python": (sys.executable, "run.py", sys.executable),
        "JavaScript": ("node", "run.mjs", "node"),
    }
    program, file_name, needed = programs[name]
    if shutil.which(needed) is None:
        pytest.skip(f"{needed} is not installed")
    file = tmp_path / file_name
    file.write_text(snippet.code, encoding="utf-8")
    said = subprocess.run(
        [program, str(file)],
        env={**os.environ, "STUDIO_API_KEY": api.key, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    expected = {
        "help-desk": "content" if name == "curl" else "",
        "my-search": "relevance",
        "my-recommendation": "item_id",
        "my-content": "passes",
    }
    assert said.stdout.strip()
    assert expected[slug] in said.stdout
    assert '"error"' not in said.stdout
