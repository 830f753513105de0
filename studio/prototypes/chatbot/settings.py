"""What a founder can set of a chatbot, with defaults that work and the ranges that are allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from studio.prototypes import document_settings
from studio.prototypes.document_settings import DocumentSettings
from studio.prototypes.prototype_settings import Range
from studio.records import Notice

__all__ = ["LABELS", "RANGES", "AnswerStyle", "ChatbotSettings", "Tone"]

Tone = Literal["friendly", "neutral", "formal", "brief"]
AnswerStyle = Literal["auto", "write", "quote"]

MAX_STARTERS = 8

LABELS: Mapping[str, Notice] = {
    "language": Notice("Language of the answers"),
    "persona": Notice("Who it is"),
    "tone": Notice("Tone"),
    "greeting": Notice("Greeting"),
    "generation_model": Notice("Model that writes"),
    "answer_style": Notice("Answer style"),
    "n_passages": Notice("Passages to read (top k)"),
    "max_new_tokens": Notice("Answer length, at most (tokens)"),
    "temperature": Notice("Variety (temperature)"),
    "only_from_documents": Notice("Only answer from my documents"),
    "memory_tokens": Notice("Memory of the conversation (tokens)"),
    "starter_questions": Notice("Starter questions"),
    "uses_team_answers": Notice("Give answers of the team"),
    "team_similarity": Notice("Similarity needed for an answer of the team"),
    **{name: label for name, label in document_settings.LABELS.items() if name != "language"},
}
"""What a person calls each setting: in forms, in messages, in the list of versions."""

RANGES: Mapping[str, Range] = {
    "n_passages": (1, 12),
    "max_new_tokens": (16, 1024),
    "temperature": (0.0, 1.5),
    "memory_tokens": (0, 4000),
    "team_similarity": (0.5, 1.0),
    **document_settings.RANGES,
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "tone": get_args(Tone),
    "answer_style": get_args(AnswerStyle),
    **document_settings.CHOICES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatbotSettings(DocumentSettings):
    """A chatbot's behaviour, beside what `DocumentSettings` says.

    Attributes:
        persona: who answers, in a sentence ("the help desk of ..."); empty for a plain assistant.
        tone: how it speaks.
        greeting: what it says before the first question; empty for a default in its language.
        generation_model: catalogue id of the model that writes; empty for the default.
        answer_style: "write" lets the model write, "quote" gives the sentences of the documents that
            answer, "auto" writes where the model knows the language and quotes where it does not.
            What a small model writes is held against the quotes while `only_from_documents` is on.
        n_passages: how many passages are read for an answer (top k), 1 to 12.
        max_new_tokens: length limit of an answer in tokens, 16 to 1024.
        temperature: 0 gives the likeliest words and repeatable answers; up to 1.5.
        only_from_documents: say so when nothing relevant is found, instead of answering freely.
        min_relevance: passages below it are not used.
        memory_tokens: how much of the conversation is read again, in tokens, 0 to 4000.
        starter_questions: questions offered before the first one, at most 8.
        uses_team_answers: whether a question like one that the team has answered gets that answer.
        team_similarity: how near the question must be for that, 0.5 to 1; the same words always do.
    """

    labels: ClassVar[Mapping[str, Notice]] = LABELS
    ranges: ClassVar[Mapping[str, Range]] = RANGES
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = CHOICES
    k_field: ClassVar[str] = "n_passages"

    persona: str = ""
    tone: Tone = "friendly"
    greeting: str = ""
    generation_model: str = ""
    answer_style: AnswerStyle = "auto"
    n_passages: int = 3
    max_new_tokens: int = 120
    temperature: float = 0.0
    only_from_documents: bool = True
    min_relevance: float = 0.4
    memory_tokens: int = 600
    starter_questions: tuple[str, ...] = ()
    uses_team_answers: bool = True
    team_similarity: float = 0.8

    def _problems(self) -> dict[str, Notice]:
        # Written out, as a dataclass with slots is another class than the one `super()` would mean.
        problems = DocumentSettings._problems(self)
        if len(self.starter_questions) > MAX_STARTERS:
            problems["starter_questions"] = Notice(
                "There are {n} starter questions; at most {limit} can be shown. Take some away.",
                n=len(self.starter_questions),
                limit=MAX_STARTERS,
            )
        return problems
