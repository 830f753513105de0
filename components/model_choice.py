"""Choose the model that a prototype uses for a task; what is chosen by itself is named."""

from __future__ import annotations

import streamlit as st

from components import setting_words as words
from components.i18n import _
from components.setting_field import bind
from studio.inference.catalogue import Catalogue
from studio.prototypes.document_settings import DocumentSettings
from studio.records import Task
from studio.workbench import AnyDocumented

FIELDS = {Task.GENERATION: "generation_model", Task.EMBEDDING: "embedding_model"}


def show(
    prototype: AnyDocumented, settings: DocumentSettings, catalogue: Catalogue, task: Task
) -> None:
    """Draw the choice; the first entry leaves it to the studio and says which model that means."""
    hints = {
        Task.GENERATION: _("Models are added and loaded on the Models page."),
        Task.EMBEDDING: _(
            "Choose one that knows the language of your documents. The index must then be built again;"
            " the documents stay."
        ),
    }
    field = FIELDS[task]
    automatic = _("Automatic: {name}", name=prototype.automatic_model(task).name)
    names = {"": automatic} | {spec.id: spec.name for spec in catalogue.list(task)}
    models = list(names)
    chosen = getattr(settings, field)
    if chosen not in names:
        models.append(chosen)  # removed from the catalogue since; shown, so that it can be changed
    st.selectbox(
        words.label(field),
        models,
        format_func=lambda model: names.get(model, model),
        help=hints[task],
        **bind(prototype, settings, field),
    )
