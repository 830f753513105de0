"""What reading a file gave: its text by page, and what was dropped on the way and why.

A leaf of the ingestion package; knows no formats.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from studio.ingestion.columns import ColumnGuess
from studio.records import Notice, Page

ReadStatus = Literal["read", "partial", "refused"]
Shape = Literal["text", "table", "questions"]

FORMATS = Notice(
    "PDF (.pdf), Word (.docx), PowerPoint (.pptx), Excel (.xlsx), tables (.csv, .tsv), plain text "
    "(.txt), Markdown (.md), web pages (.html), e-mails (.eml), data (.json, .jsonl) and ZIP folders "
    "(.zip) of these"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file within a file: a member of a compressed folder, or an attachment of an e-mail.

    `refusal` says why it cannot be read; None where its `content` can be.
    """

    name: str
    content: bytes = b""
    refusal: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableForm:
    """How a text table was read: its encoding, what parts its cells, whether a row names the columns."""

    encoding: str
    delimiter: str
    has_header: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetForm:
    """How a worksheet was read: whether a row names its columns, and whether somebody said so."""

    name: str
    has_header: bool
    is_said: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a reader of one format found. No pages mean that there is nothing to keep.

    `is_complete` is False when something that a person would have read is missing. `n_rows` counts a
    table's rows without its header; None where there is no table. What was dropped is None where
    nobody can tell how much it was. `attached` are the files within this one, not yet read.
    `form` is that of a text table, `sheets` those of a workbook.
    """

    pages: tuple[Page, ...]
    notices: tuple[Notice, ...] = ()
    is_complete: bool = True
    n_rows: int | None = None
    needs_password: bool = False
    n_characters_dropped: int | None = 0
    n_rows_dropped: int | None = 0
    attached: tuple[Attached, ...] = ()
    form: TableForm | None = None
    sheets: tuple[SheetForm, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    r"""A file after reading.

    Attributes:
        name: the name it came with; for a file within another, "folder.zip/path/name".
        media_type: what the content is, whatever the name says ("application/pdf", "text/csv").
        status: "read" when all text was kept, "partial" when some could not be, "refused" when
            nothing was kept.
        pages: the text; numbered for PDF and presentations, one page per worksheet with its name, one
            page for everything else. Empty when refused. Line ends are `\n`, characters composed
            (NFC), control characters gone. Table rows are marked in `Page.rows`.
        notices: what was dropped, repaired or guessed, and why, for the user; at least one when the
            status is not "read".
        n_rows: rows of a table without its header; None for files without a table.
        needs_password: asking the user for a password and reading again may help.
        shape: "table" where most of the text is table rows, "questions" where these (or paragraphs
            marked Q and A) are questions with their answers, else "text".
        columns: of the table or the questions, with what each seems to be for; () for text.
        n_characters_dropped: characters of the text that were not kept; None where unknown.
        n_rows_dropped: table rows that were not kept; None where unknown.
        content: the bytes of a file that came within another, so that it can be stored by itself;
            None for the file that was handed in.
        form: how a text table was read; None for any other file.
        sheets: how the worksheets of a workbook were read, those that have rows of cells to name;
            () for any other file.
    """

    name: str
    media_type: str
    status: ReadStatus
    pages: tuple[Page, ...]
    notices: tuple[Notice, ...]
    n_rows: int | None = None
    needs_password: bool = False
    shape: Shape = "text"
    columns: tuple[ColumnGuess, ...] = ()
    n_characters_dropped: int | None = 0
    n_rows_dropped: int | None = 0
    content: bytes | None = field(default=None, repr=False)
    form: TableForm | None = None
    sheets: tuple[SheetForm, ...] = ()

    @property
    def n_characters_kept(self) -> int:
        """Characters in all pages."""
        return sum(len(page.text) for page in self.pages)
