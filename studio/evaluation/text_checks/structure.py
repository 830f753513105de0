"""Whether a text is the JSON it should be. Knows no model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.evaluation.text_checks.result import CheckResult
from studio.records import Notice


def problems_of(value: Any, schema: Mapping[str, Any]) -> tuple[str, ...]:  # Any: parsed JSON
    """What is wrong with a value by a JSON schema, in the schema's order; () where nothing is."""
    import jsonschema

    validator = jsonschema.Draft202012Validator(schema)
    errors = sorted(validator.iter_errors(value), key=lambda error: list(map(str, error.path)))
    return tuple(error.message[:160] for error in errors)


def check_fields(text: str, schema: Mapping[str, Any] | None, *, is_repaired: bool) -> CheckResult:
    """Fails when the text is no JSON, or not of the schema.

    Args:
        text: what was written.
        schema: of the shape "fields"; None where no fields are wanted.
        is_repaired: whether the text had to be mended to be JSON.
    """
    import json

    if schema is None:
        return CheckResult(
            name="fields", status="skipped", notice=Notice("The text has no fields.")
        )
    try:
        value = json.loads(text)
    except ValueError:
        return CheckResult(
            name="fields", status="failed", notice=Notice("It is no JSON that can be read.")
        )
    problems = problems_of(value, schema)
    if problems:
        return CheckResult(
            name="fields",
            status="failed",
            value=float(len(problems)),
            found=problems,
            notice=Notice("The fields are not as wanted: {problem}.", problem=problems[0]),
        )
    return CheckResult(
        name="fields",
        status="passed",
        value=0.0,
        notice=Notice("The fields are right after mending the JSON.")
        if is_repaired
        else Notice("The fields are as wanted."),
    )
