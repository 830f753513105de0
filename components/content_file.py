"""The text of a file taken into a field, so that nobody has to copy it out of a PDF or a web page."""

from __future__ import annotations

import streamlit as st

from components import cache, notice, session
from components import format as fmt
from components.i18n import _, translate
from studio.prototypes.content.content import Content


def show(content: Content, key: str, limit: int) -> None:
    """Draw the upload for the text field of this key, whose value is kept under it.

    Args:
        content: reads the file; nothing is stored.
        key: of the field.
        limit: characters that the field takes; what is longer is cut, which is said.
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
        _take(content, key, file.name, file.getvalue(), limit)
        session.end_upload_round(key)
        st.rerun()


def _take(content: Content, key: str, name: str, data: bytes, limit: int) -> None:
    """Put the text of a file into the field, or say why there is none."""
    intake = content.inspect([(name, data)])
    texts = [page.text for file in intake.files for page in file.read.pages]
    if not any(text.strip() for text in texts):
        reasons = [translate(told) for file in intake.files for told in file.read.notices]
        session.flash(reasons[0] if reasons else _("There is no text in {name}.", name=name))
        return
    text = "\n\n".join(texts)
    if len(text) > limit:
        told = _(
            "{name} has {n} characters; the first {limit} were taken.",
            name=name,
            n=fmt.count(len(text)),
            limit=fmt.count(limit),
        )
        session.flash(notice.plain(told))
    session.keep_value(key, text[:limit])
    session.forget(key)
