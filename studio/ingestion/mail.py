"""E-mails (.eml): subject, sender, receivers, date and text; attachments are handed on.

Of a text that was sent both plain and as HTML, the plain one is read. Pictures within the text are
counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email import policy
from email.errors import CloseBoundaryNotFoundDefect
from email.message import EmailMessage, Message
from email.parser import BytesParser
from pathlib import PurePosixPath

from studio.ingestion.decoding import clean, decode_declared
from studio.ingestion.failures import MALFORMED
from studio.ingestion.pagetext import PageText
from studio.ingestion.result import Attached, Content
from studio.ingestion.text import empty_notice
from studio.ingestion.web import plain_html
from studio.ingestion.word import pictures_notice
from studio.records import Notice

_FIELDS = ("Subject", "From", "To", "Cc", "Date")


@dataclass(slots=True)
class _Mail:
    """What was met so far in all parts."""

    texts: list[str] = field(default_factory=list)
    attached: list[Attached] = field(default_factory=list)
    n_pictures: int = 0
    n_replaced: int = 0
    n_damaged: int = 0
    is_cut: bool = False


def read_mail(name: str, content: bytes) -> Content:
    """The header's lines and the text as one page without a number, and the files attached."""
    mail = _Mail()
    page = PageText()
    try:
        message = BytesParser(policy=policy.default).parsebytes(content)
        page.add("\n".join(_header_lines(message)))
        _collect(message, mail)
    except MALFORMED:
        mail.n_damaged += 1
    for text in mail.texts:
        page.add(text.strip())
    if page.is_empty and not mail.attached:
        return Content(pages=(), notices=(empty_notice(name),))
    notices = _notices(name, mail)
    is_complete = not (mail.is_cut or mail.n_damaged or mail.n_replaced)
    return Content(
        pages=() if page.is_empty else (page.page(),),
        notices=notices,
        is_complete=is_complete,
        n_characters_dropped=None if mail.is_cut or mail.n_damaged else mail.n_replaced,
        attached=tuple(mail.attached),
    )


def _header_lines(message: Message) -> list[str]:
    lines = []
    for label in _FIELDS:
        try:
            value = " ".join(clean(str(message.get(label) or "")).split())
        except MALFORMED:  # the parser of a single field trips over some of them
            continue
        if value:
            lines.append(f"{label}: {value}")
    return lines


def _collect(part: Message, mail: _Mail) -> None:
    mail.is_cut |= any(isinstance(defect, CloseBoundaryNotFoundDefect) for defect in part.defects)
    kind = part.get_content_type()
    if kind == "message/rfc822":
        _attach(part, mail)
    elif part.is_multipart():
        for child in _children(part, kind):
            _collect(child, mail)
    elif part.get_content_maintype() == "image" and (
        part.get("Content-ID") or part.get_content_disposition() == "inline"
    ):
        mail.n_pictures += 1  # shown within the text, as in a signature
    elif part.get_content_disposition() == "attachment" or part.get_filename():
        _attach(part, mail)
    elif kind in ("text/plain", "text/html"):
        text, n_replaced = _text(part)
        mail.texts.append(plain_html(text) if kind == "text/html" else clean(text))
        mail.n_replaced += n_replaced
    else:
        _attach(part, mail)


def _children(part: Message, kind: str) -> list[Message]:
    payload = part.get_payload()
    children = [child for child in payload if isinstance(child, Message)]
    if kind != "multipart/alternative" or not children:
        return children
    for child in children:
        if child.get_content_type() == "text/plain" and _text(child)[0].strip():
            return [child]
    html = [child for child in children if "html" in child.get_content_type()]
    return (html or children)[-1:]


def _text(part: Message) -> tuple[str, int]:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    decoded = decode_declared(content, part.get_content_charset())
    return (decoded.text, decoded.n_replaced) if decoded is not None else ("", 0)


def _attach(part: Message, mail: _Mail) -> None:
    try:
        # A name may hold a path; only its last part names the file.
        name = PurePosixPath(clean(part.get_filename() or "").replace("\\", "/")).name
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload(0)
            content = inner.as_bytes() if isinstance(inner, EmailMessage) else b""
            name = name or "message.eml"
        else:
            payload = part.get_payload(decode=True)
            content = payload if isinstance(payload, bytes) else b""
    except MALFORMED:
        mail.n_damaged += 1
        return
    mail.attached.append(
        Attached(name=name or f"attachment {len(mail.attached) + 1}", content=content)
    )


def _notices(name: str, mail: _Mail) -> tuple[Notice, ...]:
    notices: list[Notice] = []
    if mail.is_cut:
        notices.append(
            Notice(
                "{name} is incomplete: its end is missing. Download or export it again and upload it.",
                name=name,
            )
        )
    if mail.n_damaged:
        notices.append(
            Notice(
                "{n_parts} parts of {name} are damaged and were left out.",
                "One part of {name} is damaged and was left out.",
                n_parts=mail.n_damaged,
                name=name,
            )
        )
    if mail.n_replaced:
        notices.append(
            Notice(
                "{n_characters} characters of {name} are damaged and are shown as \ufffd. Save the "
                "file as UTF-8 where it was made and upload it again.",
                "One character of {name} is damaged and is shown as \ufffd. Save the file as UTF-8 "
                "where it was made and upload it again.",
                n_characters=mail.n_replaced,
                name=name,
            )
        )
    if mail.n_pictures:
        notices.append(pictures_notice(name, mail.n_pictures))
    if mail.attached:
        names = ", ".join(attached.name for attached in mail.attached)
        notices.append(Notice("Attached to {name}: {files}.", name=name, files=names))
    return tuple(notices)
