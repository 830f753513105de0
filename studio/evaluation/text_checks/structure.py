"""Whether a text is the JSON it should be. Knows no model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from studio.evaluation.text_checks.result import CheckResult
from studio.records import Notice

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

Problem = tuple[str, Notice]
"""The field that it is about, empty for the whole, and what is wrong."""


def problems_of(value: Any, schema: Mapping[str, Any]) -> tuple[Problem, ...]:  # Any: parsed JSON
    """What is wrong with a value by the schema of an object of fields; () where nothing is.

    In the order of the fields' names, each thing once.
    """
    import jsonschema

    validator = jsonschema.Draft202012Validator(schema)
    errors = sorted(validator.iter_errors(value), key=lambda error: list(map(str, error.path)))
    return tuple(dict.fromkeys(problem for error in errors for problem in _told(error)))


def _told(error: ValidationError) -> Iterator[Problem]:
    """What a validator says of a field, in sentences of ours: its own are in English."""
    found = error.instance
    match error.validator:
        case "required":
            for name in error.validator_value:
                if name not in found:
                    yield name, Notice("{field} is missing", field=name)
        case "additionalProperties":
            for name in found:
                if name not in error.schema["properties"]:
                    yield name, Notice("{field} is none of the fields", field=name)
        case _ if not error.absolute_path:
            yield "", Notice("it is no object with fields")
        case _:
            place = error.absolute_path  # the third item of "tags": "tags 3"
            field = " ".join(str(at + 1) if isinstance(at, int) else at for at in place)
            yield field, _of_value(field, error)


def _of_value(field: str, error: ValidationError) -> Notice:
    wanted, found = error.validator_value, error.instance
    match error.validator:
        case "type":
            return _no_type(field, wanted)
        case "minLength" | "minItems":
            return Notice("{field} is empty", field=field)
        case "maxLength":
            return Notice(
                "{field} has {n} characters; at most {limit} are allowed",
                field=field,
                n=len(found),
                limit=wanted,
            )
        case "maxItems":
            return Notice(
                "{field} has {n} items; at most {limit} are allowed",
                field=field,
                n=len(found),
                limit=wanted,
            )
    return Notice("{field} is not as it should be", field=field)


def _no_type(field: str, wanted: str) -> Notice:
    match wanted:
        case "string":
            return Notice("{field} is no text", field=field)
        case "number":
            return Notice("{field} is no number", field=field)
        case "boolean":
            return Notice("{field} is neither yes nor no", field=field)
        case "array":
            return Notice("{field} is no list", field=field)
    return Notice("{field} is not as it should be", field=field)


def check_fields(text: str, schema: Mapping[str, Any] | None, *, is_repaired: bool) -> CheckResult:
    """Fails when the text is no JSON, or not of the schema.

    Args:
        text: what was written.
        schema: of the shape "fields"; None where no fields are wanted.
        is_repaired: whether the text had to be mended to be JSON.
    """
    if schema is None:
        return CheckResult(
            name="fields", status="skipped", notice=Notice("The text has no fields.")
        )
    try:
        problems = problems_of(json.loads(text), schema)
    except (ValueError, RecursionError):  # brackets without end
        return CheckResult(
            name="fields", status="failed", notice=Notice("It is no JSON that can be read.")
        )
    if problems:
        return CheckResult(
            name="fields",
            status="failed",
            value=float(len(problems)),
            found=tuple(dict.fromkeys(field for field, _ in problems if field)),
            notice=Notice("The fields are not as wanted: {problem}.", problem=problems[0][1]),
        )
    return CheckResult(
        name="fields",
        status="passed",
        value=0.0,
        notice=Notice("The fields are right after mending the JSON.")
        if is_repaired
        else Notice("The fields are as wanted."),
    )
