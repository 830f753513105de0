"""What a model cannot be expected to do with some settings, in plain words, before it writes."""

from __future__ import annotations

from studio.inference.model_spec import ModelSpec
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.templates.gallery import templates_in
from studio.records import Notice

SMALL_TOKENS = 260
"""Above so many tokens what the one small model measured writes runs in circles or off the facts."""


def limits_of(settings: ContentSettings, model: ModelSpec) -> tuple[Notice, ...]:
    """What should be known; () for nothing."""
    notices = []
    if model.languages and settings.language not in model.languages:
        notices.append(
            Notice(
                "{model} does not write this language: its texts will fail the language check. Add a "
                "model that does on the page Models.",
                model=model.name,
            )
        )
    if not model.is_small:
        return tuple(notices)
    template = next((t for t in templates_in(settings.language) if t.id == settings.template), None)
    if template is not None and not template.suits_small:
        notices.append(
            Notice(
                "{model} is very small: do not expect this template to work with it. Use it to try the "
                "form and the checks, and add a larger model on the page Models for real texts.",
                model=model.name,
            )
        )
    elif settings.max_new_tokens > SMALL_TOKENS:
        notices.append(
            Notice(
                "{model} is very small: texts of more than {n} tokens soon repeat themselves or leave "
                "the facts. Ask for short ones.",
                model=model.name,
                n=SMALL_TOKENS,
            )
        )
    else:
        notices.append(
            Notice(
                "{model} is very small: it writes short texts from your facts and often gets one "
                "wrong. Rely on the checks, above all on facts you did not give.",
                model=model.name,
            )
        )
    return tuple(notices)
