"""What a model cannot be expected to do with some settings, in plain words, before it writes."""

from __future__ import annotations

from typing import Literal

from studio.inference.model_spec import ModelSpec
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.templates.gallery import templates_in
from studio.records import Notice

SMALL_TOKENS = 260
"""Above so many tokens what the one small model measured writes runs in circles or off the facts."""

Use = Literal["texts", "seo", "outline", "summary"]
"""What the model is wanted for: texts of a form, titles, a long text by an outline, a summary."""

_LANGUAGE_NAMES = {"en": Notice("English"), "zh": Notice("Chinese")}


def writes(model: ModelSpec, language: str) -> bool:
    """Whether the catalogue says that a model writes a language, or does not know which it writes."""
    return not model.languages or language in model.languages


def limits_of(
    settings: ContentSettings, model: ModelSpec, use: Use = "texts"
) -> tuple[Notice, ...]:
    """What should be known of a model for a use; () for nothing."""
    notices = []
    if not writes(model, settings.language):
        notices.append(
            Notice(
                "{model} does not write {language}: most of its texts will be of no use and fail the "
                "language check. Take a model that does, or let the texts be in another language "
                "(step 2, Output).",
                model=model.name,
                language=_LANGUAGE_NAMES[settings.language],
            )
        )
    if model.is_small:
        notices.append(_small(settings, model, use))
    return tuple(notices)


def _small(settings: ContentSettings, model: ModelSpec, use: Use) -> Notice:
    match use:
        case "seo":
            return Notice(
                "Intents, gaps, outline and scores do not depend on the model that writes. {model} is "
                "very small: most of its titles are of little use, and those put together from your "
                "words stand beside them.",
                model=model.name,
            )
        case "outline":
            return Notice(
                "{model} is very small: its headings often need your hand, and of a section only "
                "sentences are kept that your facts bear out; else its points stand as a list. Give "
                "a fact or two for each section, or take a larger model.",
                model=model.name,
            )
        case "summary":
            return Notice(
                "{model} is very small: of what it writes only sentences whose words stand in the "
                "document are kept; where that is too little, sentences of the document are taken as "
                "they are. A larger model, which can be added on the page Models, puts it in words of "
                "its own.",
                model=model.name,
            )
    return _small_texts(settings, model)


def _small_texts(settings: ContentSettings, model: ModelSpec) -> Notice:
    template = next((t for t in templates_in(settings.language) if t.id == settings.template), None)
    if template is not None and not template.suits_small:
        return Notice(
            "{model} is very small: do not expect this template to work with it. Use it to try the "
            "form and the checks, and add a larger model on the page Models for real texts.",
            model=model.name,
        )
    if settings.max_new_tokens > SMALL_TOKENS:
        return Notice(
            "{model} is very small: texts of more than {n} tokens soon repeat themselves or leave "
            "the facts. Ask for short ones.",
            model=model.name,
            n=SMALL_TOKENS,
        )
    return Notice(
        "{model} is very small: it writes short texts from your facts and often gets one "
        "wrong. Rely on the checks, above all on facts you did not give.",
        model=model.name,
    )
