"""Paragraphs put together to the text of a page, with the places of table rows in it.

Every format that has paragraphs and tables writes its pages with this, so that a row's offsets are
counted in one place. Knows no format.
"""

from __future__ import annotations

from studio.records import Cells, Page, Row

GAP = "\n\n"


class PageText:
    """The text of a page while it is being written.

    What is added must be clean already (see `decoding.clean`): nothing is changed here, or the
    offsets of the rows would be wrong.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._rows: list[Row] = []

    def add(self, paragraph: str, cells: Cells = (), written: Cells = ()) -> None:
        """Write a paragraph; with `cells` it is a table row. Nothing happens for white space.

        `written` are the cells as they came (see `Row`).
        """
        if not paragraph.strip():
            return
        start = self._length + (len(GAP) if self._parts else 0)
        self._parts.append(paragraph)
        self._length = start + len(paragraph)
        if cells:
            as_came = () if written == cells else written
            self._rows.append(Row(start=start, end=self._length, cells=cells, written=as_came))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written yet."""
        return not self._parts

    @property
    def n_rows(self) -> int:
        """Table rows written so far."""
        return len(self._rows)

    def page(self, *, number: int | None = None, name: str = "") -> Page:
        """The page as written so far; with the text "" when that is nothing."""
        return Page(text=GAP.join(self._parts), number=number, name=name, rows=tuple(self._rows))
