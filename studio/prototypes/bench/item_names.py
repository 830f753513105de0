"""What the things that can be found are called in judgements, so that these outlive an edited file.

A document is called by its name, a row of a table by the name of its document and the cell that tells
it from the others: its title, its article number, else the first column without repeats. Other names
that people and earlier versions of the studio use lead to the same item. Knows no index and no query.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from studio.evaluation.items import item_id
from studio.evaluation.judgements import normalised
from studio.records import Cells, Chunk

_MOST_CHARACTERS = 200  # a longer cell is a text, not a name
_NUMBER_COLUMN = re.compile(
    r"(?:^|[\W_])(?:id|sku|isbn|ean|gtin|asin|no|code|article|item|number)(?:$|[\W_])|编号|货号|编码|型号",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"[\d.,\s%$€£¥+-]+")


class ItemNames:
    """Names of the items that passages lead to.

    Args:
        chunks: the passages of the index.
        titles: columns that name a row.
    """

    def __init__(self, chunks: Sequence[Chunk], titles: frozenset[str] = frozenset()) -> None:
        self._chunks = chunks
        self._columns = _key_columns(chunks, titles)

    def of(self, chunk: Chunk) -> str:
        """The item of a passage."""
        return self.of_row(chunk.document_id, chunk.document_name, chunk.cells)

    def of_row(self, document_id: str, document_name: str, cells: Cells) -> str:
        """The item of a row of a document, or of the document where there are no cells."""
        if not cells:
            return document_name
        values = dict(cells)
        for at, column in enumerate(self._columns.get(document_id, ())):
            value = _short(values.get(column, ""))
            if value:  # rows without the first column are told apart by the name of the next
                return (
                    f"{document_name}#{value}" if at == 0 else f"{document_name}#{column}={value}"
                )
        return item_id(document_name, cells)

    def title(self, item: str) -> str:
        """What a person calls an item: the title of a row, the name of a document."""
        return self._titles.get(item, item)

    def resolve(self, name: str) -> str | None:
        """The item that a name means, however it is written; None where there is none (any more)."""
        if name in self._titles:
            return name
        return self._other_names.get(normalised(name)) or None

    @property
    def by_name(self) -> Mapping[str, str]:
        """Every name that means one item, to that item; looked up without regard to case."""
        return _ByName(self)

    @cached_property
    def _titles(self) -> dict[str, str]:
        titles: dict[str, str] = {}
        for chunk in self._chunks:
            item = self.of(chunk)
            if item not in titles:
                key = item.removeprefix(f"{chunk.document_name}#")
                is_named = bool(chunk.cells and chunk.heading.strip())
                titles[item] = chunk.heading.strip() if is_named else key
        return titles

    @cached_property
    def _other_names(self) -> dict[str, str]:
        """Name as it is compared -> item; empty where several items have the name."""
        found: dict[str, str] = {}
        for chunk in self._chunks:
            item = self.of(chunk)
            for name in self._names_of(chunk):
                if found.setdefault(normalised(name), item) != item:
                    found[normalised(name)] = ""
        found.pop("", None)
        return {**found, **{normalised(item): item for item in self._titles}}

    def _names_of(self, chunk: Chunk) -> Iterator[str]:
        name = chunk.document_name
        if not chunk.cells:
            base = name.rpartition("/")[2]
            yield from (chunk.document_id, base, base.rpartition(".")[0])
            return
        for start in (chunk.document_id, name):
            yield item_id(start, chunk.cells)
        values = dict(chunk.cells)
        for column in self._columns.get(chunk.document_id, ()):
            value = _short(values.get(column, ""))
            if value:
                yield from (value, f"{name}#{value}", f"{name}#{column}={value}")
        yield chunk.heading


class _ByName(Mapping[str, str]):
    """The names as a mapping, for who reads judgements from a file."""

    def __init__(self, names: ItemNames) -> None:
        self._names = names

    def __getitem__(self, name: str) -> str:
        item = self._names.resolve(name)
        if item is None:
            raise KeyError(name)
        return item

    def __iter__(self) -> Iterator[str]:
        return iter(self._names._titles)

    def __len__(self) -> int:
        return len(self._names._titles)


def _key_columns(chunks: Sequence[Chunk], titles: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """By document: the columns in which no two rows say the same, the best name first."""
    seen_rows: set[tuple[str, Cells]] = set()
    values: dict[str, dict[str, set[str] | None]] = {}  # None once a value came twice
    figures: set[tuple[str, str]] = set()
    for chunk in chunks:
        row = (chunk.document_id, chunk.cells)
        if not chunk.cells or row in seen_rows:
            continue  # a long row is several passages
        seen_rows.add(row)
        columns = values.setdefault(chunk.document_id, {})
        for column, cell in chunk.cells:
            known = columns.setdefault(column, set())
            value = normalised(cell)
            if known is None or not value:
                continue
            if value in known or len(cell) > _MOST_CHARACTERS:
                columns[column] = None
            else:
                known.add(value)
                if _FIGURE.fullmatch(value):
                    figures.add((chunk.document_id, column))

    def order(document_id: str, column: str) -> int:
        if column in titles:
            return 0
        if _NUMBER_COLUMN.search(column):
            return 1
        return 3 if (document_id, column) in figures else 2

    return {
        document_id: tuple(
            sorted(
                (column for column, known in columns.items() if known),
                key=lambda column: order(document_id, column),
            )
        )
        for document_id, columns in values.items()
    }


def _short(value: str) -> str:
    text = " ".join(value.split())
    return text if len(text) <= _MOST_CHARACTERS else ""
