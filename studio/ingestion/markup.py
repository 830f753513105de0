"""Trees of HTML to the text of a page: headings, paragraphs, lists and tables.

Headings and lists keep their marks as in Markdown, tables become table rows, and everything else is
plain text. Reads the tags of HTML and those that trafilatura makes of them. Knows no files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio.ingestion.decoding import clean
from studio.ingestion.grid import write_grid
from studio.ingestion.pagetext import PageText

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_LISTS: Final = frozenset(("ul", "ol", "list"))
_ITEMS: Final = frozenset(("li", "item"))
_BREAKS: Final = frozenset(("br", "lb"))
_BLOCKS: Final = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "cell", "center", "dd",
    "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer",
    "form", "graphic", "head", "header", "hr", "legend", "main", "nav", "p", "pre", "quote",
    "row", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
))  # fmt: skip
_UNSEEN: Final = frozenset((
    "audio", "canvas", "datalist", "iframe", "math", "noscript", "object", "script",
    "select", "style", "svg", "template", "textarea", "title", "video",
))  # fmt: skip
SURROUNDINGS: Final = frozenset(("nav", "header", "footer", "aside", "form", "button"))
"""Tags of what stands around the text of a web page."""


def write_markup(root: Element, into: PageText, *, without: frozenset[str] = frozenset()) -> int:
    """Write the text of a tree, and give the number of its table rows without their headers.

    Args:
        root: where to begin.
        into: the page that is being written.
        without: tags that are passed over with all that is in them.
    """
    from lxml import etree

    writer = _Writer(into)
    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        if event in ("comment", "pi"):
            writer.inline(element.tail)
        elif event == "start":
            tag = _tag(element)
            if tag in _UNSEEN or tag in without or _is_hidden(element):
                if tag in _BLOCKS:
                    writer.flush()
                walker.skip_subtree()
            elif tag == "pre" or (tag == "code" and "\n" in "".join(element.itertext())):
                writer.verbatim("".join(element.itertext()))
                walker.skip_subtree()
            elif tag == "table" and (grid := _data_grid(element)):
                writer.table(grid)
                walker.skip_subtree()
            else:
                writer.start(tag, element)
        else:
            tag = _tag(element)
            if not (tag in _UNSEEN or tag in without or _is_hidden(element)):
                writer.end(tag)
            if element is not root:
                writer.inline(element.tail)
    writer.flush()
    return writer.n_rows


def is_block(element: Element) -> bool:
    """Whether an element stands by itself, and not within a line of text."""
    tag = _tag(element)
    return tag in _BLOCKS or tag in _LISTS or tag in _ITEMS or tag in _HEADINGS


def visible_text(root: Element) -> str:
    """All text of a tree that a reader sees, menus and all, as one line."""
    page = PageText()
    write_markup(root, page)
    return " ".join(page.page().text.split())


class _Writer:
    """Collects the text of a block, and writes it with its mark when the block ends."""

    def __init__(self, into: PageText) -> None:
        self._into = into
        self._inline: list[str] = []
        self._mark = ""
        self._lists: list[int | None] = []  # open lists: the next number, None for bullets
        self._items: list[str] = []
        self.n_rows = 0

    def inline(self, text: str | None) -> None:
        if text:
            self._inline.append(" ".join(text.split()) if text.isspace() else _squeezed(text))

    def start(self, tag: str, element: Element) -> None:
        if tag in _BREAKS:
            self._inline.append("\n")
        elif tag in _LISTS:
            self.flush()
            self._lists.append(1 if tag == "ol" or element.get("rend") == "ol" else None)
        elif tag in _ITEMS:
            self.flush()
            self._mark = self._item_mark()
        elif tag in _HEADINGS or tag in _BLOCKS:
            if tag != "p" or self._has_text:  # the paragraph of a list item goes with its mark
                self.flush()
            level = _HEADINGS.get(tag) or _HEADINGS.get(element.get("rend", ""))
            if level and (tag in _HEADINGS or tag == "head"):
                self._mark = "#" * level + " "
        self.inline(element.text)

    def end(self, tag: str) -> None:
        if tag in _LISTS:
            self.flush()
            if self._lists:
                self._lists.pop()
            if not self._lists:
                self._write_items()
        elif tag in _ITEMS or tag in _HEADINGS or tag in _BLOCKS:
            self.flush()
            self._mark = "" if tag in _ITEMS or tag in _HEADINGS else self._mark

    def verbatim(self, text: str) -> None:
        self.flush()
        self._write_items()
        self._into.add("```\n" + clean(text).strip("\n") + "\n```" if text.strip() else "")

    def table(self, grid: list[list[str]]) -> None:
        self.flush()
        self._write_items()
        if _are_pairs(grid):
            for label, value in grid:
                self._into.add(
                    f"{label.rstrip(' :：')}: {value}" if label and value else label + value
                )
            return
        self.n_rows += write_grid(grid, self._into).n_rows

    def flush(self) -> None:
        lines = [" ".join(line.split()) for line in "".join(self._inline).split("\n")]
        text = "\n".join(filter(None, lines))
        self._inline.clear()
        if not text:
            return
        if self._mark.startswith("#"):
            text = text.replace("\n", " ")
        block, self._mark = clean(self._mark + text), ""
        if self._lists:
            self._items.append(block)
        else:
            self._into.add(block)

    @property
    def _has_text(self) -> bool:
        return any(not part.isspace() for part in self._inline)

    def _item_mark(self) -> str:
        if not self._lists:
            return "- "
        number = self._lists[-1]
        indent = "  " * (len(self._lists) - 1)
        if number is None:
            return f"{indent}- "
        self._lists[-1] = number + 1
        return f"{indent}{number}. "

    def _write_items(self) -> None:
        self._into.add("\n".join(self._items))
        self._items.clear()


def _squeezed(text: str) -> str:
    """The text with every run of white space as one space, also at its ends."""
    before = " " if text[0].isspace() else ""
    after = " " if text[-1].isspace() else ""
    return before + " ".join(text.split()) + after


def _tag(element: Element) -> str:
    return element.tag.lower() if isinstance(element.tag, str) else ""


def _is_hidden(element: Element) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return element.get("hidden") is not None or "display:none" in style


def _data_grid(table: Element) -> list[list[str]]:
    """The cells of a table by row; [] for tables that only arrange things on a page."""
    if next(table.iterdescendants("table"), None) is not None:
        return []
    grid: list[list[str]] = []
    spans: dict[int, tuple[int, str]] = {}  # column -> rows a cell still reaches over, its text
    for row in table.iterdescendants("tr", "row"):
        grid.append(_row_cells(row, spans))
    n_wide = sum(sum(map(bool, row)) > 1 for row in grid)
    return grid if n_wide > 1 else []


def _are_pairs(grid: list[list[str]]) -> bool:
    """Whether a table tells one thing's properties, a label with a colon before each value."""
    if any(len(row) != 2 for row in grid):
        return False
    return sum(label.endswith((":", "：")) for label, _ in grid) > 0.6 * len(grid)


def _row_cells(row: Element, spans: dict[int, tuple[int, str]]) -> list[str]:
    cells: list[str] = []

    def fill_from_above() -> None:
        while len(cells) in spans:
            n_left, text = spans.pop(len(cells))
            if n_left > 1:
                spans[len(cells)] = (n_left - 1, text)
            cells.append(text)

    for cell in row.iterchildren("td", "th", "cell"):
        fill_from_above()
        text = visible_text(cell)
        n_rows, n_columns = _span(cell, "rowspan"), _span(cell, "colspan")
        if n_rows > 1:
            spans[len(cells)] = (n_rows - 1, text)
        cells += [text] + [""] * (n_columns - 1)
    fill_from_above()
    return cells


def _span(cell: Element, name: str) -> int:
    value = cell.get(name, "")
    return max(1, min(int(value), 1000)) if value.isascii() and value.isdigit() else 1
