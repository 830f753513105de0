"""Files of any kind to text: the door of the package.

A file is read as what its content is, not as what its name says. Nothing a file can contain makes
this raise; what cannot be read is refused with a reason. The module keeps nothing and knows no
storage.
"""

from __future__ import annotations

from studio.ingestion.decoding import decode
from studio.ingestion.detection import foreign_binary, foreign_text, is_pdf, text_kind
from studio.ingestion.result import FORMATS, Content, ReadFile
from studio.ingestion.table import read_table
from studio.ingestion.text import empty_notice, read_text
from studio.records import Notice

__all__ = ["FORMATS", "ReadFile", "read_file"]


def read_file(
    name: str, content: bytes, *, max_bytes: int, password: str | None = None
) -> ReadFile:
    """The text of an uploaded file, with what was dropped and why.

    Args:
        name: the file's name; its ending tells Markdown, text and tables apart.
        content: the whole file.
        max_bytes: larger files are refused.
        password: for a locked PDF; ignored elsewhere.
    """
    if len(content) > max_bytes:
        notice = Notice(
            "{name} has {size_mb} MB; at most {limit_mb} MB are read. Split it or upload a smaller "
            "one.",
            name=name,
            size_mb=round(len(content) / 2**20, 1),
            limit_mb=round(max_bytes / 2**20, 1),
        )
        return _refused(name, "application/octet-stream", notice)
    if not content.strip():
        return _refused(name, "application/x-empty", empty_notice(name))
    foreign = foreign_binary(content)
    if foreign is not None:
        return _refused_format(name, *foreign)
    if is_pdf(content):
        # Here, because the parser is slow to import and often not needed.
        from studio.ingestion.pdf import read_pdf

        return _finished(name, "application/pdf", read_pdf(name, content, password=password))
    return _read_characters(name, content)


def _read_characters(name: str, content: bytes) -> ReadFile:
    decoded = decode(content)
    if decoded is None:
        return _refused_format(name, "application/octet-stream", Notice("not a text file"))
    foreign = foreign_text(name, decoded.text)
    if foreign is not None:
        return _refused_format(name, *foreign)
    kind = text_kind(name, decoded.text)
    if kind in ("text/csv", "text/tab-separated-values"):
        return _finished(name, kind, read_table(name, decoded))
    return _finished(name, kind, read_text(name, decoded))


def _finished(name: str, media_type: str, content: Content) -> ReadFile:
    return ReadFile(
        name=name,
        media_type=media_type,
        status="refused" if not content.pages else "read" if content.is_complete else "partial",
        pages=content.pages,
        notices=content.notices,
        n_rows=content.n_rows,
        needs_password=content.needs_password,
    )


def _refused(name: str, media_type: str, notice: Notice) -> ReadFile:
    return ReadFile(name=name, media_type=media_type, status="refused", pages=(), notices=(notice,))


def _refused_format(name: str, media_type: str, words: Notice) -> ReadFile:
    notice = Notice(
        "{name} is {kind}, which cannot be read yet. Upload one of: {formats}.",
        name=name,
        kind=words,
        formats=FORMATS,
    )
    return _refused(name, media_type, notice)
