"""What can be found and judged: a document, or a row of a table.

Gives each an id that a passage of it leads to as well. The module knows no index.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from studio.records import Cells, Document, Page, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something to be found: its id, its text, and for a row of a table the cells."""

    item_id: str
    name: str
    text: str
    cells: Cells = ()


def item_id(document_id: str, cells: Cells = (), *, key_column: str = "") -> str:
    """The id of a document, or of the row of it with these cells.

    Works on `Chunk.cells` as on `Row.cells`, so that a hit and a judgement meet. A row is known by its
    cell in `key_column` (an article number, a title); without one, by all its cells, and then an
    edited row is another item. Where the rows stand does not matter.
    """
    if not cells:
        return document_id
    key = dict(cells).get(key_column, "").strip()
    if not key:
        text = "\n".join(f"{column}\t{value}" for column, value in cells)
        key = hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()[:12]
    return f"{document_id}#{key}"


def items_of(documents: Iterable[Document], *, key_column: str = "") -> tuple[Item, ...]:
    """The items in the documents, in order: every row of a table, every document without rows.

    Documents without text give none. Of rows with the same id the first is given.
    """
    items: dict[str, Item] = {}
    for document in documents:
        rows = [(page, row) for page in document.pages for row in page.rows]
        for page, row in rows:
            item = _of_row(document, page, row, key_column)
            items.setdefault(item.item_id, item)
        text = "\n\n".join(page.text for page in document.pages)
        if not rows and text.strip():
            items.setdefault(
                document.document_id,
                Item(item_id=document.document_id, name=document.name, text=text),
            )
    return tuple(items.values())


def _of_row(document: Document, page: Page, row: Row, key_column: str) -> Item:
    return Item(
        item_id=item_id(document.document_id, row.cells, key_column=key_column),
        name=document.name,
        text=page.text[row.start : row.end],
        cells=row.cells,
    )
