"""Words for documents, stored ones and those that wait: how long they are, what was dropped or hidden.

Draws nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from components import format as fmt
from components.i18n import _, ngettext
from studio.ingestion.detection import PPTX, XLSX
from studio.workspace.records import DocumentRecord

ICONS = {
    "read": ":green[:material/check_circle:]",
    "partial": ":orange[:material/error:]",
    "refused": ":red[:material/block:]",
}


def extent(media_type: str, n_pages: int, n_characters: int, n_rows: int | None) -> str:
    """How long a document is: sheets, slides or pages where it has them, rows, characters."""
    parts = []
    if n_pages > 1 or media_type in (PPTX, XLSX):
        parts.append(_stretches(media_type, n_pages))
    if n_rows is not None:
        parts.append(rows(n_rows))
    parts.append(characters(n_characters))
    return " · ".join(parts)


def extent_of(record: DocumentRecord) -> str:
    """How long a stored document is."""
    n_rows = record.report.get("n_rows")
    return extent(came_as(record), record.n_pages, record.n_characters, n_rows)


def came_as(record: DocumentRecord) -> str:
    """The media type of the file that was given, also where only its masked text is kept."""
    return str(record.report.get("came_as", record.media_type))


def place(media_type: str, number: int) -> str:
    """Where in a document something stands, by the number that it counts from 1."""
    return _("slide {n}", n=number) if media_type == PPTX else _("page {n}", n=number)


def _stretches(media_type: str, n: int) -> str:
    if media_type == XLSX:
        return ngettext("{n} sheet", "{n} sheets", n)
    if media_type == PPTX:
        return ngettext("{n} slide", "{n} slides", n)
    return ngettext("{n} page", "{n} pages", n)


def characters(n: int) -> str:
    """A count of characters."""
    return ngettext("{shown} character", "{shown} characters", n, shown=fmt.count(n))


def rows(n: int) -> str:
    """A count of table rows."""
    return ngettext("{shown} row", "{shown} rows", n, shown=fmt.count(n))


def dropped(n_rows: int | None, n_characters: int | None) -> str:
    """What was not kept; empty where nothing was dropped, or nobody knows how much."""
    parts = []
    if n_rows:
        parts.append(rows(n_rows))
    if n_characters:
        parts.append(characters(n_characters))
    return _("Left out: {what}", what=_joined(parts)) if parts else ""


def form(encoding: str, delimiter: str, has_header: bool) -> str:
    """How a text table was read."""
    marks = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("vertical bar")}
    read = _(
        "Read as {encoding}, cells parted by: {mark}.",
        encoding=encoding.upper().replace("+", ", "),
        mark=marks.get(delimiter, delimiter),
    )
    named = _("A row names the columns.") if has_header else _("No row names the columns.")
    return fmt.sentences(read, named)


def personal(counts: Sequence[Sequence[object]]) -> str:
    """Personal data in words, such as "12 e-mail addresses, 3 phone numbers"; empty for none."""
    words = []
    for kind, n in counts:
        n = int(str(n))
        words.append(
            {
                "email": ngettext("{n} e-mail address", "{n} e-mail addresses", n),
                "phone": ngettext("{n} phone number", "{n} phone numbers", n),
                "national_id": ngettext("{n} identity number", "{n} identity numbers", n),
                "bank_card": ngettext("{n} bank card number", "{n} bank card numbers", n),
                "iban": ngettext("{n} bank account (IBAN)", "{n} bank accounts (IBAN)", n),
            }[str(kind)]
        )
    return _joined(words)


def _joined(words: Sequence[str]) -> str:
    return _(", ").join(words)
