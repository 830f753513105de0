"""The views of Explain, as far as they make sense for a prototype."""

from __future__ import annotations

from components import (
    builder_view,
    explain_answer,
    explain_map,
    explain_model,
    explain_results,
    session,
)
from components.i18n import _
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.documented import DocumentedPrototype
from studio.prototypes.search.search import Search
from studio.workbench import AnyPrototype

VIEW = "_explain.view"


def show(prototype: AnyPrototype) -> None:
    """Draw the choice of views and the chosen one."""
    views = {}
    if isinstance(prototype, Chatbot):
        views["answer"] = _("Why this answer")
    if isinstance(prototype, Search):
        views["results"] = _("Why these results")
    if isinstance(prototype, DocumentedPrototype):
        views["map"] = _("Map of the passages")
    views["model"] = _("Inside a text model")
    if session.widget_value(VIEW) not in views:
        session.set_widget_value(VIEW, next(iter(views)))
    view = builder_view.choose(views, key=VIEW)
    if view == "answer" and isinstance(prototype, Chatbot):
        explain_answer.show(prototype)
    elif view == "results" and isinstance(prototype, Search):
        explain_results.show(prototype)
    elif view == "map" and isinstance(prototype, DocumentedPrototype):
        explain_map.show(prototype)
    else:
        explain_model.show(prototype)
