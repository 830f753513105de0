"""The three numbered steps of a chatbot's builder: data, behaviour, quality.

A step that is done is folded when the page is opened; it never folds while one is at work in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from components import (
    cache,
    chatbot_form,
    documents,
    index_panel,
    people_words,
    ranking_form,
    session,
    step,
)
from components.i18n import _
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.records import Task
from studio.workspace.records import DocumentRecord


def show(bot: Chatbot, settings: ChatbotSettings, best_relevance: float | None) -> None:
    """Draw the steps; `best_relevance` is that of the conversation's last question."""
    bench = cache.workbench()
    records = bot.documents()
    opens_data = session.remembered(f"chatbot.opens_data.{bot.id}", not _has_text(records))
    step.show(
        documents.step_label(records),
        partial(
            documents.show,
            bot,
            records,
            max_upload_mb=bench.settings.max_upload_bytes >> 20,
            use_sample=partial(bench.add_sample_data, bot),
        ),
        key=f"_step.data.{bot.id}",
        is_open=opens_data,
        goes_on=bot.index_state().state == "building",
    )
    step.show(
        _("**2** Behaviour"),
        partial(chatbot_form.behaviour, bot, settings),
        key=f"_step.behaviour.{bot.id}",
    )
    step.show(
        _("**3** Quality"),
        partial(_quality, bot, settings, best_relevance),
        key=f"_step.quality.{bot.id}",
    )
    index_panel.show_another_model(bot)
    st.caption(people_words.kept())


def _quality(bot: Chatbot, settings: ChatbotSettings, best_relevance: float | None) -> None:
    chatbot_form.quality(bot, settings, best_relevance)
    chatbot_form.team(bot, settings)
    if st.toggle(_("More"), key=f"_chatbot.{bot.id}.more_quality"):
        ranking_form.way(bot, settings)
        rerankers = cache.workbench().ready_models(Task.RERANKING)
        ranking_form.finer(bot, settings, rerankers)


def _has_text(records: Sequence[DocumentRecord]) -> bool:
    return any(record.status != "refused" for record in records)
