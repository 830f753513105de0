"""What a file is, told by its content; its name only chooses between kinds of text.

Knows the signatures of what people upload by mistake, so that the refusal can name it.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePath
from typing import Literal

from studio.ingestion.failures import MALFORMED
from studio.ingestion.structured import looks_like_json
from studio.ingestion.table import looks_like_table
from studio.records import Notice

TextKind = Literal[
    "text/markdown", "text/plain", "text/csv", "text/tab-separated-values", "text/html",
    "application/json", "message/rfc822",
]  # fmt: skip

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ZIP = "application/zip"
LOCKED_OFFICE = "application/encrypted"

_SIGNATURES: tuple[tuple[bytes, str, Notice], ...] = (
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
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names in the directory of an old Office file, and what it is then.
_OLE_STREAMS: tuple[tuple[str, str, Notice], ...] = (
    ("EncryptedPackage", LOCKED_OFFICE, Notice("an Office file that is locked with a password")),
    ("WordDocument", "application/msword",
     Notice("an old Word document (.doc; save it as .docx)")),
    ("Workbook", "application/vnd.ms-excel",
     Notice("an old Excel workbook (.xls; save it as .xlsx)")),
    ("Book", "application/vnd.ms-excel", Notice("an old Excel workbook (.xls; save it as .xlsx)")),
    ("PowerPoint Document", "application/vnd.ms-powerpoint",
     Notice("an old PowerPoint presentation (.ppt; save it as .pptx)")),
    ("__properties_version1.0", "application/vnd.ms-outlook",
     Notice("an Outlook message (.msg; save it as .eml)")),
)  # fmt: skip
# A part that every file of the kind has; a folder of files may have parts of the same name, but not
# the list of contents.
_PACKAGE_PARTS: tuple[tuple[str, str, Notice], ...] = (
    ("word/", DOCX, Notice("a Word document (.docx)")),
    ("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroenabled.12",
     Notice("a binary Excel workbook (.xlsb; save it as .xlsx)")),
    ("xl/", XLSX, Notice("an Excel workbook (.xlsx)")),
    ("ppt/", PPTX, Notice("a PowerPoint presentation (.pptx)")),
)  # fmt: skip
_ZIP_CONTENTS: tuple[tuple[str, str, Notice], ...] = (
    ("META-INF/container.xml", "application/epub+zip", Notice("an e-book (EPUB)")),
    ("content.xml", "application/vnd.oasis.opendocument", Notice("an OpenDocument file (.odt, .ods)")),
)  # fmt: skip
_HTML = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_XML = re.compile(r"\s*<(?:\?xml|rss|feed|svg)\b", re.IGNORECASE)
_XHTML = re.compile(r"<(?:!doctype\s+)?html\b", re.IGNORECASE)
_MAIL_LINE = re.compile(r"[A-Za-z][A-Za-z0-9-]*:[ \t]?\S")
_MAIL_FIELDS = (
    "from:",
    "received:",
    "message-id:",
    "mime-version:",
    "return-path:",
    "delivered-to:",
)
_CHARSET = re.compile(rb"""charset\s*=\s*["']?([A-Za-z0-9_:.-]{2,30})""", re.IGNORECASE)
_SUFFIX_KINDS: dict[str, TextKind] = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".csv": "text/csv",
    ".psv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".tab": "text/tab-separated-values",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".json": "application/json",
    ".jsonl": "application/json",
    ".ndjson": "application/json",
    ".eml": "message/rfc822",
}


def is_pdf(content: bytes) -> bool:
    """Whether the signature of a PDF stands within the first kilobyte, as viewers accept it.

    A text about PDF files has the signature too, but not the objects.
    """
    at = content[:1024].find(b"%PDF-")
    return at >= 0 and (not content[:at].strip(b"\0\r\n\t \xef\xbb\xbf") or b"endobj" in content)


def binary_kind(content: bytes) -> tuple[str, Notice] | None:
    """Media type and a name for people of a known format with a signature; None otherwise."""
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):  # the second begins an empty folder
        return _zip_kind(content)
    if content.startswith(_OLE):
        return _ole_kind(content)
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
    if _XML.match(start) and not _XHTML.search(start):
        return "application/xml", Notice("an XML file")
    if suffix == ".ipynb" and start.lstrip()[:1] == "{":
        return "application/x-ipynb+json", Notice("a notebook (.ipynb)")
    return None


def text_kind(name: str, text: str) -> TextKind:
    """Which kind of text: by marks that only one kind has, as the name says, or by its shape."""
    start = text[:4096]
    kind = _SUFFIX_KINDS.get(PurePath(name).suffix.lower())
    if _HTML.match(start) or (_XML.match(start) and _XHTML.search(start)):
        return "text/html"
    if kind == "message/rfc822" or (kind is None and _looks_like_mail(start)):
        return "message/rfc822"
    if kind is not None:
        return kind
    if looks_like_json(text):
        return "application/json"
    return "text/csv" if looks_like_table(text) else "text/plain"


def declared_encoding(content: bytes) -> str | None:
    """The encoding that a web page says it is written in; None when it does not."""
    match = _CHARSET.search(content[:4096])
    return match[1].decode("ascii") if match and b"<" in content[: match.start()] else None


def _looks_like_mail(start: str) -> bool:
    """Whether a text begins with the header of an e-mail: several of its fields, one per line."""
    header = start.split("\n\n")[0].split("\r\n\r\n")[0].splitlines()
    if not header or not _MAIL_LINE.match(header[0]):
        return False
    fields = {field for line in header for field in _MAIL_FIELDS if line.lower().startswith(field)}
    is_header = all(line[:1] in (" ", "\t") or _MAIL_LINE.match(line) for line in header[:-1])
    return is_header and len(fields) >= 2


def _ole_kind(content: bytes) -> tuple[str, Notice]:
    for stream, media_type, words in _OLE_STREAMS:
        if stream.encode("utf-16-le") in content:
            return media_type, words
    return "application/x-ole-storage", Notice("an old Office file (.doc, .xls, .ppt)")


def _zip_kind(content: bytes) -> tuple[str, Notice]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except MALFORMED:
        names = []
    parts = _PACKAGE_PARTS if "[Content_Types].xml" in names else _ZIP_CONTENTS
    for start, media_type, words in parts:
        if any(entry.startswith(start) for entry in names):
            return media_type, words
    return ZIP, Notice("a compressed folder (ZIP)")
