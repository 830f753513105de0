"""Documents into passages: along headings, paragraphs, list items, table rows and sentences.

A passage never crosses a page, sentences stay whole, and a passage is the page's own text from one
offset to another. By structure it never crosses a heading either. Lengths are estimated unless a
tokenizer's count is passed in. The module knows no index and no model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from studio.errors import InvalidInput
from studio.records import Chunk, Document, Page, Row
from studio.retrieval.rows import Role as Role
from studio.retrieval.rows import RowLabels, row_at, row_labels
from studio.retrieval.structure import Block, Kind, blocks_of, heading_text, sentences_of, trimmed
from studio.retrieval.terms import CJK_CLASS

TokenCount = Callable[[str], int]
ChunkingMethod = Literal["auto", "structure", "tokens", "rows", "questions"]

CUTTING_VERSION = 1
"""Of the rules by which documents are cut: passages that others cut are not taken over."""

# About how word pieces fall: a CJK character, up to seven letters, up to three digits, a mark.
_TOKEN = re.compile(rf"[{CJK_CLASS}]|[^\W\d_{CJK_CLASS}]{{1,7}}|\d{{1,3}}|[^\w\s]|_")
_BREAKS = (re.compile(r"\n"), re.compile(r"[,;:，、：；](?!\d)"), re.compile(r"\s"))
_STANDS_ALONE = 8  # tokens of a row that says something by itself
_SURELY_TOO_LONG = 16  # characters per token that no text exceeds, white space aside


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkingOptions:
    """How passages are cut.

    `max_tokens` is their greatest length, `overlap_tokens` how much of one the next repeats. Methods:

    - "structure": along headings, paragraphs and sentences; a table row written in the text is a
      passage of its own.
    - "tokens": whole sentences up to the length, whatever the headings.
    - "rows": one passage per row of a page's table, with the row's cells, never cut; what stands
      around the rows is left out. A page without a table is cut by structure.
    - "questions": as "rows", for tables of a question and its answer; the first column is the
      question, unless `roles` name a title.
    - "auto": by structure, but rows that can stand alone (of a page's rows the middle one by length
      has 8 tokens or more) are passages with cells. A row longer than `max_tokens` is cut; each piece
      has its cells.

    `roles` say what table columns are for; a column that is not named is "text". The "title" is a
    row's heading; title, text and filters are searched, "ignore" columns are not even kept as cells.
    Without roles all columns are searched.
    """

    max_tokens: int = 160
    overlap_tokens: int = 32
    method: ChunkingMethod = "auto"
    roles: tuple[tuple[str, Role], ...] = ()

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            InvalidInput: a length below 8, an overlap that is not below half of it, or an unknown
                method or role.
        """
        for value, allowed in (
            (self.method, get_args(ChunkingMethod)),
            *((role, get_args(Role)) for _, role in self.roles),
        ):
            if value not in allowed:
                raise InvalidInput(
                    "{value} is not known; choose one of {allowed}.",
                    value=value,
                    allowed=", ".join(allowed),
                )
        if self.max_tokens < 8:
            raise InvalidInput(
                "A passage of {value} tokens is too short; it must have 8 or more.",
                value=self.max_tokens,
            )
        if not 0 <= self.overlap_tokens <= self.max_tokens // 2:
            raise InvalidInput(
                "An overlap of {value} tokens is not possible; it must be between 0 and {limit}, "
                "half a passage.",
                value=self.overlap_tokens,
                limit=self.max_tokens // 2,
            )


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, a heading, a row, or a piece of one that is too long: never cut any further.

    One that `opens` begins a new passage, unless nothing but headings stands before it.
    """

    start: int
    end: int
    n_tokens: int
    kind: Kind
    opens: bool
    path: tuple[str, ...]


@dataclass(slots=True)
class _Open:
    """The passage being filled."""

    units: list[_Unit] = field(default_factory=list)
    n_tokens: int = 0
    n_repeated: int = 0  # leading units that the passage before has too

    def add(self, unit: _Unit) -> None:
        self.units.append(unit)
        self.n_tokens += unit.n_tokens

    @property
    def has_new_body(self) -> bool:
        return any(unit.kind != "heading" for unit in self.units[self.n_repeated :])


def chunk_document(
    document: Document,
    *,
    max_tokens: int = 160,
    overlap_tokens: int = 32,
    count_tokens: TokenCount | None = None,
    first_chunk_id: int = 0,
) -> list[Chunk]:
    """The passages of a document as `cut` gives them by the method "auto" and without roles."""
    options = ChunkingOptions(max_tokens=max_tokens, overlap_tokens=overlap_tokens)
    return cut(document, options, count_tokens=count_tokens, first_chunk_id=first_chunk_id)


def cut(
    document: Document,
    options: ChunkingOptions,
    *,
    count_tokens: TokenCount | None = None,
    first_chunk_id: int = 0,
) -> list[Chunk]:
    """The passages of a document in reading order, numbered from `first_chunk_id`.

    `chunk.text` is always `page.text[chunk.start:chunk.end]`. Except by "rows" and "questions", every
    character that is not white space stands in some passage. `heading` is the path of headings down
    to the passage, joined by " > ", or a row's title. A heading opens a passage and is part of it; a
    table row is a passage of its own; only a row longer than `max_tokens` is cut, and then its
    beginning is the last heading of the pieces that follow. Passages that follow each other within a
    section share up to `overlap_tokens` of whole sentences. A document without text gives an empty
    list.

    Args:
        document: the pages to cut.
        options: how.
        count_tokens: the model's own count for a text; an estimate by default.
        first_chunk_id: number of the first passage.
    """
    count = count_tokens or estimate_tokens
    chunks: list[Chunk] = []
    path: tuple[tuple[int, str], ...] = ()
    for page in document.pages:
        rows = _rows_that_stand_alone(page, options)
        units, path = _units_of(page, rows, path, options, count)
        for passage in _pack(units, options):
            start, end = passage[0].start, passage[-1].end
            row = row_at(rows, start, end)
            labels = row_labels(row, options.method, options.roles) if row else RowLabels()
            chunks.append(
                Chunk(
                    chunk_id=first_chunk_id + len(chunks),
                    document_id=document.document_id,
                    document_name=document.name,
                    page=page.number,
                    start=start,
                    end=end,
                    text=page.text[start:end],
                    heading=labels.title or " > ".join(_path_of(passage)),
                    cells=labels.cells,
                    # The pieces of a row that was cut differ in their text, and are found by it.
                    indexed_text=labels.indexed_text
                    if row and _is_whole(page, row, start, end)
                    else "",
                )
            )
    return chunks


def estimate_tokens(text: str) -> int:
    """About how many word pieces a text has, in linear time and without a tokenizer."""
    return len(_TOKEN.findall(text))


def _rows_that_stand_alone(page: Page, options: ChunkingOptions) -> tuple[Row, ...]:
    """The table rows of the page that become passages: all, or none."""
    if options.method in ("rows", "questions"):
        return page.rows
    if options.method != "auto" or not page.rows:
        return ()
    lengths = sorted(estimate_tokens(page.text[row.start : row.end]) for row in page.rows)
    return page.rows if lengths[len(lengths) // 2] >= _STANDS_ALONE else ()


def _is_whole(page: Page, row: Row, start: int, end: int) -> bool:
    return (start, end) in trimmed(page.text, row.start, row.end)


def _blocks(page: Page, rows: tuple[Row, ...], options: ChunkingOptions) -> list[Block]:
    """The page's blocks, with each row as one."""
    if options.method == "tokens":
        return [
            Block(start=s, end=e, kind="text") for s, e in trimmed(page.text, 0, len(page.text))
        ]
    blocks = [
        Block(start=start, end=end, kind="row")
        for row in rows
        for start, end in trimmed(page.text, row.start, row.end)
    ]
    if rows and options.method != "auto":
        return blocks
    if not rows:
        return blocks_of(page.text)
    gaps = zip(
        [0, *(row.end for row in rows)], [*(row.start for row in rows), len(page.text)], strict=True
    )
    for start, end in gaps:
        if page.text[start:end].strip():
            blocks += [
                replace(block, start=block.start + start, end=block.end + start)
                for block in blocks_of(page.text[start:end])
            ]
    return sorted(blocks, key=lambda block: block.start)


def _path_of(passage: list[_Unit]) -> tuple[str, ...]:
    """The headings above a passage's text; its own opening headings are among them."""
    return next((unit.path for unit in passage if unit.kind != "heading"), passage[-1].path)


def _units_of(
    page: Page,
    rows: tuple[Row, ...],
    path: tuple[tuple[int, str], ...],
    options: ChunkingOptions,
    count: TokenCount,
) -> tuple[list[_Unit], tuple[tuple[int, str], ...]]:
    """The page's units, and the headings that are open at its end, for the page after."""
    units: list[_Unit] = []
    text = page.text
    previous: Kind = "text"
    for block in _blocks(page, rows, options):
        if block.kind == "heading":
            title = heading_text(text, block)
            path = (*(open_ for open_ in path if open_[0] < block.level), (block.level, title))
        titles = tuple(title for _, title in path)
        if block.kind == "row" and options.method in ("rows", "questions"):
            pieces = [(block.start, block.end, count(text[block.start : block.end]))]
        else:
            pieces = list(_pieces(text, block, options.max_tokens, count))
        opens = block.kind != "text" or previous == "row"
        for at, (start, end, n_tokens) in enumerate(pieces):
            # What follows in a long row would not say any more what it is about.
            above = (*titles, heading_text(text, block)) if at and block.kind == "row" else titles
            kind: Kind = "heading" if block.kind == "heading" else "text"
            units.append(_Unit(start, end, n_tokens, kind, opens and at == 0, above))
        previous = block.kind
    return units, path


def _pieces(
    text: str, block: Block, max_tokens: int, count: TokenCount
) -> Iterator[tuple[int, int, int]]:
    """A heading or a row as a whole where it fits, everything else by sentences."""
    if block.kind != "text":
        whole = list(_cut(text, block.start, block.end, max_tokens, count))
        if len(whole) == 1 or block.kind == "heading":
            yield from whole
            return
    for start, end in sentences_of(text, block.start, block.end):
        yield from _cut(text, start, end, max_tokens, count)


def _cut(
    text: str, start: int, end: int, max_tokens: int, count: TokenCount
) -> Iterator[tuple[int, int, int]]:
    """Offsets and tokens of the pieces of a sentence: one, unless it is longer than a passage."""
    stack = [(start, end)]
    while stack:
        start, end = stack.pop()
        # Counting what is certainly too long would make a text without sentences quadratic.
        if end - start <= max_tokens * _SURELY_TOO_LONG:
            n_tokens = count(text[start:end])
            if n_tokens <= max_tokens or end - start < 2:
                yield start, end, n_tokens
                continue
        middle = _break_near_middle(text, start, end)
        stack.extend(trimmed(text, middle, end))
        stack.extend(trimmed(text, start, middle))


def _break_near_middle(text: str, start: int, end: int) -> int:
    """Where to cut: after a line, a clause, a word, or a character, within the middle third."""
    length = end - start
    low, high, middle = start + length // 3, end - length // 3, start + length // 2
    # A look at the neighbourhood of the middle is enough, and keeps long texts linear.
    low, high = max(low, middle - 2000), min(high, middle + 2000)
    for pattern in _BREAKS:
        ends = [match.end() for match in pattern.finditer(text, low, high)]
        if ends:
            return min(ends, key=lambda at: abs(at - middle))
    return max(start + 1, middle)


def _pack(units: list[_Unit], options: ChunkingOptions) -> Iterator[list[_Unit]]:
    """Fill passages with units: whole, in order, up to the limit."""
    current = _Open()
    for unit in units:
        if unit.opens and current.has_new_body:
            yield current.units
            current = _Open()
        elif current.units and current.n_tokens + unit.n_tokens > options.max_tokens:
            if len(current.units) > current.n_repeated:
                yield current.units
            current = _repeat_end(current.units, unit, options)
        current.add(unit)
    if len(current.units) > current.n_repeated:
        yield current.units


def _repeat_end(units: list[_Unit], following: _Unit, options: ChunkingOptions) -> _Open:
    """A new passage that begins with the last sentences of the one before, as far as allowed."""
    room = min(options.overlap_tokens, options.max_tokens - following.n_tokens)
    repeated: list[_Unit] = []
    for unit in reversed(units):
        if unit.kind != "text" or unit.n_tokens > room:
            break
        room -= unit.n_tokens
        repeated.insert(0, unit)
    if len(repeated) == len(units):  # never the whole passage again
        repeated = repeated[1:]
    return _Open(repeated, sum(unit.n_tokens for unit in repeated), len(repeated))
