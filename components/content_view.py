"""The views of a content prototype: a brief, a batch, a comparison, SEO, long texts, the history."""

from __future__ import annotations

from components import (
    builder_view,
    content_batch,
    content_compare,
    content_history,
    content_limits,
    content_long,
    content_seo,
    content_try,
    first_start,
)
from components.i18n import _
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import ContentSettings


def show(content: Content, settings: ContentSettings) -> None:
    """Draw the choice of views and the one that is chosen."""
    first_start.show()
    match builder_view.choose(
        {
            "try": _("Try it"),
            "batch": _("Batch"),
            "compare": _("Compare"),
            "seo": _("SEO"),
            "long": _("Long text"),
            "history": _("History"),
        }
    ):
        case "batch":
            content_batch.show(content, settings)
        case "compare":
            content_compare.show(content, settings)
        case "seo":
            content_limits.show(content, "seo")
            content_seo.show(content)
        case "long":
            content_long.show(content)
        case "history":
            content_history.show(content, settings)
        case _:
            content_try.show(content, settings)
