"""Words for a chatbot's settings: what each is called, its value, and what a version changed.

Draws nothing and reads nothing; settings come as they were stored, also by an older studio.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components import format as fmt
from components.i18n import LANGUAGES, _, ngettext, translate
from studio.prototypes.chatbot.settings import LABELS, ChatbotSettings

N_CHARACTERS = 40  # of a text that is quoted in a list of changes


def label(field: str) -> str:
    """What a setting is called."""
    return translate(LABELS[field])


def tones() -> dict[str, str]:
    """The tones there are, in the order they are offered."""
    return {
        "friendly": _("Friendly"),
        "neutral": _("Neutral"),
        "formal": _("Formal"),
        "brief": _("Brief"),
    }


def answer_styles() -> dict[str, str]:
    """The answer styles there are, in the order they are offered."""
    return {
        "auto": _("Automatic"),
        "write": _("Let the model write"),
        "quote": _("Quote the documents"),
    }


def value(field: str, stored: Any, model_names: Mapping[str, str]) -> str:  # Any: what JSON can say
    """A setting's value in words.

    Args:
        field: name of the setting.
        stored: its value.
        model_names: catalogue id -> what the model is called.
    """
    choices = {"language": LANGUAGES, "tone": tones(), "answer_style": answer_styles()}
    if field in choices:
        return choices[field].get(str(stored), str(stored))
    if field in ("generation_model", "embedding_model"):
        return model_names.get(str(stored), str(stored)) if stored else _("the default")
    if isinstance(stored, bool):
        return _("on") if stored else _("off")
    if isinstance(stored, list | tuple):
        return ngettext("{n} question", "{n} questions", len(stored))
    if isinstance(stored, float):
        return f"{stored:.2f}"
    if isinstance(stored, int):
        return fmt.count(stored)
    return _quoted(str(stored))


def _quoted(text: str) -> str:
    shown = " ".join(text.split())
    if not shown:
        return _("empty")
    if len(shown) > N_CHARACTERS:
        shown = shown[:N_CHARACTERS].rstrip() + "…"
    return _("“{text}”", text=shown)


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any], model_names: Mapping[str, str]
) -> list[str]:
    """What a change of the settings did, one line for each, in the order of the settings.

    A setting that is missing in either had its default. Empty when nothing that is known changed.

    Args:
        before: the settings as they were stored.
        after: the settings after the change.
        model_names: catalogue id -> what the model is called.
    """
    defaults = ChatbotSettings().to_json()
    lines = []
    for field in LABELS:
        old = before.get(field, defaults[field])
        new = after.get(field, defaults[field])
        if old == new:
            continue
        old_words, new_words = value(field, old, model_names), value(field, new, model_names)
        if old_words == new_words:  # a long text that differs behind what is quoted of it
            lines.append(_("{setting}: reworded", setting=label(field)))
        else:
            lines.append(
                _(
                    "{setting}: {before} → {after}",
                    setting=label(field),
                    before=old_words,
                    after=new_words,
                )
            )
    return lines
