"""Texts made of fields: their JSON schema, and what a model wrote as JSON, mended where it is broken."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.evaluation.text_checks.structure import problems_of
from studio.prototypes.content.template import OutputField

MAX_ITEMS = 8
MAX_DEPTH = 16
"""Levels of lists and objects that are read: fields have two, a model running in circles thousands."""
_TYPES: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": "string", "minLength": 1},
    "number": {"type": "number"},
    "yes_no": {"type": "boolean"},
    "list": {
        "type": "array",
        "items": {"type": "string", "minLength": 1, "maxLength": 120},
        "minItems": 1,
        "maxItems": MAX_ITEMS,
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Structured:
    """What a model wrote, as JSON of the schema where that was possible.

    `content` is the JSON, indented, or the text as it came where nothing could be made of it; then
    `fields` is (). `is_repaired` says that the text was no JSON of the schema before.
    """

    content: str
    fields: tuple[tuple[str, str], ...]
    is_repaired: bool


def schema_of(fields: Sequence[OutputField]) -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of an object with these fields and no others, in this order."""
    return {
        "type": "object",
        "properties": {field.name: _schema_of_field(field) for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def _schema_of_field(field: OutputField) -> dict[str, Any]:
    schema = dict(_TYPES[field.type])
    if field.help:
        schema["description"] = field.help
    if field.type == "text" and field.max_length:
        schema["maxLength"] = field.max_length
    return schema


def read_fields(text: str, fields: Sequence[OutputField]) -> Structured:
    """The fields of a text: taken out of a code block, mended, brought to their types.

    Nothing is made up: a field the model left out stays out, and so does a number that is none
    ("NaN"); then the text fails its check. Whatever the text is, this does not raise.
    """
    schema = schema_of(fields)
    value = _parsed(text)
    if value is not None and not problems_of(value, schema):
        return _structured(value, fields, is_repaired=False)
    mended = _mended(text) if value is None else value
    if isinstance(mended, list):
        mended = next((one for one in mended if isinstance(one, dict)), None)
    if not isinstance(mended, dict) or not mended:
        return Structured(content=text.strip(), fields=(), is_repaired=False)
    return _structured(_fitted(mended, fields), fields, is_repaired=True)


def with_field(content: str, fields: Sequence[OutputField], name: str, value: str) -> str:
    """The JSON of a text with another value of a field, brought to the field's type.

    Args:
        content: JSON of the fields' schema.
        fields: what the text has.
        name: of one of them.
        value: as people read it; the items of a list stand in lines of their own.
    """
    changed = {**json.loads(content), name: value}
    return json.dumps(_fitted(changed, fields), ensure_ascii=False, indent=2)


def _mended(text: str) -> Any | None:  # Any: parsed JSON
    """What can be made of broken JSON; None where nothing can."""
    from json_repair import repair_json

    try:
        # By the mender's own parser: that of the standard library did not take the text.
        mended = repair_json(_without_fence(text), return_objects=True, skip_json_loads=True)
    except (ValueError, RecursionError):  # brackets without end
        return None
    return mended if _is_flat(mended) else None


def _structured(
    value: Mapping[str, Any], fields: Sequence[OutputField], *, is_repaired: bool
) -> Structured:
    return Structured(
        content=_whole(json.dumps(value, ensure_ascii=False, indent=2)),
        fields=tuple(
            (field.name, _whole(_as_text(value[field.name])))
            for field in fields
            if field.name in value
        ),
        is_repaired=is_repaired,
    )


def _parsed(text: str) -> Any | None:  # Any: parsed JSON
    """The JSON of a text; None where it is none, or has "NaN", endless numbers or endless brackets."""
    try:
        value = json.loads(_without_fence(text), parse_constant=_refused, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    return value if _is_flat(value) else None


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")


def _finite(written: str) -> float:
    number = float(written)
    if not math.isfinite(number):
        raise ValueError(f"{written[:20]} is too large")
    return number


def _is_flat(value: Any, depth: int = 0) -> bool:  # Any: parsed JSON
    """Whether nothing lies deeper than `MAX_DEPTH`, so that it can be gone through level by level."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, list):
        return True
    return depth < MAX_DEPTH and all(_is_flat(one, depth + 1) for one in value)


def _whole(text: str) -> str:
    """The text without halves of characters, which a model may write as an escape and nothing reads."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _without_fence(text: str) -> str:
    match = re.search(r"```(?:json)?\s*(.*?)(?:```|\Z)", text, re.DOTALL)
    return (match.group(1) if match else text).strip()


def _fitted(value: Mapping[str, Any], fields: Sequence[OutputField]) -> dict[str, Any]:
    """The known fields, each brought to its type where that changes nothing of what it says."""
    plain = {_key(name): one for name, one in value.items()}
    fitted = {}
    for field in fields:
        found = plain.get(_key(field.name))
        if found is None or (isinstance(found, float) and not math.isfinite(found)):
            continue
        fitted[field.name] = _as_type(found, field.type)
    return fitted


def _as_type(value: Any, wanted: str) -> Any:  # Any: parsed JSON
    match wanted, value:
        case "text", bool() | int() | float():
            return str(value)
        case "text", list() if all(isinstance(one, str) for one in value):
            return "; ".join(value)
        case "list", str():
            parts = [part.strip(" -•\t") for part in re.split(r"[\n;；]+", value)]
            return [part for part in parts if part][:MAX_ITEMS]
        case "list", list():
            return [one if isinstance(one, str) else _as_text(one) for one in value if one][
                :MAX_ITEMS
            ]
        case "number", str():
            return _as_number(value)
        case "yes_no", str() if value.strip().casefold() in _YES | _NO:
            return value.strip().casefold() in _YES
    return value


_YES = frozenset(("yes", "true", "是"))
_NO = frozenset(("no", "false", "否"))


def _as_number(text: str) -> Any:  # the number, or the text where it is none
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return int(number) if number == int(number) else number


def _as_text(value: Any) -> str:  # Any: parsed JSON
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(map(_as_text, value))
    return json.dumps(value, ensure_ascii=False)


def _key(name: object) -> str:
    return re.sub(r"[\s_\-]+", "", str(name)).casefold()
