"""Plain text and Markdown: decoded, cleaned, kept as one page.

The structure of Markdown is left in the text: whoever cuts it into passages reads it there.
"""

from __future__ import annotations

from studio.ingestion.decoding import Decoded, clean
from studio.ingestion.result import Content
from studio.records import Notice, Page


def read_text(name: str, decoded: Decoded) -> Content:
    """The text as one page without a number; no page when there is nothing but white space."""
    text = clean(decoded.text)
    if not text.strip():
        return Content(pages=(), notices=(empty_notice(name),))
    notices = encoding_notices(name, decoded)
    return Content(pages=(Page(text=text),), notices=notices, is_complete=decoded.n_replaced == 0)


def empty_notice(name: str) -> Notice:
    """What to tell about a file without text."""
    return Notice("{name} is empty. Upload a file with text in it.", name=name)


def encoding_notices(name: str, decoded: Decoded) -> tuple[Notice, ...]:
    """What to tell about damaged characters and about mixed encodings; usually nothing."""
    notices: list[Notice] = []
    if "+" in decoded.encoding:
        notices.append(
            Notice(
                "{name} mixes two encodings ({encodings}). Each line was read in the one that fits; "
                "check names and special characters.",
                name=name,
                encodings=decoded.encoding.replace("+", ", "),
            )
        )
    if decoded.n_replaced:
        notices.append(
            Notice(
                "{n_characters} characters of {name} are damaged and are shown as \ufffd. Save the "
                "file as UTF-8 where it was made and upload it again.",
                "One character of {name} is damaged and is shown as \ufffd. Save the file as UTF-8 "
                "where it was made and upload it again.",
                n_characters=decoded.n_replaced,
                name=name,
            )
        )
    return tuple(notices)
