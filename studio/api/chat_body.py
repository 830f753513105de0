"""What a chat request says, as OpenAI has it, and which of it counts here.

Every name that OpenAI knows is taken; what would change the answer and cannot be done is refused, what
only tunes it is left to the prototype's owner.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from studio.api.api_error import ApiError
from studio.api.replies import RequestBody
from studio.records import Message

MAX_MESSAGES = 500
_ROLES: dict[str, Literal["system", "user", "assistant"]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}


class TextPart(BaseModel):
    """A part of a message; only text is read."""

    type: str
    text: str | None = None


class ChatMessage(BaseModel):
    """A turn of the conversation. Further fields, such as those of our own answers, are passed over."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[TextPart] | None = None


class StreamOptions(BaseModel):
    """What a stream says besides the text."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class ResponseFormat(BaseModel):
    """Which form the answer has."""

    type: Literal["text", "json_object", "json_schema"] = "text"
    json_schema: dict[str, JsonValue] | None = None


class ChatBody(RequestBody):
    """A chat request."""

    model: str = Field(description="Address of a published chatbot, or a model of the catalogue")
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=MAX_MESSAGES)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: int | None = Field(1, description="Only 1")
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    max_tokens: int | None = Field(None, ge=1, le=1_000_000)
    max_completion_tokens: int | None = Field(None, ge=1, le=1_000_000)
    stop: str | Annotated[list[str], Field(max_length=4)] | None = None
    seed: int | None = None
    response_format: ResponseFormat | None = None
    user: str | None = Field(None, description="Passed over")
    repetition_penalty: float | None = Field(
        None, ge=0.5, le=2, description="Unknown to OpenAI; for models of the catalogue"
    )
    # Known to OpenAI. Those in `_REFUSED` must be empty, the others are passed over.
    audio: JsonValue = None
    frequency_penalty: float | None = None
    function_call: JsonValue = None
    functions: list[JsonValue] | None = None
    logit_bias: dict[str, float] | None = None
    logprobs: bool | None = None
    metadata: JsonValue = None
    modalities: list[str] | None = None
    parallel_tool_calls: bool | None = None
    prediction: JsonValue = None
    presence_penalty: float | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    reasoning_effort: str | None = None
    safety_identifier: str | None = None
    service_tier: str | None = None
    store: bool | None = None
    tool_choice: JsonValue = None
    tools: list[JsonValue] | None = None
    top_logprobs: int | None = None
    verbosity: str | None = None
    web_search_options: JsonValue = None


_REFUSED = ("tools", "functions", "logprobs", "top_logprobs", "audio", "web_search_options")
_TUNING = ("frequency_penalty", "presence_penalty", "logit_bias")


def check(body: ChatBody) -> None:
    """Refuse what cannot be done, whichever model is asked.

    Raises:
        ApiError: something is asked for that there is not, or the last turn is not the user's.
    """
    for name in _REFUSED:
        if getattr(body, name):
            raise unsupported(name)
    if body.n not in (None, 1):
        raise ApiError(
            400, f"n is {body.n}; only 1 answer is given.", param="n", code="unsupported_value"
        )
    if any(modality != "text" for modality in body.modalities or ()):
        raise unsupported("modalities")
    if body.stream_options is not None and not body.stream:
        raise ApiError(
            400,
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )
    if body.messages[-1].role != "user":
        raise ApiError(
            400,
            "The last message must have the role 'user': it is the one that is answered.",
            param="messages",
            code="invalid_value",
        )


def check_tuning(body: ChatBody) -> None:
    """Refuse what a bare model here cannot do, though a prototype's owner may have meant it.

    Raises:
        ApiError: it is asked for.
    """
    for name in _TUNING:
        if getattr(body, name):
            raise unsupported(name)


def unsupported(name: str) -> ApiError:
    """That a parameter of OpenAI cannot be honoured here."""
    return ApiError(
        400,
        f"Unsupported parameter: '{name}' is not supported with this model.",
        param=name,
        code="unsupported_parameter",
    )


def turns_of(body: ChatBody) -> list[Message]:
    """The messages as models read them.

    Raises:
        ApiError: one has something else than text, or comes from a tool.
    """
    turns = []
    for number, message in enumerate(body.messages):
        role = _ROLES.get(message.role)
        if role is None:
            raise ApiError(
                400,
                f"A message of the role '{message.role}' cannot be read: tools are not supported.",
                param=f"messages.{number}.role",
                code="unsupported_value",
            )
        turns.append(Message(role=role, content=_text(message, number)))
    return turns


def _text(message: ChatMessage, number: int) -> str:
    if isinstance(message.content, str) or message.content is None:
        return message.content or ""
    for part in message.content:
        if part.type != "text" or part.text is None:
            raise ApiError(
                400,
                f"A part of the type '{part.type[:40]}' cannot be read; only text can.",
                param=f"messages.{number}.content",
                code="unsupported_value",
            )
    return "".join(part.text or "" for part in message.content)
