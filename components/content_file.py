"""The text of a file taken into a field, so that nobody has to copy it out of a PDF or a web page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import cache, session
from components import format as fmt
from components.i18n import _, translate
from studio.prototypes.content.content import Content


def show(content: Content, key: str, limit: int, put: Callable[[str], None]) -> None:
    """Draw the upload for the text field of this key.

    Args:
        content: reads the file; nothing is stored.
        key: of the field.
        limit: characters that the field takes; what is longer is cut, which is said.
        put: puts a text into the field, from the next run on.
    """
    number = session.upload_round(key)
    with st.popover(
        _("Upload a file"), icon=":material/upload_file:", key=f"{key}.upload.{number}"
    ):
        file = st.file_uploader(
            _("PDF, Word, web page, Markdown or text"),
            max_upload_size=cache.workbench().settings.max_upload_bytes >> 20,
            key=f"{key}.file.{number}",
        )
    if file is not None:
        text = _text(content, file.name, file.getvalue(), limit)
        if text is not None:
            put(text)
        session.end_upload_round(key)
        st.rerun()


def _text(content: Content, name: str, data: bytes, limit: int) -> str | None:
    """The text of a file as far as the field takes it; None, which is said, where there is none."""
    intake = content.inspect([(name, data)])
    texts = [page.text for file in intake.files for page in file.read.pages]
    if not any(text.strip() for text in texts):
        reasons = [translate(told) for file in intake.files for told in file.read.notices]
        session.flash(reasons[0] if reasons else _("There is no text in {name}.", name=name))
        return None
    text = "\n\n".join(texts)
    if len(text) > limit:
        told = _(
            "{name} has {n} characters; the first {limit} were taken.",
            name=name,
            n=fmt.count(len(text)),
            limit=fmt.count(limit),
        )
        session.flash(told)
    return text[:limit]
