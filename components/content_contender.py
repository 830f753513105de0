"""One side of a blind comparison: which model, which instruction, with the voice or without.

What is chosen is kept as it changes, as what is typed into forms is.
"""

from __future__ import annotations

from dataclasses import asdict, replace

import streamlit as st

from components import content_typed, i18n, model_names, session
from components import setting_words as words
from components.i18n import _
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import RANGES, ContentSettings
from studio.prototypes.content.votes import Contender
from studio.records import Task

SIDES = ("A", "B")
MAX_NAME = 40


def show(content: Content, settings: ContentSettings, side: str) -> Contender:
    """Draw what differs from the settings on this side ("A" or "B"), and give it."""
    typed = content_typed.values(content, _form(side))
    kept = _as_kept(Contender(**typed), side) if typed else Contender(name=_usual_name(side))
    key = f"_content.side.{content.id}.{side}"
    names = {"": _("As in the settings: {name}", name=content.model.name)}
    names |= model_names.of(Task.GENERATION)
    with st.container(border=True, gap="small"):
        _default(f"{key}.name", kept.name)
        name = st.text_input(
            _("Name of side {side}", side=side), max_chars=MAX_NAME, key=f"{key}.name"
        )
        _default(f"{key}.model", kept.model if kept.model in names else "")
        model = st.selectbox(
            words.label("generation_model"),
            list(names),
            format_func=names.__getitem__,
            key=f"{key}.model",
        )
        instructions, temperature, uses_voice = _finer(settings, kept, key)
    made = Contender(
        name=str(name or "").strip() or _usual_name(side),
        # Of a name that was written otherwise a moment ago the browser sends that, and no id.
        model=str(model) if model in names else "",
        instructions=instructions,
        temperature=temperature,
        uses_voice=uses_voice,
    )
    usual = {**asdict(made), "name": "" if made.name == _usual_name(side) else made.name}
    content_typed.note(content, _form(side), usual)
    return made


def _finer(settings: ContentSettings, kept: Contender, key: str) -> tuple[str, float | None, bool]:
    """Draw instruction, variety and voice; gives them."""
    with st.expander(_("Instruction, variety, voice"), type="compact", key=f"{key[1:]}_more"):
        _default(f"{key}.instructions", kept.instructions or settings.instructions)
        typed = str(
            st.text_area(
                words.label("instructions", ContentSettings), height=160, key=f"{key}.instructions"
            )
            or ""
        )
        low, high = RANGES["temperature"]
        now = settings.temperature if kept.temperature is None else kept.temperature
        chosen = float(
            st.slider(
                words.label("temperature", ContentSettings),
                low,
                high,
                value=float(now),  # not by its key: it may be loaded late, and begin at 0 then
                step=0.1,
                key=f"{key}.temperature",
            )
        )
        _default(f"{key}.voice", kept.uses_voice)
        uses_voice = st.toggle(_("Tell it the brand voice"), key=f"{key}.voice")
    instructions = "" if typed.strip() == settings.instructions.strip() else typed
    return instructions, None if chosen == settings.temperature else chosen, uses_voice


def _default(key: str, value: object) -> None:
    session.default_widget_value(key, value)


def _usual_name(side: str) -> str:
    return _("Side {side}", side=side)


def named(name: str) -> str:
    """The name of a side as it is read now: a usual one is that of the reader's language."""
    return next((_usual_name(side) for side in SIDES if name in _usual_names(side)), name)


def _usual_names(side: str) -> set[str]:
    names = set()
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            names.add(_usual_name(side))
    return names


def _as_kept(kept: Contender, side: str) -> Contender:
    """A side as it was kept; the usual name is that of the reader's language, whoever kept it."""
    is_usual = not kept.name or kept.name in _usual_names(side)
    return replace(kept, name=_usual_name(side)) if is_usual else kept


def _form(side: str) -> str:
    return f"side.{side}"
