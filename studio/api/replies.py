"""Parts that several answers share, as the documentation shows them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from studio.export.sentences import say
from studio.prototypes.chatbot.answer import Answer, AnswerKind, Citation, Sentence


class RequestBody(BaseModel):
    """A body: what it does not know is refused, as a typing error would else go unnoticed.

    Halves of characters, which JSON can say and nobody can write, are replaced.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _whole_characters(cls, given: Any) -> Any:  # Any: whatever JSON can say
        return _cleaned(given)


def _cleaned(given: Any) -> Any:
    match given:
        case str():
            return given if given.isascii() else given.encode("utf-8", "replace").decode()
        case list():
            return [_cleaned(one) for one in given]
        case dict():
            return {_cleaned(name): _cleaned(value) for name, value in given.items()}
    return given


class ErrorDetail(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorReply(BaseModel):
    """An error, in OpenAI's form."""

    error: ErrorDetail


class CachedTokens(BaseModel):
    """How much of the prompt a cache spared."""

    cached_tokens: int = 0


class TokenUsage(BaseModel):
    """Tokens of all models that a request used, also those that search."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int

    @classmethod
    def of(cls, tokens_in: int, tokens_out: int) -> TokenUsage:
        """The usage of so many tokens read and written."""
        return cls(
            prompt_tokens=tokens_in,
            completion_tokens=tokens_out,
            total_tokens=tokens_in + tokens_out,
        )


class CitationReply(BaseModel):
    """A passage that an answer rests on; `number` is the one that sentences name."""

    number: int
    document: str
    page: int | None
    heading: str
    text: str
    relevance: float = Field(description="0 to 1: how surely the passage is about the question")

    @classmethod
    def of(cls, citation: Citation) -> CitationReply:
        """As it is sent."""
        return cls(
            number=citation.number,
            document=citation.document_name,
            page=citation.page,
            heading=citation.heading,
            text=citation.text,
            relevance=round(citation.relevance, 4),
        )


class SentenceReply(BaseModel):
    """A sentence and the numbers of the passages that bear it out; none where none does."""

    text: str
    citations: list[int]

    @classmethod
    def of(cls, sentence: Sentence) -> SentenceReply:
        """As it is sent."""
        return cls(text=sentence.text, citations=list(sentence.citations))


class Grounds(BaseModel):
    """What an answer rests on."""

    kind: AnswerKind = Field(
        description="How it came about: written by a model, quoted from the documents, nothing found,"
        " free of documents, a greeting, or curated: an answer of the team"
    )
    sentences: list[SentenceReply]
    quotes: list[SentenceReply] = Field(description="Sentences of the documents beside the answer")
    citations: list[CitationReply]
    note: str | None = Field(description="What a reader should know of how it came about")

    @classmethod
    def values_of(cls, answer: Answer, language: str) -> dict[str, Any]:
        """The fields for an answer; the note is said in the language."""
        note = answer.public_note
        return {
            "kind": answer.kind,
            "sentences": [SentenceReply.of(sentence) for sentence in answer.sentences],
            "quotes": [SentenceReply.of(sentence) for sentence in answer.quotes],
            "citations": [CitationReply.of(citation) for citation in answer.citations],
            "note": None if note is None else say(note, language),
        }
