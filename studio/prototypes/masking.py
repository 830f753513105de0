"""A file that was read, without the personal data in it: nothing that is stored shows any of it.

Besides the text it is the name, the columns, their examples and the reader's remarks that could. Knows
no storage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.ingestion.columns import ColumnGuess
from studio.ingestion.personal import Counts, PersonalKind, find_personal, masked, masks_of
from studio.ingestion.result import ReadFile
from studio.records import Notice, Page

_MOST_ROUNDS = 5  # a placeholder may set digits free that its neighbours hid; more rounds find none


def masked_file(read: ReadFile) -> tuple[ReadFile, Counts]:
    """The file with placeholders, and how much of its text was replaced, by kind.

    Its content is then the masked text in UTF-8 and no longer the file as it came; pages are parted
    by an empty line.
    """
    # Names first: beside one with personal data in it, a value would be taken for a part of that.
    pages, counts = masked(tuple(map(_with_masked_columns, read.pages)))
    for _ in range(_MOST_ROUNDS):
        pages, more = masked(pages)
        if not more:
            break
    pages = tuple(map(_with_masked_values, pages))
    text = "\n\n".join(page.text for page in pages)
    return (
        replace(
            read,
            name=masked_text(read.name),
            pages=pages,
            notices=tuple(map(_masked_notice, read.notices)),
            columns=tuple(map(_masked_column, read.columns)),
            content=text.encode("utf-8", "replace"),
        ),
        counts,
    )


def masked_text(text: str) -> str:
    """A line of text with placeholders instead of personal data."""
    (page,), _ = masked([Page(text=text)])
    return page.text


def _with_masked_columns(page: Page) -> Page:
    """The page's rows with masked names of columns: a table without a header has data for names."""
    names = {column for row in page.rows for column, _ in row.cells}
    changed = {name: masked_text(name) for name in names}
    if all(name == shown for name, shown in changed.items()):
        return page
    rows = tuple(
        replace(row, cells=tuple((changed[column], value) for column, value in row.cells))
        for row in page.rows
    )
    return replace(page, rows=rows)


def _with_masked_values(page: Page) -> Page:
    """The page's rows without what only shows in a value by itself, or across its column's name."""
    masks = masks_of(page.text)
    rows = tuple(
        replace(
            row, cells=tuple((name, _masked_value(name, value, masks)) for name, value in row.cells)
        )
        for row in page.rows
    )
    return page if rows == page.rows else replace(page, rows=rows)


def _masked_value(column: str, value: str, masks: Mapping[PersonalKind, str]) -> str:
    alone = masked_text(value)
    across = find_personal(f"{column}: {alone}")
    return masks[across[0].kind] if across else alone


def _masked_column(column: ColumnGuess) -> ColumnGuess:
    label = f"{column.name}: "
    examples = tuple(masked_text(label + example) for example in column.examples)
    return replace(
        column,
        name=masked_text(column.name),
        examples=tuple(e[len(label) :] if e.startswith(label) else e for e in examples),
    )


def _masked_notice(notice: Notice) -> Notice:
    return Notice.from_json(_masked_json(notice.to_json()))


def _masked_json(stored: Mapping[str, Any]) -> dict[str, Any]:  # Any: what JSON can say
    """A stored sentence with its values masked; the template is ours."""
    values = {
        name: masked_text(value)
        if isinstance(value, str)
        else _masked_json(value)
        if isinstance(value, Mapping)
        else value
        for name, value in stored["values"].items()
    }
    return {"template": stored["template"], "values": values}
