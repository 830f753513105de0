"""`/generate`: texts for a filled-in form, with what their checks found. Nothing is kept here."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, JsonValue

from studio.api.api_error import ApiError
from studio.api.following import Line
from studio.api.kinds.endpoint import KindEndpoint
from studio.api.replies import RequestBody, TokenUsage
from studio.evaluation.text_checks.result import CheckResult
from studio.export.sentences import say
from studio.prototypes.content.content import Content
from studio.prototypes.content.text import Text
from studio.prototypes.content.variants import MAX_VARIANTS
from studio.records import Notice


class GenerateBody(RequestBody):
    """A filled-in form. GET /v1/prototypes/{slug} says which fields there are."""

    fields: dict[str, str]
    n: Annotated[int, Field(ge=1, le=MAX_VARIANTS)] = 1


class CheckReply(BaseModel):
    """What a check found; `status` is "passed", "failed" or "skipped".

    `text` says it in the language of the prototype.
    """

    name: str
    status: str
    is_required: bool
    text: str


class TextReply(BaseModel):
    """A text. `fields` are its parts where the prototype writes several; `passes` all must pass."""

    content: str
    fields: dict[str, str]
    passes: bool
    checks: list[CheckReply]
    is_complete: bool


class GenerateReply(BaseModel):
    """The texts. `note` says why there are fewer than asked for."""

    texts: list[TextReply]
    note: str | None
    usage: TokenUsage


def _run(content: Content, body: GenerateBody, line: Line) -> GenerateReply:
    _check_fields(body, content)
    writing = content.start(body.fields, body.n, "api")
    line.on_stop(writing.cancel)
    made = writing.result()
    language = content.settings.language
    return GenerateReply(
        texts=[_text(text, language) for text in made.texts],
        note=None if made.error is None else say(made.error, language),
        usage=TokenUsage.of(made.tokens_in, made.tokens_out),
    )


def _check_fields(body: GenerateBody, content: Content) -> None:
    """Refuse a field that is none: what it says would be missing in the text, and nobody would know."""
    known = [variable.name for variable in content.settings.variables]
    for name in body.fields.keys() - known:
        message = f"There is no field '{name[:80]}' here. There are: {', '.join(known)}."
        raise ApiError(400, message, param="fields", code="unknown_field")


def _text(text: Text, language: str) -> TextReply:
    return TextReply(
        content=text.content,
        fields=dict(text.fields),
        passes=text.is_accepted,
        checks=[_check(check, language) for check in text.checks],
        is_complete=text.finish_reason == "stop",
    )


def _check(check: CheckResult, language: str) -> CheckReply:
    return CheckReply(
        name=check.name,
        status=check.status,
        is_required=check.is_required,
        text=say(check.notice, language),
    )


def _describe(content: Content) -> dict[str, JsonValue]:
    settings = content.settings
    return {
        "language": settings.language,
        "fields": [
            {
                "name": variable.name,
                "label": variable.label,
                "type": variable.type,
                "required": variable.required,
                "choices": list(variable.choices),
                "example": variable.example,
            }
            for variable in settings.variables
        ],
    }


def _example(content: Content) -> dict[str, JsonValue]:
    fields: dict[str, JsonValue] = {
        variable.name: variable.example or next(iter(variable.choices), "")
        for variable in content.settings.variables
    }
    return {"fields": fields, "n": 1}


ENDPOINT = KindEndpoint(
    kind=Content,
    action="generate",
    summary=Notice("Write texts"),
    body=GenerateBody,
    reply=GenerateReply,
    run=_run,
    example=_example,
    describe=_describe,
)
