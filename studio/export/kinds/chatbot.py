"""The export of a chatbot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from studio.export.kinds.contract import KindExport
from studio.export.kinds.findings import Exchange
from studio.export.kinds.judged_search import judged_search
from studio.prototypes.chatbot.answer import Answer, Citation
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.records import Notice


def _models(bot: Chatbot) -> Mapping[str, str]:
    return {
        "embedding_model": bot.embedding_model,
        "generation_model": bot.model.id,
        "rerank_model": bot.settings.rerank_model,
        "index": bot.index_state().model,
    }


def _example(bot: Chatbot) -> str:
    known = bot.settings.starter_questions or bot.replay_inputs(1)
    return known[0] if known else ""


def _exchanges(bot: Chatbot, limit: int, is_recent: bool) -> tuple[Exchange, ...]:
    if is_recent:
        return tuple(_exchange(answer, at) for answer, at in _recent(bot, limit))
    questions = (bot.settings.starter_questions or bot.replay_inputs(limit))[:limit]
    return tuple(_exchange(bot.ask(question, surface="job"), None) for question in questions)


def _recent(bot: Chatbot, limit: int) -> list[tuple[Answer, datetime]]:
    """The newest answers of all conversations, the newest first."""
    found = [
        (Answer.from_json(turn.extra["answer"]), turn.created_at)
        for turn in bot.recent_turns()
        if "answer" in turn.extra
    ]
    return sorted(found, key=lambda pair: pair[1], reverse=True)[:limit]


def _exchange(answer: Answer, at: datetime | None) -> Exchange:
    return Exchange(
        asked=answer.question,
        lines=(answer.marked_text(), *(f"“{quote.text}”" for quote in answer.quotes)),
        sources=tuple(_source(citation) for citation in answer.citations),
        note=answer.public_note,
        total_ms=answer.figures.total_ms,
        cost_usd=answer.figures.cost,
        asked_at=at,
    )


def _source(citation: Citation) -> str:
    page = "" if citation.page is None else f", {citation.page}"
    return f"[{citation.number}] {citation.document_name}{page}"


CHATBOT = KindExport(
    kind=Chatbot.kind,
    settings_type=ChatbotSettings,
    packages=("texts",),
    models=_models,
    example=_example,
    exchanges=_exchanges,
    findings=judged_search,
    how_to_find=Notice(
        "Nothing was judged yet. Under Tune, judge what is found for a few questions, or upload judged"
        " questions, then measure."
    ),
    guide=(
        (Notice("an answer, step by step"), "prototypes/chatbot/answering.py"),
        (Notice("what the model is told"), "prototypes/chatbot/prompt.py"),
        (Notice("holding sentences against passages"), "prototypes/chatbot/citation.py"),
        (Notice("quoting instead of writing"), "prototypes/chatbot/quoting.py"),
        (Notice("cutting documents into passages"), "retrieval/chunking.py"),
        (Notice("searching by words and by meaning"), "retrieval/searching.py"),
        (Notice("joining both (fusion)"), "retrieval/fusion.py"),
        (Notice("the models"), "inference/service.py"),
    ),
)
