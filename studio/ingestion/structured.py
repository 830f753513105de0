"""JSON and JSON lines: a list of objects becomes table rows, everything else readable lines.

Numbers stay as written. Objects within a row give columns named "size.width"; lists of plain values
are joined by commas.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from studio.ingestion.decoding import Decoded, clean, for_parsing
from studio.ingestion.grid import markup_notice
from studio.ingestion.pagetext import PageText
from studio.ingestion.result import Content
from studio.ingestion.tags import without_tags
from studio.ingestion.text import empty_notice, encoding_notices, read_text
from studio.records import Cells, Notice

_MAX_DEPTH = 60
_PROPERTIES = (
    ("name", "value"), ("key", "value"), ("label", "value"), ("k", "v"), ("name", "values"),
)  # fmt: skip
# Of what JSON can hold; Any, because the file says what it is.
Value = Any


class _Unreadable(ValueError):
    """The text is not JSON, or nested too deeply."""


def looks_like_json(text: str) -> bool:
    """Whether a text is JSON or JSON lines of objects or lists."""
    if text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        return False
    try:
        _values(text)
    except _Unreadable:
        return False
    return True


def read_json(name: str, decoded: Decoded) -> Content:
    """The values of a file as one page without a number; no page when there are none.

    What turns out not to be JSON is kept as plain text, and told.
    """
    try:
        values, n_broken = _values(decoded.text)
    except _Unreadable:
        return _as_text(name, decoded)
    page = PageText()
    records, others = _records(values)
    for line in others:
        page.add(line)
    n_marked = 0
    for record in records:
        came = _cells(record)
        cells = tuple((column, _without_markup(value)) for column, value in came)
        n_marked += sum(cell != of_came for cell, of_came in zip(cells, came, strict=True))
        page.add("; ".join(f"{column}: {value}" for column, value in cells), cells, came)
    if page.is_empty:
        return Content(pages=(), notices=(empty_notice(name),))
    notices = list(encoding_notices(name, decoded))
    if n_broken:
        notices.append(
            Notice(
                "{n_broken} lines of {name} are not valid JSON and were left out.",
                "One line of {name} is not valid JSON and was left out.",
                n_broken=n_broken,
                name=name,
            )
        )
    if n_marked:
        notices.append(markup_notice(name, n_marked))
    return Content(
        pages=(page.page(),),
        notices=tuple(notices),
        is_complete=not n_broken and decoded.n_replaced == 0,
        n_rows=len(records) or None,
        n_characters_dropped=None if n_broken else decoded.n_replaced,
        n_rows_dropped=n_broken,
    )


def _as_text(name: str, decoded: Decoded) -> Content:
    content = read_text(name, decoded)
    if not content.pages:
        return content
    notice = Notice(
        "{name} is not valid JSON and was read as plain text. Export it again if it should be a table.",
        name=name,
    )
    return Content(
        pages=content.pages,
        notices=(notice, *content.notices),
        is_complete=content.is_complete,
        n_characters_dropped=content.n_characters_dropped,
    )


def _values(text: str) -> tuple[list[Value], int]:
    """The values of the file, one or one per line, and how many lines are broken.

    Raises:
        _Unreadable: the text is neither.
    """
    text = for_parsing(text)
    try:
        return [_parsed(text)], 0
    except _Unreadable:
        lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 2:
        raise _Unreadable
    values: list[Value] = []
    for line in lines:
        try:
            value = _parsed(line)
        except _Unreadable:
            continue
        if isinstance(value, dict | list):
            values.append(value)
    if len(values) < 0.8 * len(lines):  # not lines of JSON with damage, but something else
        raise _Unreadable
    return values, len(lines) - len(values)


def _parsed(text: str) -> Value:
    try:
        value = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise _Unreadable from error
    if _depth(value) > _MAX_DEPTH:
        raise _Unreadable
    return value


def _depth(value: Value) -> int:
    """How deeply a value is nested; counts no further than the limit."""
    depth, level = 0, [value]
    while level and depth <= _MAX_DEPTH:
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        depth += 1
    return depth


def _records(values: list[Value]) -> tuple[list[Mapping[str, Value]], list[str]]:
    """The objects that are rows, and the lines of what is not.

    Rows are the objects of the file, of its one list, or of the longest list in its one object, as
    programs answer (`{"code": 0, "data": {"products": [...], "total": 2}}`).
    """
    if len(values) == 1 and isinstance(values[0], list):
        values = values[0]
    elif len(values) == 1 and isinstance(values[0], dict):
        found = _longest_table(values[0])
        if found is None:
            return [], list(_lines(values[0]))
        return found, list(_lines(_without(values[0], found)))
    if _is_table(values):
        return values, []
    return [], [line for value in values for line in _lines(value)]


def _longest_table(record: Mapping[str, Value]) -> list[Value] | None:
    """The longest list of objects that an object holds by itself or in objects; None for none."""
    tables = [value for value in record.values() if _is_table(value)]
    inner = (_longest_table(value) for value in record.values() if isinstance(value, dict))
    tables += [table for table in inner if table is not None]
    return max(tables, key=len, default=None)


def _without(record: Mapping[str, Value], table: list[Value]) -> Mapping[str, Value]:
    return {
        key: _without(value, table) if isinstance(value, dict) else value
        for key, value in record.items()
        if value is not table
    }


def _is_table(value: Value) -> bool:
    return (
        isinstance(value, list) and len(value) > 0 and all(isinstance(row, dict) for row in value)
    )


def _cells(record: Mapping[str, Value], prefix: str = "") -> Cells:
    cells: list[tuple[str, str]] = []
    for key, value in record.items():
        column = prefix + (" ".join(clean(key).split()) or "?")
        if isinstance(value, dict):
            cells += _cells(value, column + ".")
        elif _is_table(value):
            cells += _cells(_as_columns(value), column + ".")
        elif text := _shown(value):
            cells.append((column, text))
    return tuple(cells)


def _without_markup(value: str) -> str:
    return " ".join(without_tags(value).split()) or value


def _as_columns(rows: Sequence[Mapping[str, Value]]) -> dict[str, Value]:
    """Objects in a list as one: the values of each of their names, or names beside values as such.

    `[{"name": "Colour", "value": "red"}]`, as shops write properties, is `{"Colour": ["red"]}`.
    """
    columns: dict[str, Value] = {}
    for row in rows:
        pair = _property(row)
        for key, value in row.items() if pair is None else (pair,):
            values = value if isinstance(value, list) else [value]
            columns.setdefault(key, []).extend(values)
    return columns


def _property(row: Mapping[str, Value]) -> tuple[str, Value] | None:
    """The name of a property and its value; None for an object of any other form."""
    for name, value in _PROPERTIES:
        if row.keys() == {name, value} and isinstance(row[name], str) and row[name].strip():
            return row[name], row[value]
    return None


def _shown(value: Value) -> str:
    if isinstance(value, list):
        if any(isinstance(item, dict | list) for item in value):
            return " ".join(clean(json.dumps(value, ensure_ascii=False)).split())
        return ", ".join(filter(None, map(_shown, value)))
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(clean(str(value)).split())


def _lines(value: Value, path: str = "") -> Iterator[str]:
    """Each plain value with the way to it: "address.city: Lyon"."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _lines(child, f"{path}.{clean(key)}" if path else clean(key))
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for child in value:
            yield from _lines(child, path)
    elif text := clean(value).strip() if isinstance(value, str) else _shown(value):
        yield f"{path}: {text}" if path else text
