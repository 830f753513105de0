"""Who answers a chat request: a published chatbot, or a model of the catalogue by itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from studio.api.api_error import ApiError, no_such_model
from studio.api.caller import Caller
from studio.api.chat_body import ChatBody, check_tuning, turns_of, unsupported
from studio.api.chat_reply import Finished
from studio.api.following import Line
from studio.api.replies import Grounds
from studio.inference.model_spec import ModelSpec
from studio.inference.protocol import ModelService
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.records import CallContext, GenerationRequest, Message, Sampling, Task
from studio.workbench import AnyPrototype

ChatWork = Callable[[Line], Finished]

MAX_TURNS_READ = 40
MAX_TURN_CHARACTERS = 8_000
"""Of the turns before the question; a chatbot's memory is shorter in any case."""
DEFAULT_MAX_TOKENS = 1_024
LEAST_TOP_P = 0.01


def chat_work(caller: Caller, body: ChatBody) -> ChatWork:
    """What answers the request; called on a thread, as it reads the workspace.

    Raises:
        ApiError: the model is not there for this key, or cannot do what is asked.
    """
    try:
        published = caller.published(body.model)
    except ApiError as error:
        if caller.key.grants.opens_models:
            model = caller.model(body.model, Task.GENERATION)
            return model_work(caller.workbench.models, model, body, caller.context())
        raise no_such_model(body.model) from error
    if not isinstance(published.prototype, Chatbot):
        raise _no_chatbot(body.model, published.prototype)
    return _of_chatbot(published.prototype, body)


def ask(chatbot: Chatbot, question: str, turns: list[Message], line: Line) -> Finished:
    """Let a chatbot answer, and say its text as it comes.

    Raises:
        StudioError: the question cannot be read, or search or model failed.
    """
    before = [
        Message(role=turn.role, content=turn.content[:MAX_TURN_CHARACTERS])
        for turn in turns[-MAX_TURNS_READ:]
        if turn.role != "system"
    ]
    stream = chatbot.stream(question, surface="api", turns=before)
    line.on_stop(stream.cancel)
    for piece in stream:
        line.say(piece)
    answer = stream.answer()
    return Finished(
        text=answer.text,
        reason=answer.finish_reason,
        grounds=Grounds.values_of(answer, chatbot.settings.language),
        tokens_in=answer.figures.tokens_in,
        tokens_out=answer.figures.tokens_out,
    )


def _of_chatbot(chatbot: Chatbot, body: ChatBody) -> ChatWork:
    if body.response_format is not None and body.response_format.type != "text":
        raise unsupported("response_format")
    *before, question = turns_of(body)
    return lambda line: ask(chatbot, question.content, before, line)


def model_work(
    models: ModelService, model: ModelSpec, body: ChatBody, context: CallContext
) -> ChatWork:
    """What a bare model answers.

    Raises:
        ApiError: the body asks for what a bare model cannot do.
    """
    check_tuning(body)
    request = GenerationRequest(
        model=model.id,
        messages=tuple(turns_of(body)),
        sampling=_sampling(body),
        context=context,
    )

    def work(line: Line) -> Finished:
        stream = models.generate(request)
        line.on_stop(stream.cancel)
        for piece in stream:
            line.say(piece)
        result = stream.result()
        return Finished(
            text=result.text,
            reason=result.finish_reason,
            grounds={},
            tokens_in=result.call.tokens_in,
            tokens_out=result.call.tokens_out,
            cached_tokens=result.call.cached_tokens,
        )

    return work


def _sampling(body: ChatBody) -> Sampling:
    stop = body.stop or ()
    return Sampling(
        max_new_tokens=body.max_completion_tokens or body.max_tokens or DEFAULT_MAX_TOKENS,
        temperature=1.0 if body.temperature is None else body.temperature,
        top_p=1.0 if body.top_p is None else max(LEAST_TOP_P, body.top_p),
        repetition_penalty=1.0 if body.repetition_penalty is None else body.repetition_penalty,
        seed=secrets.randbits(31) if body.seed is None else body.seed % 2**31,
        stop=(stop,) if isinstance(stop, str) else tuple(text for text in stop if text),
        json_schema=_schema(body),
    )


def _schema(body: ChatBody) -> str:
    """The JSON text of the schema that the answer is to follow; empty for none.

    Raises:
        ApiError: a schema is announced and not there.
    """
    import json

    wanted = body.response_format
    if wanted is None or wanted.type == "text":
        return ""
    if wanted.type == "json_object":
        return '{"type":"object"}'
    schema = (wanted.json_schema or {}).get("schema")
    if not isinstance(schema, dict):
        raise ApiError(
            400,
            "Missing required parameter: 'response_format.json_schema.schema'.",
            param="response_format.json_schema.schema",
            code="missing_required_parameter",
        )
    return json.dumps(schema)


def _no_chatbot(name: str, prototype: AnyPrototype) -> ApiError:
    return ApiError(
        400,
        f"`{name}` is no chatbot but of the kind '{prototype.kind}'. GET /v1/prototypes/{name} says"
        " how to call it.",
        param="model",
        code="wrong_kind",
    )
