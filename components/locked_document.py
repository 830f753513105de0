"""A document that is locked: ask for its password where it stands, and read it again from what is kept.

The password lives for one run of the page: it is handed to the reader and is neither stored, logged
nor kept in the session. The module draws; unlocking is the reader's business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from components import cache, notice, session
from components.i18n import _, ngettext
from studio.workbench import AnyDocumented
from studio.workspace.records import DocumentRecord


def is_locked(record: DocumentRecord) -> bool:
    """Whether a document was refused for want of its password."""
    return record.status == "refused" and bool(record.report.get("needs_password"))


def show(
    prototype: AnyDocumented, record: DocumentRecord, records: Sequence[DocumentRecord]
) -> None:
    """Draw the question for the password; a right one reads the document and updates the index.

    Args:
        prototype: whose document it is.
        record: the locked document.
        records: all documents; the password is tried on the other locked ones too.
    """
    password = ask(record.name, f"unlock_{record.document_id}")
    if password is None:
        return
    with st.spinner(_("Reading {name}", name=notice.plain(record.name))):
        others = [other for other in records if is_locked(other) and other != record]
        n_read = sum(_unlock(prototype, locked, password) for locked in [record, *others])
    if n_read:
        prototype.update_index()
        session.flash(
            ngettext("{n} document was unlocked.", "{n} documents were unlocked.", n_read)
        )
        st.rerun()
    say_wrong()


def ask(name: str, key: str) -> str | None:
    """Draw the question for a file's password; what was entered in this run, None for nothing.

    Args:
        name: of the file.
        key: of the form, and part of its widgets' keys.
    """
    # Cleared with the click, so that the password is gone from the session when the run ends.
    with (
        st.form(key, clear_on_submit=True, border=False),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        password = st.text_input(
            _("Password of {name}", name=_spoken(name)),
            type="password",
            label_visibility="collapsed",
            placeholder=_("Password"),
            autocomplete="off",
            key=f"_documents.{key}",
        )
        is_sent = st.form_submit_button(_("Unlock"), key=f"_{key}")
    if is_sent and not password:
        problem = _("Enter the password of this file.")
        st.markdown(f":red[{problem}]")
    return password if is_sent and password else None


def say_wrong() -> None:
    """Draw that a password opened nothing."""
    # What is still refused may be a file of pictures, so nothing is said of the password itself.
    problem = _("No text could be read with this password. Capital and small letters count.")
    st.markdown(f":red[{problem}]")


def _spoken(name: str) -> str:
    """A file's name for a label that is read aloud as it is, but drawn as Markdown too."""
    return re.sub(r"[^\w.-]+", " ", name).strip()


def _unlock(prototype: AnyDocumented, record: DocumentRecord, password: str) -> bool:
    """Read the kept file again; whether that gave its text."""
    content = cache.workbench().workspace.documents.original(record.document_id)
    (read,) = prototype.add_file(record.name, content, password)
    return read.status != "refused"
