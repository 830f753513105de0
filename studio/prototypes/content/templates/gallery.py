"""The gallery of templates: all of a language, one by its name, and the settings that begin with it."""

from __future__ import annotations

from dataclasses import replace

from studio.errors import NotFound
from studio.prototypes.content.settings import CheckRules, ContentSettings
from studio.prototypes.content.template import Template
from studio.prototypes.content.templates import chinese, english
from studio.prototypes.content.templates.own import OWN_TEMPLATES

_OF = {
    "en": (*english.TEMPLATES, OWN_TEMPLATES["en"]),
    "zh": (*chinese.TEMPLATES, OWN_TEMPLATES["zh"]),
}


def templates_in(language: str) -> tuple[Template, ...]:
    """The templates in a language ("en" or "zh"), in the order of the gallery."""
    return _OF["zh" if language == "zh" else "en"]


def template_named(template_id: str, language: str) -> Template:
    """A template in a language.

    Raises:
        NotFound: there is none of that name; the message lists those that exist.
    """
    templates = templates_in(language)
    for template in templates:
        if template.id == template_id:
            return template
    raise NotFound(
        "There is no template called {name}. There are: {known}.",
        name=template_id,
        known=", ".join(template.id for template in templates),
    )


def settings_from(template: Template, settings: ContentSettings) -> ContentSettings:
    """The settings with a template's form, instruction, shape, lengths and checks.

    What has to occur and what must not is taken from the form where it has such fields; the required
    and banned words of the brand stay, as do voice, model and documents.
    """
    names = {variable.name for variable in template.variables}
    must_pass = settings.checks.must_pass
    return replace(
        settings,
        template=template.id,
        variables=template.variables,
        instructions=template.instructions,
        examples=template.examples,
        shape=template.shape,
        fields=template.fields,
        max_new_tokens=template.max_new_tokens,
        uses_documents=settings.uses_documents or template.needs_documents,
        checks=replace(
            settings.checks,
            min_words=template.min_words,
            max_words=template.max_words,
            keywords=(),
            max_copying=CheckRules().max_copying,
            variables_required=("must_include",) if "must_include" in names else (),
            variables_banned=("must_avoid",) if "must_avoid" in names else (),
            must_pass=must_pass,
        ),
    )
