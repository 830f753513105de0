"""The export of a chatbot."""

from __future__ import annotations

from collections.abc import Mapping

from studio.export.kinds.contract import KindExport
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


CHATBOT = KindExport(
    kind=Chatbot.kind,
    settings_type=ChatbotSettings,
    packages=("texts",),
    models=_models,
    example=_example,
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
