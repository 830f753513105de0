"""What people really asked a prototype last: in conversations that are kept, and with their thumbs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from studio.evaluation.drift import Drift, drift_between
from studio.evaluation.judgements import normalised
from studio.inference.protocol import ModelService
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.records import CallContext, EmbeddingRequest
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


def drift_of(
    live: LiveQuestions,
    questions: Sequence[str],
    models: ModelService,
    embedding_model: str,
    prototype_id: str,
) -> Drift | None:
    """How what people ask stands to the questions of a set; None where there is too little of either.

    Args:
        live: what people asked.
        questions: of the set.
        models: the shared service.
        embedding_model: catalogue id of the model that reads both.
        prototype_id: on whose behalf it is called.

    Raises:
        StudioError: the model failed.
    """
    own = list({normalised(text): text for text in questions}.values())
    if len(own) < 2 or not live.questions:
        return None
    context = CallContext(request_id="drift", prototype_id=prototype_id, surface="bench")
    vectors = models.embed(
        EmbeddingRequest(
            model=embedding_model,
            texts=(*own, *live.questions),
            purpose="query",
            context=context,
        )
    ).vectors
    return drift_between(vectors[: len(own)], vectors[len(own) :], seed=0)
