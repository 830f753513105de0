"""The export of a content generator."""

from __future__ import annotations

from collections.abc import Mapping

from studio.export.kinds.contract import KindExport
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import ContentSettings
from studio.records import Notice


def _models(content: Content) -> Mapping[str, str]:
    return {
        "embedding_model": content.embedding_model,
        "generation_model": content.model.id,
        "rerank_model": content.settings.rerank_model,
        "index": content.index_state().model,
    }


def _example(content: Content) -> dict[str, str]:
    """The form filled in with its own examples."""
    variables = content.settings.variables
    return {one.name: one.example or one.label for one in variables if one.required or one.example}


CONTENT = KindExport(
    kind=Content.kind,
    settings_type=ContentSettings,
    packages=("texts", "writing"),
    models=_models,
    example=_example,
    guide=(
        (Notice("several texts for a form"), "prototypes/content/variants.py"),
        (Notice("one text: write, check, try again"), "prototypes/content/composing.py"),
        (Notice("what the model is told"), "prototypes/content/prompt.py"),
        (Notice("instructions as templates, in a sandbox"), "prototypes/content/sandbox.py"),
        (Notice("the checks"), "prototypes/content/checking.py"),
        (Notice("the brand's voice"), "prototypes/content/voice.py"),
        (Notice("a whole sheet of texts"), "prototypes/content/batch.py"),
        (Notice("the model that writes"), "inference/service.py"),
    ),
)
