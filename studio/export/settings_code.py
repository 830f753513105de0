"""A prototype's settings as Python code: one constant each, with what it means and what is allowed.

The code is laid out as `ruff format` lays it out, so that the first edit of an engineer is a small one.
Values are what JSON can say.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from studio.prototypes.prototype_settings import PrototypeSettings
from studio.records import Notice

MODEL = Notice('the id of a model; "" for the default')
"""What stands in a setting that names a model."""

WIDTH = 100
"""Columns of a line, as the `ruff.toml` of the exported code says."""


def settings_module(
    doc: str,
    values: Mapping[str, Any],
    settings_type: type[PrototypeSettings],
    facts: Mapping[str, tuple[str, Any]],
    say: Callable[[Notice], str],
) -> str:
    """The text of `settings.py`.

    Args:
        doc: its docstring, one or more lines.
        values: the settings by name; those that the kind does not have are left out.
        settings_type: the kind's, which says what each is called and what is allowed.
        facts: constants that are no settings: name -> (comment, value).
        say: gives a label in the language of the export.
    """
    doc = doc.replace("\\", "/").replace('"""', "'''")
    lines = [f'"""{doc}"""', ""]
    lines += ["from typing import Any, Final", ""]
    for name, (comment, value) in facts.items():
        lines += [f"# {_plain(comment)}", _constant(name, value)]
    known = {name: values[name] for name in settings_type.labels if name in values}
    known |= {name: value for name, value in values.items() if name in settings_type.__slots__}
    for name, value in known.items():
        comment = _comment(name, settings_type, say)
        lines += ["", f"# {comment}" if comment else f"# {name}", _constant(name, value)]
    lines += ["", "SETTINGS: Final[dict[str, Any]] = {"]
    lines += [f'    "{name}": {name.upper()},' for name in known]
    return "\n".join([*lines, "}", ""])


def _comment(
    name: str, settings_type: type[PrototypeSettings], say: Callable[[Notice], str]
) -> str:
    """What a setting is called, and what is allowed."""
    label = settings_type.labels.get(name)
    text = "" if label is None else _plain(say(label))
    if name in settings_type.ranges:
        low, high = settings_type.ranges[name]
        text += f": {low:g} – {high:g}"
    elif name.endswith("_model"):
        text += f": {_plain(say(MODEL))}"
    elif name in settings_type.choices:
        text += ": " + ", ".join(json.dumps(one) for one in settings_type.choices[name])
    return text


def _constant(name: str, value: Any) -> str:  # Any: what JSON can say
    kind = _type(value)
    head = f"{name.upper()}: Final[{kind}] = " if kind else f"{name.upper()}: Final = "
    if isinstance(value, str) and _columns(head + _text(value)) > WIDTH and "\n" in value.strip():
        parts = value.splitlines(keepends=True)
        return "\n".join([f"{head}(", *(f"    {_text(part)}" for part in parts), ")"])
    if isinstance(value, str) and _columns(head + _text(value)) > WIDTH >= 4 + _columns(
        _text(value)
    ):
        return f"{head}(\n    {_text(value)}\n)"
    return head + literal(value, used=_columns(head))


def _type(value: Any) -> str:  # as above
    """The annotation of a constant whose type cannot be told from its value."""
    if isinstance(value, list | tuple):
        is_texts = bool(value) and all(isinstance(one, str) for one in value)
        return "list[str]" if is_texts else "list[Any]"
    return "dict[str, Any]" if isinstance(value, dict) else ""


def literal(value: Any, *, indent: int = 0, used: int = 0) -> str:
    """A JSON value as Python, on one line where it fits behind `used` columns, else one item a line.

    Raises:
        ValueError: it is no JSON value; a fault of the program.
    """
    short = _on_one_line(value)
    if not isinstance(value, list | tuple | dict) or not value or used + _columns(short) <= WIDTH:
        return short
    inner = " " * (indent + 4)
    lines = []
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in items:
        head = f"{_text(str(key))}: " if isinstance(value, dict) else ""
        # A comma follows.
        text = literal(one, indent=indent + 4, used=indent + 4 + _columns(head) + 1)
        lines.append(f"{inner}{head}{text},")
    left, right = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return "\n".join([left, *lines, " " * indent + right])


def _on_one_line(value: Any) -> str:  # as above
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{_text(str(k))}: {_on_one_line(v)}" for k, v in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_on_one_line, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool | int):
        return repr(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    raise ValueError(f"{value!r} is no JSON value")


def _text(value: str) -> str:
    """A text in double quotes, in single ones where that saves escapes."""
    body = json.dumps(value, ensure_ascii=False)[1:-1].replace("\x7f", "\\x7f")
    body = "".join(one if one.isprintable() or one == " " else _escaped(one) for one in body)
    if value.count('"') > value.count("'"):
        return "'" + body.replace('\\"', '"').replace("'", "\\'") + "'"
    return f'"{body}"'


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _columns(text: str) -> int:
    """How wide a text is: Chinese characters take two columns."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _plain(text: str) -> str:
    """A text on one line of a comment."""
    return " ".join(text.split())
