"""What a founder can set of a chatbot, with defaults that work and the ranges that are allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from studio.errors import InvalidInput

Language = Literal["en", "zh"]
Tone = Literal["friendly", "neutral", "formal", "brief"]
AnswerStyle = Literal["auto", "write", "quote"]

RANGES: Mapping[str, tuple[float, float]] = {
    "n_passages": (1, 12),
    "max_new_tokens": (16, 1024),
    "temperature": (0.0, 1.5),
    "min_relevance": (0.0, 1.0),
    "memory_tokens": (0, 4000),
}
MAX_STARTERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatbotSettings:
    """A chatbot's behaviour.

    Attributes:
        language: the language it answers in.
        persona: who answers, in a sentence ("the help desk of ..."); empty for a plain assistant.
        tone: how it speaks.
        greeting: what it says before the first question; empty for a default in its language.
        generation_model: catalogue id of the model that writes; empty for the default.
        embedding_model: catalogue id of the model that searches; empty for the default.
        answer_style: "write" lets the model write, "quote" gives the sentences of the documents that
            answer, "auto" writes where the model knows the language and quotes where it does not.
            What a small model writes is held against the quotes while `only_from_documents` is on.
        n_passages: how many passages are read for an answer (top k), 1 to 12.
        max_new_tokens: length limit of an answer in tokens, 16 to 1024.
        temperature: 0 gives the likeliest words and repeatable answers; up to 1.5.
        only_from_documents: say so when nothing relevant is found, instead of answering freely.
        min_relevance: passages below it are not used, 0 to 1 (`Hit.relevance`).
        memory_tokens: how much of the conversation is read again, in tokens, 0 to 4000.
        starter_questions: questions offered before the first one, at most 8.

    Raises:
        InvalidInput: a value is out of range; `fields` names each with what is allowed.
    """

    language: Language = "en"
    persona: str = ""
    tone: Tone = "friendly"
    greeting: str = ""
    generation_model: str = ""
    embedding_model: str = ""
    answer_style: AnswerStyle = "auto"
    n_passages: int = 3
    max_new_tokens: int = 120
    temperature: float = 0.0
    only_from_documents: bool = True
    min_relevance: float = 0.4
    memory_tokens: int = 600
    starter_questions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        problems: dict[str, str] = {}
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                problems[name] = f"{value!r} is not a number"
            elif not low <= value <= high:
                problems[name] = f"{value} is not between {low:g} and {high:g}"
        for name, allowed in (
            ("language", get_args(Language)),
            ("tone", get_args(Tone)),
            ("answer_style", get_args(AnswerStyle)),
        ):
            if getattr(self, name) not in allowed:
                problems[name] = f"{getattr(self, name)!r} is not one of {', '.join(allowed)}"
        if len(self.starter_questions) > MAX_STARTERS:
            problems["starter_questions"] = f"at most {MAX_STARTERS} can be shown"
        if problems:
            raise InvalidInput(
                "Some settings cannot be used: {problems}.",
                fields=problems,
                problems="; ".join(f"{name}: {text}" for name, text in problems.items()),
            )

    def to_json(self) -> dict[str, Any]:
        """The settings as plain JSON values, for the workspace."""
        return {**asdict(self), "starter_questions": list(self.starter_questions)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ChatbotSettings:
        """Settings from stored values; unknown names (of a newer studio) are left out.

        Raises:
            InvalidInput: a value is out of range.
        """
        known = {field.name for field in fields(cls)}
        kept = {name: value for name, value in values.items() if name in known}
        kept["starter_questions"] = tuple(kept.get("starter_questions", ()))
        return cls(**kept)
