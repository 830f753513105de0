"""Files of any kind to text: the door of the package.

A file is read as what its content is, not as what its name says. Nothing a file can contain makes
this raise; what cannot be read is refused with a reason. The module keeps nothing and knows no
storage.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from studio.ingestion.archive import read_archive, too_large_notice
from studio.ingestion.columns import guess_columns, is_question_list
from studio.ingestion.decoding import Decoded, decode, decode_declared
from studio.ingestion.detection import (
    DOCX,
    LOCKED_OFFICE,
    PPTX,
    XLSX,
    ZIP,
    TextKind,
    binary_kind,
    declared_encoding,
    foreign_text,
    is_pdf,
    text_kind,
)
from studio.ingestion.mail import read_mail
from studio.ingestion.questions import mark_questions
from studio.ingestion.result import FORMATS, Attached, Content, ReadFile, ReadStatus, Shape
from studio.ingestion.slides import read_slides
from studio.ingestion.structured import read_json
from studio.ingestion.table import read_table
from studio.ingestion.text import empty_notice, read_text
from studio.ingestion.unpacking import locked_office
from studio.ingestion.web import read_html
from studio.ingestion.word import read_word
from studio.ingestion.workbook import read_workbook
from studio.records import Notice, Page

__all__ = ["FORMATS", "ReadFile", "read_again", "read_file", "read_files", "read_pasted"]

logger = logging.getLogger(__name__)


class _Opened(NamedTuple):
    media_type: str
    content: Content


def read_file(
    name: str, content: bytes, *, max_bytes: int, password: str | None = None
) -> ReadFile:
    """The text of an uploaded file, with what was dropped and why.

    Of a compressed folder only the first file that can be read is given, under the folder's name; of
    an e-mail, its own text. `read_files` gives everything.

    Args:
        name: the file's name; its ending tells kinds of text apart.
        content: the whole file.
        max_bytes: larger files are refused.
        password: for a locked PDF; ignored elsewhere.
    """
    files = read_files(name, content, max_bytes=max_bytes, password=password)
    first = next((file for file in files if file.pages), files[0])
    if first.content is None or len(files) == 1:
        return replace(first, name=name, content=None)
    notice = Notice(
        "{name} holds {n_files} files, of which only {file} was read.",
        name=name,
        n_files=sum(file.content is not None for file in files),
        file=first.name,
    )
    status: ReadStatus = "partial" if first.pages else "refused"
    return replace(first, name=name, content=None, status=status, notices=(notice, *first.notices))


def read_files(
    name: str, content: bytes, *, max_bytes: int, password: str | None = None
) -> tuple[ReadFile, ...]:
    """The texts of an uploaded file and of the files within it; at least one.

    A compressed folder gives one result per file in it, an e-mail its own text and one result per
    attachment; names then are "folder.zip/path/name". Files within files within files are not opened.
    What was left out of a folder as a whole is told by a refused result with the folder's own name,
    the last one. Every other file gives one result.

    Args:
        name: the file's name; its ending tells kinds of text apart.
        content: the whole file.
        max_bytes: larger files are refused, also within others.
        password: for locked PDF files; ignored elsewhere.
    """
    return _whatever_happens(name, lambda: _files_of(name, content, max_bytes, password))


def _files_of(
    name: str, content: bytes, max_bytes: int, password: str | None
) -> tuple[ReadFile, ...]:
    media_type, found = _open(name, content, max_bytes, password)
    files = [_read_attached(name, attached, max_bytes, password) for attached in found.attached]
    if found.pages or not files:
        return (_finished(name, media_type, found), *files)
    if found.is_complete:  # small things to tell go with the first file
        files[0] = replace(files[0], notices=(*files[0].notices, *found.notices))
        return tuple(files)
    return (*files, _finished(name, media_type, found))


def read_pasted(text: str, *, name: str) -> ReadFile:
    """A text that was typed or pasted: rows copied from a spreadsheet, questions, or plain text.

    Args:
        text: as it came.
        name: what it is to be called.
    """
    if not text.strip():
        return _finished(name, "application/x-empty", _refusal(empty_notice(name)))
    decoded = Decoded(text=text, encoding="utf-8")
    (read,) = _whatever_happens(name, lambda: (_finished(name, *_open_text("", name, decoded)),))
    return read


def read_again(
    read: ReadFile, content: bytes, *, first_row_names: bool, sheet: str = ""
) -> ReadFile:
    """A table once more, with its first row as the names of the columns, or as a row.

    A table of a single row stays as it is: with names alone it would be empty.

    Args:
        read: what reading it gave; anything but a text table and a workbook stays as it is.
        content: its bytes.
        first_row_names: whether the first row names the columns; where titles stand above the row
            that does, it is that row.
        sheet: which of a workbook's worksheets this is said of; what was said of others holds.
    """
    if read.sheets:
        said = {one.name: one.has_header for one in read.sheets if one.is_said}
        book = read_workbook(read.name, content, first_row_names={**said, sheet: first_row_names})
        return replace(_finished(read.name, read.media_type, book), content=read.content)
    decoded = decode(content)
    if read.form is None or decoded is None:
        return read
    table = read_table(
        read.name, decoded, delimiter=read.form.delimiter, first_row_names=first_row_names
    )
    if not table.pages:
        return read
    return replace(_finished(read.name, read.media_type, table), content=read.content)


def _whatever_happens(name: str, read: Callable[[], tuple[ReadFile, ...]]) -> tuple[ReadFile, ...]:
    """What reading gives; a fault of ours refuses this file, so that the others are read."""
    try:
        return read()
    except Exception:
        incident = uuid.uuid4().hex[:8]
        logger.exception("reading a file failed, incident %s", incident)
        notice = Notice(
            "{name} could not be read: something unexpected happened (id {id}). The log has the "
            "details under this id. Save the file in another format and upload that.",
            name=name,
            id=incident,
        )
        return (_finished(name, "application/octet-stream", _refusal(notice)),)


def _read_attached(
    outer: str, attached: Attached, max_bytes: int, password: str | None
) -> ReadFile:
    name = f"{outer}/{attached.name}"

    def read() -> tuple[ReadFile, ...]:
        if attached.refusal is not None:
            opened = _Opened("application/octet-stream", _refusal(attached.refusal))
        else:
            opened = _open(name, attached.content, max_bytes, password, is_inside=True)
        return (_finished(name, *opened),)

    (file,) = _whatever_happens(name, read)
    return replace(file, content=attached.content)


def _open(
    name: str, content: bytes, max_bytes: int, password: str | None, *, is_inside: bool = False
) -> _Opened:
    if len(content) > max_bytes:
        notice = too_large_notice(name, len(content), max_bytes)
        return _Opened("application/octet-stream", _refusal(notice))
    if not content.strip():
        return _Opened("application/x-empty", _refusal(empty_notice(name)))
    kind = binary_kind(content)
    if kind is not None:
        return _open_binary(name, content, *kind, max_bytes=max_bytes, is_inside=is_inside)
    if is_pdf(content):
        # Here, because the parser is slow to import and often not needed.
        from studio.ingestion.pdf import read_pdf

        return _Opened("application/pdf", read_pdf(name, content, password=password))
    return _open_characters(name, content, is_inside=is_inside)


def _open_binary(
    name: str, content: bytes, media_type: str, words: Notice, *, max_bytes: int, is_inside: bool
) -> _Opened:
    if media_type == ZIP and is_inside:
        notice = Notice(
            "{name} is a file within a file within a file, which is not opened. Unpack it and upload "
            "what is in it.",
            name=name,
        )
        return _Opened(media_type, _refusal(notice))
    if media_type == ZIP:
        return _Opened(media_type, read_archive(name, content, max_bytes=max_bytes))
    if media_type == LOCKED_OFFICE:
        return _Opened(media_type, _refusal(locked_office(name)))
    reader = {DOCX: read_word, PPTX: read_slides}.get(media_type)
    if reader is not None:
        return _Opened(media_type, reader(name, content))
    if media_type == XLSX:
        return _Opened(media_type, read_workbook(name, content))
    return _unknown(name, media_type, words)


def _open_characters(name: str, content: bytes, *, is_inside: bool) -> _Opened:
    declared = declared_encoding(content)
    decoded = decode_declared(content, declared) if declared else decode(content)
    if decoded is None:
        return _unknown(name, "application/octet-stream", Notice("not a text file"))
    if text_kind(name, decoded.text) == "message/rfc822":
        found = read_mail(name, content)
        return _Opened("message/rfc822", _unopened(name, found) if is_inside else found)
    return _open_text(name, name, decoded)


def _open_text(ending: str, name: str, decoded: Decoded) -> _Opened:
    foreign = foreign_text(ending, decoded.text)
    if foreign is not None:
        return _unknown(name, *foreign)
    kind: TextKind = text_kind(ending, decoded.text)
    match kind:
        case "text/csv" | "text/tab-separated-values":
            return _Opened(kind, read_table(name, decoded))
        case "text/html":
            return _Opened(kind, read_html(name, decoded))
        case "application/json":
            return _Opened(kind, read_json(name, decoded))
        case _:  # a pasted e-mail is a text like any other
            media_type = kind if kind == "text/markdown" else "text/plain"
            return _Opened(media_type, read_text(name, decoded))


def _unopened(name: str, found: Content) -> Content:
    """An e-mail that came within another file: its attachments stay closed."""
    if not found.attached:
        return found
    notice = Notice(
        "{name} came within another file, so its attachments were not read: {files}. Upload them by "
        "themselves.",
        name=name,
        files=", ".join(attached.name for attached in found.attached),
    )
    return replace(found, attached=(), is_complete=False, notices=(*found.notices, notice))


def _refusal(notice: Notice) -> Content:
    return Content(pages=(), notices=(notice,), is_complete=False)


def _unknown(name: str, media_type: str, words: Notice) -> _Opened:
    notice = Notice(
        "{name} is {kind}, which cannot be read yet. Upload one of: {formats}.",
        name=name,
        kind=words,
        formats=FORMATS,
    )
    return _Opened(media_type, _refusal(notice))


def _finished(name: str, media_type: str, content: Content) -> ReadFile:
    pages = content.pages
    if media_type in ("text/plain", "text/markdown", DOCX):
        pages = tuple(map(mark_questions, pages))
    shape = _shape(pages)
    rows = (row.cells for page in pages for row in page.rows)
    return ReadFile(
        name=name,
        media_type=media_type,
        status="refused" if not pages else "read" if content.is_complete else "partial",
        pages=pages,
        notices=content.notices,
        n_rows=content.n_rows,
        needs_password=content.needs_password,
        shape=shape,
        columns=guess_columns(rows) if shape != "text" else (),
        n_characters_dropped=content.n_characters_dropped if pages else None,
        n_rows_dropped=content.n_rows_dropped if pages else None,
        form=content.form,
        sheets=content.sheets,
    )


def _shape(pages: Sequence[Page]) -> Shape:
    rows = [row for page in pages for row in page.rows]
    n_in_rows = sum(row.end - row.start for row in rows)
    if not rows or n_in_rows < 0.5 * sum(len(page.text) for page in pages):
        return "text"
    names = {column for row in rows for column, _ in row.cells}
    return "questions" if is_question_list(names) else "table"
