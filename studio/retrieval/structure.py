"""How a page of text is built: headings, paragraphs, list items, table rows, sentences.

Works on character offsets only and never copies or changes the text, so that whatever is cut later
can be found again on the page. The module knows no models and no passages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "text", "row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A stretch of a page that belongs together: `text[start:end]`, without space at its ends.

    `level` is the depth of a heading, from 1; 0 for everything else. A "row" is one row of a table
    written as "Column: value; Column: value".
    """

    start: int
    end: int
    kind: Kind
    level: int = 0


_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+\S")
_CHAPTER = re.compile(r"\s*第[一二三四五六七八九十百零〇0-9]{1,5}([章节節])[^。，；,;]{0,40}$")
_UNDERLINE = re.compile(r" {0,3}(=+|-{3,})\s*$")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_LIST_ITEM = re.compile(
    r"\s*(?:[-*+•·◦▪]\s+|\(?\d{1,3}[.)]\s+|\d{1,3}、|[（(]?[一二三四五六七八九十]{1,3}[）)、.]\s*)\S"
)
_TABLE_LINE = re.compile(r"\s*\|.*\|\s*$")
# A row as the table reader writes it: the first column's name, then at least one more.
_ROW = re.compile(r"[^:;\n]{1,80}: [^\n]*?; [^:;\n]{1,80}: ")

# A sentence ends at a full stop, question or exclamation mark (with its closing quotes) before
# space, and at the Chinese marks wherever they stand.
_SENTENCE_END = re.compile(r"(?<![.!?])[.!?]++[\"'”’)\]]*+(?=\s)|[。！？；…]++[”’」』）】》\"]*+")
_NOT_SPACE = re.compile(r"\S")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|Mrs?|Ms|Dr|Prof|St|No|Nos|Fig|Eq|Inc|Ltd|Co|Corp|vs|approx|cf|e\.g|i\.e"
    r"|al|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|U\.S|p|pp)\.$"
)


class _Reader:
    """Goes through the lines of a page and closes a block where the next one begins."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.blocks: list[Block] = []
        self._start = self._end = -1  # the open paragraph; none while the start is negative
        self._in_code = False

    def read(self, start: int, end: int, line: str) -> None:
        """Take the next line; `start` and `end` are without the space at its ends."""
        if _FENCE.match(line):
            if not self._in_code:
                self.close()
            self._in_code = not self._in_code
        elif not self._in_code and self._is_structure(start, end, line):
            return
        if start < end:
            self._start = start if self._start < 0 else self._start
            self._end = end

    def close(self) -> None:
        """End the open paragraph."""
        if self._start >= 0:
            is_row = self._is_one_line() and _ROW.match(self._text, self._start, self._end)
            self._add(self._start, self._end, "row" if is_row else "text")
        self._start = -1

    def _is_structure(self, start: int, end: int, line: str) -> bool:
        """Handle a blank line or a heading; a list item or table line only ends what is open."""
        if start == end:
            self.close()
            return True
        if level := _heading_level(line):
            self.close()
            self._add(start, end, "heading", level)
            return True
        if self._start >= 0 and (underline := _UNDERLINE.match(line)) and self._is_one_line():
            self._add(self._start, end, "heading", 1 if underline.group(1)[0] == "=" else 2)
            self._start = -1
            return True
        if _LIST_ITEM.match(line) or _TABLE_LINE.match(line):
            self.close()
        return False

    def _is_one_line(self) -> bool:
        return self._text.find("\n", self._start, self._end) < 0

    def _add(self, start: int, end: int, kind: Kind, level: int = 0) -> None:
        self.blocks.append(Block(start=start, end=end, kind=kind, level=level))


def blocks_of(text: str) -> list[Block]:
    """The blocks of a page in order. Between two blocks stands nothing but white space."""
    reader = _Reader(text)
    for start, end, line in _lines(text):
        reader.read(start, end, line)
    reader.close()
    return reader.blocks


def heading_text(text: str, block: Block) -> str:
    """The words of a heading block, without its marks, at most 120 characters of them."""
    first_line = text[block.start : min(block.end, block.start + 128)].split("\n", 1)[0]
    return first_line.strip().lstrip("#").rstrip("#").strip()[:120]


def sentences_of(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences of `text[start:end]` as offsets, without space at their ends."""
    begin = start
    for match in _SENTENCE_END.finditer(text, start, end):
        stop = match.end()
        if text[match.start()] == "." and not _ends_sentence(text, begin, stop, end):
            continue
        yield from trimmed(text, begin, stop)
        begin = stop
    yield from trimmed(text, begin, end)


def trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The offsets without white space at either end; nothing where there is only white space."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def _lines(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _LINE.finditer(text):
        line = match.group()
        stripped = line.strip()
        if not stripped:
            yield match.start(), match.start(), ""
            continue
        start = match.start() + len(line) - len(line.lstrip())
        yield start, start + len(stripped), line.rstrip("\n")


def _heading_level(line: str) -> int:
    if match := _HEADING.match(line):
        return len(match.group(1))
    if match := _CHAPTER.match(line):
        return 1 if match.group(1) == "章" else 2
    return 0


def _ends_sentence(text: str, begin: int, stop: int, end: int) -> bool:
    """Whether the full stop before `stop` ends a sentence rather than an abbreviation."""
    following = _NOT_SPACE.search(text, stop, end)
    if following is not None and following.group().islower():
        return False
    return not _ABBREVIATION.search(text, max(begin, stop - 12), stop)
