"""Binds one widget to one setting of a chatbot: the stored value fills it, a change is kept at once.

The workspace is the truth. A widget takes the stored value before it is drawn, so that two open pages
never overwrite what the other one set; only what the user changes is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from components import session
from components.i18n import translate
from studio.errors import StudioError
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings

Convert = Callable[[Any], Any]  # a widget's value has the widget's type


def bind(
    bot: Chatbot,
    settings: ChatbotSettings,
    field: str,
    *,
    shown: Convert | None = None,
    kept: Convert | None = None,
) -> dict[str, Any]:
    """Arguments `key`, `on_change` and `args` of the widget that edits a setting.

    Args:
        bot: whose setting it is.
        settings: its settings now.
        field: name of the setting.
        shown: turns the stored value into the widget's.
        kept: turns the widget's value into the one that is stored.
    """
    key = f"_chatbot.{bot.id}.{field}"
    value = getattr(settings, field)
    value = shown(value) if shown else value
    if session.widget_value(key) != value:
        session.set_widget_value(key, value)
    return {"key": key, "on_change": _keep, "args": (bot, field, key, kept)}


def _keep(bot: Chatbot, field: str, key: str, kept: Convert | None) -> None:
    """Store what the user set; what cannot be used is said and the stored value comes back."""
    value = session.widget_value(key)
    try:
        bot.configure(replace(bot.settings, **{field: kept(value) if kept else value}))
    except StudioError as error:
        session.flash(translate(error.notice))
