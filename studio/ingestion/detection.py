"""What a file is, told by its content; its name only chooses between kinds of text.

Knows the signatures of what people upload by mistake, so that the refusal can name it.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePath
from typing import Literal

from studio.ingestion.table import looks_like_table
from studio.records import Notice

TextKind = Literal["text/markdown", "text/plain", "text/csv", "text/tab-separated-values"]

_SIGNATURES: tuple[tuple[bytes, str, Notice], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage",
     Notice("an old or locked Office file (.doc, .xls, .ppt)")),
    (b"{\\rtf", "application/rtf", Notice("a rich text file (.rtf)")),
    (b"\x89PNG\r\n\x1a\n", "image/png", Notice("a picture (PNG)")),
    (b"\xff\xd8\xff", "image/jpeg", Notice("a picture (JPEG)")),
    (b"GIF8", "image/gif", Notice("a picture (GIF)")),
    (b"II*\0", "image/tiff", Notice("a picture (TIFF)")),
    (b"MM\0*", "image/tiff", Notice("a picture (TIFF)")),
    (b"BM", "image/bmp", Notice("a picture (BMP)")),
    (b"ID3", "audio/mpeg", Notice("a sound file (MP3)")),
    (b"OggS", "audio/ogg", Notice("a sound file (Ogg)")),
    (b"\x1f\x8b", "application/gzip", Notice("a compressed file (gzip)")),
    (b"BZh", "application/x-bzip2", Notice("a compressed file (bzip2)")),
    (b"\xfd7zXZ\0", "application/x-xz", Notice("a compressed file (xz)")),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", Notice("a compressed folder (7z)")),
    (b"Rar!\x1a\x07", "application/vnd.rar", Notice("a compressed folder (RAR)")),
    (b"SQLite format 3\0", "application/vnd.sqlite3", Notice("a database (SQLite)")),
    (b"PAR1", "application/vnd.apache.parquet", Notice("a data file (Parquet)")),
    (b"\x7fELF", "application/x-executable", Notice("a program")),
)  # fmt: skip
_ZIP_CONTENTS: tuple[tuple[str, str, Notice], ...] = (
    ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
     Notice("a Word document (.docx)")),
    ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
     Notice("an Excel workbook (.xlsx)")),
    ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation",
     Notice("a PowerPoint presentation (.pptx)")),
    ("META-INF/container.xml", "application/epub+zip", Notice("an e-book (EPUB)")),
    ("content.xml", "application/vnd.oasis.opendocument", Notice("an OpenDocument file (.odt, .ods)")),
)  # fmt: skip
_HTML = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_XML = re.compile(r"\s*<(?:\?xml|rss|feed|svg)\b", re.IGNORECASE)
_SUFFIX_KINDS: dict[str, TextKind] = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".csv": "text/csv",
    ".psv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".tab": "text/tab-separated-values",
}


def is_pdf(content: bytes) -> bool:
    """Whether the signature of a PDF stands within the first kilobyte, as viewers accept it.

    A text about PDF files has the signature too, but not the objects.
    """
    at = content[:1024].find(b"%PDF-")
    return at >= 0 and (not content[:at].strip(b"\0\r\n\t \xef\xbb\xbf") or b"endobj" in content)


def foreign_binary(content: bytes) -> tuple[str, Notice] | None:
    """Media type and a name for people of a known format that is not read; None otherwise."""
    if content.startswith(b"PK\x03\x04"):
        return _zip_kind(content)
    for signature, media_type, words in _SIGNATURES:
        # A few letters may well begin a text; the header of a picture or a song goes on with zeros.
        is_word = signature in (b"BM", b"ID3")
        if content.startswith(signature) and (not is_word or b"\0" in content[:64]):
            return media_type, words
    if content[:4] == b"RIFF" and content[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        return "application/x-riff", Notice("a picture, sound or film")
    if content[4:8] == b"ftyp":
        return "video/mp4", Notice("a film, sound or picture (MP4, HEIC)")
    return None


def foreign_text(name: str, text: str) -> tuple[str, Notice] | None:
    """Media type and a name for people of a text format that is not read; None otherwise."""
    suffix = PurePath(name).suffix.lower()
    start = text[:4096]
    if _HTML.match(start) or suffix in (".html", ".htm"):
        return "text/html", Notice("a web page (HTML)")
    if _XML.match(start):
        return "application/xml", Notice("an XML file")
    if suffix in (".json", ".jsonl", ".ndjson", ".ipynb") and start.lstrip()[:1] in ("{", "["):
        return "application/json", Notice("a JSON file")
    return None


def text_kind(name: str, text: str) -> TextKind:
    """Which kind of text: as the name says, else a table where every row says so, else plain."""
    kind = _SUFFIX_KINDS.get(PurePath(name).suffix.lower())
    if kind is not None:
        return kind
    return "text/csv" if looks_like_table(text) else "text/plain"


def _zip_kind(content: bytes) -> tuple[str, Notice]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        names = []
    for start, media_type, words in _ZIP_CONTENTS:
        if any(entry.startswith(start) for entry in names):
            return media_type, words
    return "application/zip", Notice("a compressed folder (ZIP)")
