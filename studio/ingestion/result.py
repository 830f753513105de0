"""What reading a file gave: its text by page, and what was dropped on the way and why.

A leaf of the ingestion package; knows no formats.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from studio.records import Notice, Page

ReadStatus = Literal["read", "partial", "refused"]

FORMATS = Notice("Markdown (.md), plain text (.txt), tables (.csv, .tsv) and PDF (.pdf)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a reader of one format found. No pages mean that there is nothing to keep.

    `is_complete` is False when something that a person would have read is missing. `n_rows` counts a
    table's rows without its header; None where there is no table.
    """

    pages: tuple[Page, ...]
    notices: tuple[Notice, ...] = ()
    is_complete: bool = True
    n_rows: int | None = None
    needs_password: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    r"""A file after reading.

    Attributes:
        name: the name it came with.
        media_type: what the content is, whatever the name says ("application/pdf", "text/csv").
        status: "read" when all text was kept, "partial" when some could not be, "refused" when
            nothing was kept.
        pages: the text; numbered for PDF, one page without a number for everything else. Empty when
            refused. Line ends are `\n`, characters composed (NFC), control characters gone.
        notices: what was dropped, repaired or guessed, and why, for the user; at least one when the
            status is not "read".
        n_rows: rows of a table without its header; None for other files.
        needs_password: asking the user for a password and reading again may help.
    """

    name: str
    media_type: str
    status: ReadStatus
    pages: tuple[Page, ...]
    notices: tuple[Notice, ...]
    n_rows: int | None = None
    needs_password: bool = False

    @property
    def n_characters_kept(self) -> int:
        """Characters in all pages."""
        return sum(len(page.text) for page in self.pages)
