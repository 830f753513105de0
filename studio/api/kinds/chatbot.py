"""`/ask`: a question to a chatbot, with the turns before it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, JsonValue

from studio.api.chat_work import ask
from studio.api.following import Line
from studio.api.kinds.endpoint import KindEndpoint
from studio.api.replies import Grounds, RequestBody, TokenUsage
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.question import MAX_QUESTION_CHARACTERS
from studio.records import Message, Notice

FIRST_QUESTION = {"en": "What can you help me with?", "zh": "你能帮我做什么？"}


class Turn(RequestBody):
    """Something that was said before."""

    role: Literal["user", "assistant"]
    content: str


class AskBody(RequestBody):
    """A question."""

    question: Annotated[str, Field(min_length=1, max_length=MAX_QUESTION_CHARACTERS)]
    turns: Annotated[list[Turn], Field(max_length=200)] = Field(
        default=[], description="What was said before, in order"
    )


class AskReply(Grounds):
    """An answer with what it rests on."""

    answer: str
    is_complete: bool
    usage: TokenUsage


def _run(chatbot: Chatbot, body: AskBody, line: Line) -> BaseModel:
    turns = [Message(role=turn.role, content=turn.content) for turn in body.turns]
    made = ask(chatbot, body.question, turns, line)
    return AskReply(
        answer=made.text,
        is_complete=made.reason == "stop",
        usage=TokenUsage.of(made.tokens_in, made.tokens_out),
        **made.grounds,
    )


def _describe(chatbot: Chatbot) -> dict[str, JsonValue]:
    settings = chatbot.settings
    return {
        "language": settings.language,
        "greeting": chatbot.greeting,
        "starter_questions": list(settings.starter_questions),
    }


def _example(chatbot: Chatbot) -> dict[str, JsonValue]:
    settings = chatbot.settings
    return {"question": next(iter(settings.starter_questions), FIRST_QUESTION[settings.language])}


ENDPOINT = KindEndpoint(
    kind=Chatbot,
    action="ask",
    summary=Notice("Ask a chatbot"),
    body=AskBody,
    reply=AskReply,
    run=_run,
    example=_example,
    describe=_describe,
)
