"""What people really asked a prototype last: in conversations that are kept, and with their thumbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from studio.evaluation.judgements import normalised
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.workspace.feedback_record import FeedbackFilter

N_CONVERSATIONS = 200
N_QUESTIONS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveQuestions:
    """Questions of people, each once, the newest first; at most 500."""

    questions: tuple[str, ...]


def live_questions(prototype: StoredPrototype[Any], toolbox: Toolbox) -> LiveQuestions:
    """What people asked; questions without a conversation and without an opinion are kept nowhere."""
    workspace = toolbox.workspace
    latest = sorted(
        workspace.conversations.list(prototype.id), key=lambda one: one.started_at, reverse=True
    )
    found: dict[str, str] = {}
    for conversation in latest[:N_CONVERSATIONS]:
        for turn in reversed(workspace.conversations.turns(conversation.id)):
            if turn.role == "user" and turn.content.strip():
                found.setdefault(normalised(turn.content), turn.content.strip())
    for opinion in workspace.feedback.list(FeedbackFilter(prototype_id=prototype.id)):
        question = opinion.exchange.question.strip()
        if question:
            found.setdefault(normalised(question), question)
    return LiveQuestions(questions=tuple(found.values())[:N_QUESTIONS])
