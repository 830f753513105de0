"""A chat answer in OpenAI's form, whole or in chunks; what it rests on stands in the message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from studio.api.replies import CachedTokens, CitationReply, SentenceReply, TokenUsage
from studio.records import FinishReason

FinishWord = Literal["stop", "length"]


class ReplyMessage(BaseModel):
    """The answer. The last four fields come from a prototype and not from a bare model."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    kind: str | None = None
    sentences: list[SentenceReply] | None = None
    quotes: list[SentenceReply] | None = None
    citations: list[CitationReply] | None = None
    note: str | None = None


class Choice(BaseModel):
    """The one choice there is."""

    index: int
    message: ReplyMessage
    finish_reason: FinishWord
    logprobs: None = None


class ChatUsage(TokenUsage):
    """The usage with what a cache spared."""

    prompt_tokens_details: CachedTokens


class ChatReply(BaseModel):
    """A chat answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: ChatUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How an answer ended: its text, what it rests on (for prototypes), and its tokens."""

    text: str
    reason: FinishReason
    grounds: Mapping[str, Any]
    tokens_in: int
    tokens_out: int
    cached_tokens: int = 0

    @property
    def finish_reason(self) -> FinishWord:
        """OpenAI's word for the end."""
        return "length" if self.reason == "length" else "stop"

    @property
    def usage(self) -> ChatUsage:
        """The tokens in OpenAI's form."""
        counted = TokenUsage.of(self.tokens_in, self.tokens_out)
        return ChatUsage(
            **counted.model_dump(),
            prompt_tokens_details=CachedTokens(cached_tokens=self.cached_tokens),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyHead:
    """What every chunk of an answer repeats; `created` in seconds since 1970."""

    request_id: str
    created: int
    model: str

    def whole(self, finished: Finished) -> ChatReply:
        """The answer in one piece."""
        message = ReplyMessage(content=finished.text, **finished.grounds)
        choice = Choice(index=0, message=message, finish_reason=finished.finish_reason)
        return ChatReply(
            id=self._id,
            created=self.created,
            model=self.model,
            choices=[choice],
            usage=finished.usage,
        )

    def chunk(
        self, delta: Mapping[str, Any], finish_reason: FinishWord | None = None
    ) -> dict[str, Any]:
        """A piece of the answer."""
        choice = {"index": 0, "delta": dict(delta), "finish_reason": finish_reason}
        return self._chunk([choice])

    def last_chunk(self, finished: Finished) -> dict[str, Any]:
        """The piece that ends the text, with what the answer rests on."""
        grounds = ReplyMessage(content="", **finished.grounds).model_dump(
            mode="json", include=set(finished.grounds)
        )
        return self.chunk(grounds, finished.finish_reason)

    def usage_chunk(self, finished: Finished) -> dict[str, Any]:
        """The piece behind the text that counts the tokens."""
        return {**self._chunk([]), "usage": finished.usage.model_dump(mode="json")}

    def _chunk(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self._id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": choices,
        }

    @property
    def _id(self) -> str:
        return f"chatcmpl-{self.request_id}"
