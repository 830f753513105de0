"""What a founder can set of a chatbot, with defaults that work and the ranges that are allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from studio.errors import InvalidInput
from studio.records import Notice

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

LABELS: Mapping[str, Notice] = {
    "language": Notice("Language of the answers"),
    "persona": Notice("Who it is"),
    "tone": Notice("Tone"),
    "greeting": Notice("Greeting"),
    "generation_model": Notice("Model that writes"),
    "embedding_model": Notice("Model that searches"),
    "answer_style": Notice("Answer style"),
    "n_passages": Notice("Passages to read (top k)"),
    "max_new_tokens": Notice("Answer length, at most (tokens)"),
    "temperature": Notice("Variety (temperature)"),
    "only_from_documents": Notice("Only answer from my documents"),
    "min_relevance": Notice("Relevance needed (threshold)"),
    "memory_tokens": Notice("Memory of the conversation (tokens)"),
    "starter_questions": Notice("Starter questions"),
}
"""What a person calls each setting: in forms, in messages, in the list of versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatbotSettings:
    """A chatbot's behaviour.

    Attributes:
        language: the language it answers in.
        persona: who answers, in a sentence ("the help desk of ..."); empty for a plain assistant.
        tone: how it speaks.
        greeting: what it says before the first question; empty for a default in its language.
        generation_model: catalogue id of the model that writes; empty for the default.
        embedding_model: catalogue id of the model that searches; empty for one that reads the
            language.
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
        problems = {name: problem for name in RANGES if (problem := self._range_problem(name))}
        for name, allowed in (
            ("language", get_args(Language)),
            ("tone", get_args(Tone)),
            ("answer_style", get_args(AnswerStyle)),
        ):
            if getattr(self, name) not in allowed:
                problems[name] = Notice(
                    "{setting} cannot be {value}; choose one of: {allowed}.",
                    setting=LABELS[name],
                    value=getattr(self, name),
                    allowed=", ".join(allowed),
                )
        if len(self.starter_questions) > MAX_STARTERS:
            problems["starter_questions"] = Notice(
                "There are {n} starter questions; at most {limit} can be shown. Take some away.",
                n=len(self.starter_questions),
                limit=MAX_STARTERS,
            )
        if problems:
            raise InvalidInput(
                "Some settings cannot be used. {problems}",
                fields={name: str(problem) for name, problem in problems.items()},
                problems=_joined(list(problems.values())),
            )

    def _range_problem(self, name: str) -> Notice | None:
        """What is wrong with a number; None when it can be used."""
        value, (low, high) = getattr(self, name), RANGES[name]
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Notice(
                "{setting} is {value}, which is not a number.", setting=LABELS[name], value=value
            )
        if not low <= value <= high:  # refuses what is not a number of any size (NaN) too
            return Notice(
                "{setting} is {value}; it must be between {low} and {high}.",
                setting=LABELS[name],
                value=value,
                low=f"{low:g}",
                high=f"{high:g}",
            )
        return None

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


def _joined(sentences: Sequence[Notice]) -> Notice:
    """One or more sentences as one."""
    first, *others = sentences
    if not others:
        return first
    return Notice("{sentence} {next_sentence}", sentence=first, next_sentence=_joined(others))
