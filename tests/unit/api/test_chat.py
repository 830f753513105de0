"""Chat as OpenAI has it: whole and streamed, by prototypes and by bare models, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from studio.workspace.publication_record import PublicationChoices
from tests.unit.api.conftest import QUESTION, Api, bearer


def events(text: str) -> list[dict]:
    lines = [line for line in text.split("\n\n") if line]
    assert lines[-1] == "data: [DONE]"
    return [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]


def test_a_published_chatbot_answers_with_what_the_answer_rests_on(api: Api) -> None:
    key = api.key()
    answered = api.ask("help-desk", key)
    assert answered.status_code == 200
    reply = answered.json()
    assert (reply["object"], reply["model"]) == ("chat.completion", "help-desk")
    (choice,) = reply["choices"]
    message = choice["message"]
    assert choice["finish_reason"] == "stop"
    assert message["role"] == "assistant"
    assert message["content"]
    cited = message["citations"][0]
    assert cited["document"] == "returns.md"
    assert "$4.95" in cited["text"]
    numbers = {n for s in (*message["sentences"], *message["quotes"]) for n in s["citations"]}
    assert numbers == {one["number"] for one in message["citations"]}
    usage = reply["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 0
    assert '"cost"' not in answered.text


def test_the_calls_are_on_the_keys_account_at_the_published_version(api: Api, bot) -> None:
    key = api.key()
    bot.configure(replace(bot.settings, min_relevance=1.0))  # version 2 finds nothing
    answered = api.ask("help-desk", key)
    assert answered.json()["choices"][0]["message"]["kind"] != "not_found"
    calls = api.workbench.calls(bot.id)
    made = calls[calls["account"] == key.record.account]
    assert len(made) >= 1
    assert set(made["request_id"]) == {answered.headers["x-request-id"]}
    assert (set(made["surface"]), set(made["version"])) == ({"api"}, {1})
    base = api.workbench.measured_base(bot.id, account_prefix=key.record.account)
    assert base.n_requests == 1
    assert api.workbench.measured_base(bot.id, account_prefix="key:").n_requests >= 1
    assert api.workbench.measured_base(bot.id, account_prefix="key:nobody").n_requests == 0
    assert api.workbench.workspace.conversations.list(bot.id) == ()


def test_a_stream_says_the_same_in_pieces_and_counts_when_asked(api: Api) -> None:
    key = api.key()
    whole = api.ask("help-desk", key).json()
    answered = api.ask("help-desk", key, stream=True, stream_options={"include_usage": True})
    assert answered.headers["content-type"].startswith("text/event-stream")
    first, *chunks, last, counted = events(answered.text)
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    text = "".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks)
    message = whole["choices"][0]["message"]
    assert text.split() == message["content"].split()
    assert last["choices"][0]["finish_reason"] == "stop"
    assert last["choices"][0]["delta"]["citations"] == message["citations"]
    assert (counted["choices"], counted["usage"]) == ([], whole["usage"])
    assert all(chunk["usage"] is None for chunk in (first, *chunks, last))
    assert len({chunk["id"] for chunk in (first, *chunks, last, counted)}) == 1


def test_a_stream_without_options_does_not_count(api: Api) -> None:
    chunks = events(api.ask("help-desk", api.key(), stream=True).text)
    assert all("usage" not in chunk for chunk in chunks)
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"


def test_the_messages_are_the_conversation(api: Api, bot) -> None:
    from dataclasses import replace

    bot.configure(replace(bot.settings, min_relevance=0.15))
    api.publish(bot, "strict")
    key = api.key()
    turns = [
        {"role": "system", "content": "Answer in French."},
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "It costs $4.95.", "citations": [], "refusal": None},
        {"role": "user", "content": [{"type": "text", "text": "And why?"}]},
    ]
    alone = api.ask("strict", key, "And why?").json()
    assert alone["choices"][0]["message"]["kind"] == "not_found"
    within = api.post("/v1/chat/completions", {"model": "strict", "messages": turns}, key).json()
    assert within["choices"][0]["message"]["kind"] != "not_found"


def test_a_bare_model_answers_only_who_may_use_it(api: Api) -> None:
    model = "smollm2-135m-instruct"
    refused = api.ask(model, api.key())
    assert refused.status_code == 404
    assert refused.json()["error"]["code"] == "model_not_found"
    key = api.key(opens_models=True)
    answered = api.ask(model, key, "Say this. And that.", temperature=0, max_tokens=1).json()
    message = answered["choices"][0]["message"]
    assert (message["content"], message["refusal"], message["citations"]) == ("Say", None, None)
    assert answered["choices"][0]["finish_reason"] == "length"
    chunks = events(api.ask(model, key, "Say this.", temperature=0, stream=True).text)
    assert "".join(c["choices"][0]["delta"].get("content", "") for c in chunks) == "Say this."
    assert chunks[-1]["choices"][0]["delta"] == {}
    calls = api.workbench.ledger.frame(account=key.record.account)
    assert len(calls) == 2
    assert calls["prototype_id"].isna().all()


def test_a_bare_model_repeats_itself_as_little_as_is_asked(api: Api, monkeypatch) -> None:
    wanted: list[float] = []
    generate = api.workbench.models.generate

    def noted(request):
        wanted.append(request.sampling.repetition_penalty)
        return generate(request)

    monkeypatch.setattr(api.workbench.models, "generate", noted)
    key, model = api.key(opens_models=True), "smollm2-135m-instruct"
    assert api.ask(model, key, repetition_penalty=1.2).status_code == 200
    assert api.ask(model, key).status_code == 200
    assert wanted == [1.2, 1.0]
    assert api.ask(model, key, repetition_penalty=9).status_code == 400


@pytest.mark.parametrize(
    ("more", "param", "code"),
    [
        ({"tools": [{"type": "function"}]}, "tools", "unsupported_parameter"),
        ({"n": 2}, "n", "unsupported_value"),
        ({"logprobs": True}, "logprobs", "unsupported_parameter"),
        ({"modalities": ["audio"]}, "modalities", "unsupported_parameter"),
        ({"response_format": {"type": "json_object"}}, "response_format", "unsupported_parameter"),
        ({"stream_options": {"include_usage": True}}, "stream_options", None),
        ({"temperature": 3}, "temperature", "invalid_value"),
        ({"top_k": 5}, "top_k", "unknown_parameter"),
        ({"messages": []}, "messages", "invalid_value"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "messages", "invalid_value"),
        (
            {"messages": [{"role": "tool", "content": "x"}, {"role": "user", "content": "y"}]},
            "messages.0.role",
            "unsupported_value",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
            "messages.0.content",
            "unsupported_value",
        ),
        ({"messages": [{"role": "user", "content": "x" * 4001}]}, None, "invalid_value"),
        ({"messages": [{"role": "user", "content": " "}]}, None, "invalid_value"),
    ],
)
def test_what_cannot_be_done_is_refused_as_openai_does(api: Api, more, param, code) -> None:
    answered = api.ask("help-desk", api.key(), **more)
    assert answered.status_code == 400, answered.text
    error = answered.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert (error["param"], error["code"]) == (param, code)
    assert error["message"]


def test_what_only_tunes_is_passed_over_by_a_prototype(api: Api) -> None:
    tuned = api.ask(
        "help-desk",
        api.key(),
        temperature=1.7,
        top_p=0.1,
        max_tokens=1,
        stop=["a"],
        seed=1,
        presence_penalty=1.0,
        user="u",
        metadata={"a": "b"},
        store=True,
        tools=[],
    )
    assert tuned.status_code == 200
    plain = api.ask("help-desk", api.key()).json()
    assert tuned.json()["choices"] == plain["choices"]


def test_a_failure_before_the_first_text_has_a_status_and_names_no_reason(
    api: Api, monkeypatch, caplog
) -> None:
    from studio.errors import ModelUnavailable

    def fail(*_: object, **__: object) -> None:
        raise ModelUnavailable("No weights in {path}.", path="/home/founder/secret")

    monkeypatch.setattr(api.workbench.models, "embed", fail)
    for stream in (False, True):
        answered = api.ask("help-desk", api.key(), stream=stream)
        assert answered.status_code == 503
        assert answered.headers["retry-after"] == "2" or answered.headers["retry-after"] == "3"
        error = answered.json()["error"]
        assert error["code"] == "model_unavailable"
        assert "founder" not in answered.text
        assert answered.headers["x-request-id"] in error["message"]
        assert answered.headers["x-request-id"] in caplog.text


def test_a_failure_in_the_middle_is_said_in_the_stream(api: Api, monkeypatch) -> None:
    from studio.errors import Overloaded

    key = api.key(opens_models=True)

    class Breaking:
        def __iter__(self):
            yield "One "
            raise Overloaded("The model is busy.")

        def cancel(self) -> None: ...

    monkeypatch.setattr(api.workbench.models, "generate", lambda _: Breaking())
    answered = api.ask("smollm2-135m-instruct", key, stream=True)
    assert answered.status_code == 200
    *_, piece, error = [line for line in answered.text.split("\n\n") if line]
    assert json.loads(piece.removeprefix("data: "))["choices"][0]["delta"]["content"] == "One "
    assert json.loads(error.removeprefix("data: "))["error"]["code"] == "overloaded"
    assert "[DONE]" not in answered.text


def test_halves_of_characters_do_no_harm(api: Api) -> None:
    headers = bearer(api.key()) | {"Content-Type": "application/json"}
    half = chr(0xD83D)

    def ask(model: str):
        body = {"model": model, "messages": [{"role": "user", "content": f"{half} {QUESTION}"}]}
        return api.client.post("/v1/chat/completions", content=json.dumps(body), headers=headers)

    assert ask("help-desk").status_code == 200
    missing = ask(f"no{half}")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "model_not_found")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_refused(api: Api, number: str) -> None:
    body = f'{{"model":"help-desk","messages":[{{"role":"user","content":"x"}}],"top_p":{number}}}'
    headers = bearer(api.key()) | {"Content-Type": "application/json"}
    answered = api.client.post("/v1/chat/completions", content=body, headers=headers)
    assert (answered.status_code, answered.json()["error"]["param"]) == (400, "top_p")


def test_a_deeply_nested_body_is_refused(api: Api) -> None:
    headers = bearer(api.key()) | {"Content-Type": "application/json"}
    answered = api.client.post(
        "/v1/chat/completions", content="[" * 50_000 + "]" * 50_000, headers=headers
    )
    assert answered.status_code == 400


def test_a_note_is_told_in_the_prototypes_language(api: Api, bot) -> None:
    settings = bot.settings
    bot.configure(replace(settings, language="zh"))  # which the demo's model does not write
    try:
        wish = PublicationChoices(headline="问答")
        api.workbench.publish(bot.id, wish, slug="my-answers")
        (choice,) = api.ask("my-answers", api.key()).json()["choices"]
    finally:
        bot.configure(settings)
    assert choice["message"]["kind"] == "quoted"
    # Neither the model's name nor "your documents": that is its maker's alone.
    assert choice["message"]["note"] == "摘自文档原文。"


def test_an_answer_of_the_team_is_given_at_both_addresses(api: Api, bot) -> None:
    made = bot.team_answers.add(QUESTION, "Thirty days, and we pay.")
    key = api.key()
    try:
        asked = api.post("/v1/prototypes/help-desk/ask", {"question": QUESTION}, key)
        message = api.ask("help-desk", key).json()["choices"][0]["message"]
    finally:
        api.workbench.workspace.curated_answers.delete(made.id)
    assert asked.status_code == 200, asked.text
    reply = asked.json()
    assert reply["answer"] == message["content"] == "Thirty days, and we pay."
    for told in (reply, message):
        assert (told["kind"], told["note"]) == ("curated", "Answered by the team.")
