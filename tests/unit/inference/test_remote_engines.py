from __future__ import annotations

import time
import traceback
from dataclasses import replace

import numpy as np
import pytest

from studio.errors import ModelUnavailable, Overloaded
from studio.inference.engines.remote_embedding import RemoteEmbeddingEngine, estimated_tokens
from studio.inference.engines.remote_generation import RemoteGenerationEngine
from studio.inference.model_spec import ModelSpec
from studio.records import Message, Sampling, Task
from tests.openai_stub import KEY, running_endpoint


@pytest.fixture
def endpoint():
    with running_endpoint() as one:
        yield one


@pytest.fixture
def engines():
    """Makes engines that are closed at the end."""
    made = []

    def make(kind, *arguments, **settings):
        made.append(kind(*arguments, **settings))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


def spec(url, task=Task.GENERATION, **more):
    return ModelSpec(
        id="far", name="Far", task=task, source="remote", location="stub-1", base_url=url, **more
    )


def events_of(engine, handle=1, seconds=10.0):
    end = time.monotonic() + seconds
    found = []
    while time.monotonic() < end:
        found += engine.step()
        if found and (found[-1].finish_reason or found[-1].error):
            return found
    raise AssertionError("it does not end")


def ask(engine, handle=1, **sampling):
    prompt = engine.prepare((Message(role="user", content="alpha beta"),))
    engine.add(handle, prompt, Sampling(**sampling))


def error_of(engine):
    ask(engine)
    return events_of(engine)[-1].error


def test_words_come_one_by_one_with_the_endpoints_own_counts(endpoint, engines):
    engine = engines(RemoteGenerationEngine, spec(endpoint.base_url), KEY)
    ask(engine, max_new_tokens=3)
    events = events_of(engine)
    assert [event.text for event in events] == ["alpha0", " beta0", " alpha0", ""]
    last = events[-1]
    assert (last.finish_reason, last.prompt_tokens, last.cached_tokens) == ("length", 42, 16)
    assert sum(event.n_tokens for event in events) == 3


def test_settings_are_sent(endpoint, engines):
    engine = engines(RemoteGenerationEngine, spec(endpoint.base_url), KEY)
    ask(engine, max_new_tokens=2, temperature=0.7, top_p=0.9, seed=5, repetition_penalty=1.2)
    events_of(engine)
    sent = endpoint.requests[-1]
    assert sent["model"] == "stub-1"
    assert sent["stream_options"] == {"include_usage": True}
    assert (sent["temperature"], sent["top_p"], sent["seed"]) == (0.7, 0.9, 5)
    assert sent["repetition_penalty"] == 1.2


def test_cancelled_request_lets_go_of_the_connection(endpoint, engines):
    endpoint.delay_s = 0.05
    engine = engines(RemoteGenerationEngine, spec(endpoint.base_url), KEY)
    ask(engine, max_new_tokens=40)
    while not engine.step():
        pass
    engine.cancel(1)
    time.sleep(0.4)
    n_written = endpoint.n_written
    time.sleep(0.4)
    assert endpoint.n_written == n_written < 30
    assert engine.step() == []


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, ModelUnavailable, "does not accept the stored key"),
        (403, ModelUnavailable, "does not accept the stored key"),
        (404, ModelUnavailable, "has no model stub-1"),
        (400, ModelUnavailable, "refused the request .* 400"),
        (429, Overloaded, "takes no more requests for now"),
        (503, ModelUnavailable, "problem of its own .* 503"),
    ],
)
def test_refusals_are_plain_and_never_show_the_key(endpoint, engines, status, kind, words, caplog):
    caplog.set_level("DEBUG")
    engine = engines(RemoteGenerationEngine, spec(endpoint.base_url), KEY)
    endpoint.fail_with = status
    error = error_of(engine)
    assert type(error) is kind
    with pytest.raises(kind, match=words):
        raise error
    assert KEY not in str(error) + repr(error.notice.values)
    own_logs = [record for record in caplog.records if record.name.startswith("studio")]
    assert not any(KEY in record.getMessage() for record in own_logs)


def test_unreachable_address_says_so(engines):
    engine = engines(RemoteGenerationEngine, spec("http://127.0.0.1:9/v1"), KEY)
    error = error_of(engine)
    assert isinstance(error, ModelUnavailable)
    assert "cannot be reached" in str(error)


def test_missing_key_is_asked_for_by_name():
    with pytest.raises(ModelUnavailable, match="No key is stored under openai"):
        RemoteGenerationEngine(spec("http://127.0.0.1:9/v1", secret_name="openai"), None)


def test_vectors_are_put_back_in_order(endpoint, engines):
    engine = engines(RemoteEmbeddingEngine, spec(endpoint.base_url, Task.EMBEDDING), KEY)
    assert engine.info.dim == 3
    texts = ["a", "bb", "aaa", ""]
    raw = engine.forward(engine.prepare(texts, "passage"))
    np.testing.assert_array_equal(raw, [[2, 1, 2], [3, 0, 2], [4, 3, 2], [2, 0, 2]])
    assert endpoint.requests[-1]["input"][-1] == " "  # endpoints refuse empty texts


@pytest.mark.parametrize(
    ("told", "revision"), [("53aa51172d14", "53aa51172d14"), ("", "stub-model")]
)
def test_vectors_belong_to_the_weights_that_the_endpoint_tells(endpoint, engines, told, revision):
    endpoint.revision = told
    far = replace(spec(endpoint.base_url, Task.EMBEDDING), location="stub-model")
    assert engines(RemoteEmbeddingEngine, far, KEY).info.revision == revision


def test_a_service_that_is_full_is_told_from_one_that_is_broken(endpoint, engines):
    engine = engines(RemoteEmbeddingEngine, spec(endpoint.base_url, Task.EMBEDDING), KEY)
    endpoint.fail_with, endpoint.code, endpoint.retry_after = 503, "overloaded", "20"
    with pytest.raises(Overloaded, match="is busy with other requests") as caught:
        engine.forward(engine.prepare(["text"], "passage"))
    assert caught.value.retry_after_s == 20


def test_wrong_key_is_found_when_the_embedding_model_is_loaded(endpoint):
    with pytest.raises(ModelUnavailable, match="does not accept the stored key") as caught:
        RemoteEmbeddingEngine(spec(endpoint.base_url, Task.EMBEDDING), "sk-wrong-key")
    own_lines = str(caught.value) + "".join(traceback.format_exception_only(caught.value))
    assert "sk-wrong-key" not in own_lines


@pytest.mark.parametrize("status", [400, 422])
def test_an_endpoint_without_schemas_is_asked_without_and_then_never_with_one(
    endpoint, engines, status
):
    endpoint.refuses, endpoint.refuses_with = "response_format", status
    engine = engines(RemoteGenerationEngine, spec(endpoint.base_url), KEY)
    for _ in range(2):
        ask(engine, max_new_tokens=2, json_schema='{"type": "object"}')
        assert events_of(engine)[-1].error is None
    assert ["response_format" in sent for sent in endpoint.requests] == [True, False, False]


@pytest.mark.parametrize("status", [400, 422])
def test_a_reasoning_model_is_asked_as_it_wants_and_then_always_so(endpoint, engines, status):
    endpoint.refuses_with = status
    endpoint.unknown = ("max_tokens", "temperature", "top_p", "seed")
    engine = engines(RemoteGenerationEngine, spec(endpoint.base_url), KEY)
    for _ in range(2):
        ask(engine, max_new_tokens=2, temperature=0.7, json_schema='{"type": "object"}')
        end = events_of(engine)[-1]
        assert (end.error, end.finish_reason) == (None, "length")
    *tried, last_but_one, last = endpoint.requests
    assert len(tried) == 4  # one for each that it does not know, at the first question only
    assert last == last_but_one
    assert last["max_completion_tokens"] == 2
    assert not set(endpoint.unknown) & last.keys()
    assert "response_format" in last


def test_only_what_an_endpoint_does_not_know_is_left_out(endpoint, engines):
    endpoint.unknown = ("seed",)
    engine = engines(RemoteGenerationEngine, spec(endpoint.base_url), KEY)
    ask(engine, max_new_tokens=2, temperature=0.7)
    assert events_of(engine)[-1].error is None
    assert {"max_tokens", "temperature", "top_p"} <= endpoint.requests[-1].keys()


def test_a_refusal_for_another_reason_stays_one(endpoint, engines):
    endpoint.fail_with = 400
    engine = engines(RemoteGenerationEngine, spec(endpoint.base_url), KEY)
    ask(engine, json_schema='{"type": "object"}')
    assert "400" in str(events_of(engine)[-1].error)
    endpoint.fail_with = 0
    ask(engine, json_schema='{"type": "object"}')
    assert events_of(engine)[-1].error is None
    assert endpoint.requests[-1]["response_format"]["json_schema"]["schema"] == {"type": "object"}


@pytest.mark.parametrize(("text", "n"), [("", 1), ("abcd" * 10, 10), ("你好世界", 4)])
def test_tokens_are_estimated(text, n):
    assert estimated_tokens(text) == n


@pytest.mark.parametrize(
    ("url", "device"),
    [
        ("https://api.openai.com/v1", "remote:api.openai.com/v1"),
        ("http://127.0.0.1:11434/v1/", "remote:127.0.0.1:11434/v1"),
        ("https://name:secret@llm.example.com", "remote:llm.example.com"),
    ],
)
def test_the_ledger_names_the_endpoint_without_its_credentials(engines, url, device):
    engine = engines(RemoteGenerationEngine, spec(url), "sk-test")
    assert engine.info.device == device


def test_a_model_that_thinks_is_heard_of(endpoint, engines):
    endpoint.thoughts = 3
    engine = engines(RemoteGenerationEngine, spec(endpoint.base_url), KEY)
    ask(engine, max_new_tokens=2)
    events = events_of(engine)
    assert [(event.text, event.n_tokens) for event in events[:3]] == [("", 0)] * 3
    assert [event.text for event in events[3:]] == ["alpha0", " beta0", ""]


@pytest.mark.parametrize("kind", [RemoteEmbeddingEngine, RemoteGenerationEngine])
def test_an_endpoint_that_wants_to_be_left_alone_for_long_is_and_whoever_asked_is_told(
    endpoint, engines, kind
):
    task = Task.EMBEDDING if kind is RemoteEmbeddingEngine else Task.GENERATION
    engine = engines(kind, spec(endpoint.base_url, task), KEY)
    endpoint.fail_with, endpoint.retry_after = 429, "20"
    n_before = len(endpoint.requests)
    began_s = time.monotonic()
    if task is Task.EMBEDDING:
        with pytest.raises(Overloaded) as caught:
            engine.forward(engine.prepare(["text"], "passage"))
        error = caught.value
    else:
        error = error_of(engine)
    assert time.monotonic() - began_s < 5
    assert error.retry_after_s == 20
    assert len(endpoint.requests) == n_before + 1


def test_an_endpoint_that_is_busy_for_a_moment_is_asked_again(endpoint, engines, monkeypatch):
    engine = engines(RemoteEmbeddingEngine, spec(endpoint.base_url, Task.EMBEDDING), KEY)
    endpoint.fail_with, endpoint.retry_after = 429, "1"
    pauses = []

    def sleep(seconds):
        pauses.append(seconds)
        endpoint.fail_with = 0

    monkeypatch.setattr("studio.inference.engines.remote_endpoint.time.sleep", sleep)
    assert engine.forward(engine.prepare(["text"], "passage")).shape == (1, 3)
    assert pauses == [1]
