"""PDF: the text of each page with its number.

Reads the text layer only; pages that are pictures are counted and reported. Files from the wild break
the parser in every possible way: whatever it raises becomes a notice.
"""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, PyPdfError

from studio.ingestion.decoding import clean
from studio.ingestion.failures import MALFORMED
from studio.ingestion.reflow import reflow
from studio.ingestion.result import Content
from studio.records import Notice, Page

MAX_PAGES = 5000
MAX_SECONDS = 300.0

PARSER_FAILURES: Final = (PyPdfError, DependencyError, *MALFORMED)


@dataclass(slots=True)
class _Pages:
    kept: list[Page] = field(default_factory=list)
    n_pictures: int = 0
    damaged: list[int] = field(default_factory=list)
    n_not_reached: int = 0


def read_pdf(
    name: str,
    content: bytes,
    *,
    password: str | None = None,
    max_pages: int = MAX_PAGES,
    max_seconds: float = MAX_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Content:
    """The pages that have text, numbered from 1 as in the file.

    An encrypted file is tried with the empty password first, then with `password`. After `max_pages`
    or `max_seconds` reading stops, and what was read is kept.
    """
    # Every repair the parser makes is a log line; what matters to the user is in the notices.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted and not _unlock(reader, password):
            return Content(pages=(), notices=(_locked(name, password),), needs_password=True)
        n_pages = len(reader.pages)
    except PARSER_FAILURES:
        return Content(pages=(), notices=(_broken(name, content),))
    deadline = clock() + max_seconds
    pages = _Pages()
    for index in range(n_pages):
        if index >= max_pages or clock() > deadline:
            pages.n_not_reached = n_pages - index
            break
        _read_page(reader, index, pages)
    notices = _notices(name, pages, n_pages)
    return Content(
        pages=tuple(pages.kept),
        notices=notices,
        is_complete=not notices,
        n_characters_dropped=None if notices else 0,
    )


def _unlock(reader: PdfReader, password: str | None) -> bool:
    return any(reader.decrypt(attempt) for attempt in ("", password) if attempt is not None)


def _read_page(reader: PdfReader, index: int, pages: _Pages) -> None:
    try:
        page = reader.pages[index]
        text = reflow(clean(page.extract_text()))
    except PARSER_FAILURES:
        pages.damaged.append(index + 1)
        return
    if text.strip():
        pages.kept.append(Page(text=text, number=index + 1))
    elif _has_picture(page):
        pages.n_pictures += 1


def _has_picture(page: PageObject) -> bool:
    """Whether an empty page shows something: an image, or a form that may hold one."""
    try:
        resources = page.get("/Resources")
        objects = resources.get_object().get("/XObject") if resources is not None else None
        return bool(objects is not None and objects.get_object())
    except PARSER_FAILURES:
        return False


def _locked(name: str, password: str | None) -> Notice:
    if password is None:
        return Notice("{name} is locked. Enter its password to read it.", name=name)
    return Notice(
        "The password for {name} is not right. Enter it again, or save the file without one.",
        name=name,
    )


def _broken(name: str, content: bytes) -> Notice:
    if b"%%EOF" not in content[-2048:]:
        return Notice(
            "{name} is incomplete: its end is missing. Download or export it again and upload it.",
            name=name,
        )
    return Notice(
        "{name} is damaged and cannot be read. Open it in a PDF viewer, print it to a new PDF and "
        "upload that.",
        name=name,
    )


def _notices(name: str, pages: _Pages, n_pages: int) -> tuple[Notice, ...]:
    notices: list[Notice] = []
    if pages.n_pictures:
        notices.append(
            Notice(
                "{n_pictures} of {n_pages} pages of {name} are pictures without text. Run text "
                "recognition (OCR) on the file and upload the result.",
                "One page of {name} is a picture without text. Run text recognition (OCR) on the file "
                "and upload the result.",
                n_pictures=pages.n_pictures,
                n_pages=n_pages,
                name=name,
            )
        )
    if pages.damaged:
        notices.append(
            Notice(
                "{n_damaged} of {n_pages} pages of {name} are damaged and were left out, the first "
                "of them page {page}.",
                "Page {page} of {name} is damaged and was left out.",
                n_damaged=len(pages.damaged),
                n_pages=n_pages,
                name=name,
                page=pages.damaged[0],
            )
        )
    if pages.n_not_reached:
        notices.append(
            Notice(
                "Reading {name} took too long or it is too large: the last {n_left} of {n_pages} "
                "pages were left out. Split the file and upload the parts.",
                name=name,
                n_left=pages.n_not_reached,
                n_pages=n_pages,
            )
        )
    if not pages.kept and not notices:
        notices.append(Notice("{name} has no text in it. Upload a file with text.", name=name))
    return tuple(notices)
