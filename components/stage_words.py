"""What the stages of a request are called. Draws nothing."""

from __future__ import annotations

from components.i18n import _


def name(stage: str) -> str:
    """A stage in the user's language; one that is not known here stays as it is."""
    names = {
        "embedding": _("Reading the question (embedding)"),
        "between": _("Between the models (searching, checking)"),
        "reranking": _("Reordering (reranking)"),
        "recommendation": _("Recommending"),
        "search": _("Searching by words"),
        "generation": _("Writing (generation)"),
        "training": _("Learning (training)"),
    }
    return names.get(stage, stage)
