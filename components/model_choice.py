"""Choose the model that a prototype uses for a task; what is chosen by itself is named."""

from __future__ import annotations

import streamlit as st

from components import cache, model_names, notice
from components import setting_words as words
from components.i18n import _
from components.setting_field import bind
from studio.inference.model_spec import ModelSpec
from studio.prototypes.documented import DocumentedPrototype
from studio.prototypes.documents_script import CJK_LANGUAGES
from studio.prototypes.prototype_settings import PrototypeSettings
from studio.records import Task
from studio.workbench import AnyPrototype

FIELDS = {Task.GENERATION: "generation_model", Task.EMBEDDING: "embedding_model"}


def show(
    prototype: AnyPrototype,
    settings: PrototypeSettings,
    task: Task,
    *,
    automatic: ModelSpec | None = None,
) -> None:
    """Draw the choice; the first entry leaves it to the studio and says which model that means.

    Args:
        prototype: whose model it is.
        settings: its settings now.
        task: what the model is for.
        automatic: the model that the first entry means; a prototype over documents knows it.
    """
    if automatic is None and isinstance(prototype, DocumentedPrototype):
        automatic = prototype.automatic_model(task)
    hints = {
        Task.GENERATION: _("Models are added and loaded on the Models page."),
        Task.EMBEDDING: _(
            "Choose one that knows the language of your documents. The index must then be built again;"
            " the documents stay."
        )
        if isinstance(prototype, DocumentedPrototype)
        else _("Choose one that knows the language of your texts. Train again afterwards."),
    }
    field = FIELDS[task]
    first = _("Automatic") if automatic is None else _("Automatic: {name}", name=automatic.name)
    names = {"": first} | model_names.of(task)
    models = list(names)
    chosen = getattr(settings, field)
    if chosen not in names:
        models.append(chosen)  # removed from the catalogue since; shown, so that it can be changed
    st.selectbox(
        words.label(field, type(settings)),
        models,
        format_func=lambda model: names.get(model, model),
        help=hints[task],
        **bind(prototype, settings, field),
    )
    is_real = not cache.workbench().settings.is_demo
    if task is Task.EMBEDDING and isinstance(prototype, DocumentedPrototype) and is_real:
        reading = prototype.reading_language
        if not chosen and automatic is not None:
            _say(why(automatic, reading, is_by_documents=reading != settings.language))


def why(automatic: ModelSpec, language: str, *, is_by_documents: bool) -> str:
    """Why this model searches, or what comes of it; empty where there is nothing to tell.

    Args:
        automatic: the model that was chosen by itself.
        language: ISO 639-1 code of what it should read.
        is_by_documents: whether the documents say so, and not the language of the prototype.
    """
    is_read = not automatic.languages or not {*CJK_LANGUAGES}.isdisjoint(automatic.languages)
    if language in CJK_LANGUAGES and not is_read:
        return _(
            "{name} does not read Chinese characters, so such texts are searched by their words only."
            " A model that reads them can be had on the Models page.",
            name=automatic.name,
        )
    if is_by_documents:
        return _(
            "Most of your documents are in Chinese characters, so {name} searches, which reads them.",
            name=automatic.name,
        )
    return ""


def _say(sentence: str) -> None:
    if sentence:
        st.caption(notice.plain(sentence))
