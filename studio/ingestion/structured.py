"""JSON and JSON lines: a list of objects becomes table rows, everything else readable lines.

Numbers stay as written. Objects within a row give columns named "size.width"; lists of plain values
are joined by commas.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from studio.ingestion.decoding import Decoded, clean
from studio.ingestion.pagetext import PageText
from studio.ingestion.result import Content
from studio.ingestion.text import empty_notice, encoding_notices, read_text
from studio.records import Cells, Notice

_MAX_DEPTH = 60
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
    for record in records:
        cells = _cells(record)
        page.add("; ".join(f"{column}: {value}" for column, value in cells), cells)
    if page.is_empty:
        return Content(pages=(), notices=(empty_notice(name),))
    notices = list(encoding_notices(name, decoded))
    if n_broken:
        notices.append(
            Notice(
                "{n_broken} lines of {name} are not valid JSON and were left out.",
                n_broken=n_broken,
                name=name,
            )
        )
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
    text = clean(text).lstrip("\ufeff")
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

    Rows are the objects of the file, of its one list, or of the longest list in its one object
    (`{"products": [...], "total": 2}`).
    """
    if len(values) == 1 and isinstance(values[0], list):
        values = values[0]
    elif len(values) == 1 and isinstance(values[0], dict):
        lists = {key: value for key, value in values[0].items() if _is_table(value)}
        if not lists:
            return [], list(_lines(values[0]))
        key = max(lists, key=lambda key: len(lists[key]))
        rest = {other: value for other, value in values[0].items() if other != key}
        return lists[key], list(_lines(rest))
    if _is_table(values):
        return values, []
    return [], [line for value in values for line in _lines(value)]


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
        elif text := _shown(value):
            cells.append((column, text))
    return tuple(cells)


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
