"""Step 1 of a chatbot: give it documents, see what was read of each, take them away again.

After every change the index is brought up to date without another click. The module draws; reading
files and building the index are the chatbot's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from components import format as fmt
from components import index_panel, locked_document, notice, session
from components.i18n import _, ngettext, translate
from studio.ingestion.result import FORMATS
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.workspace.records import DocumentRecord

N_SHOWN = 8
STATUS_ICONS = {
    "read": ":green[:material/check_circle:]",
    "partial": ":orange[:material/error:]",
    "refused": ":red[:material/block:]",
}


def show(
    bot: Chatbot,
    records: Sequence[DocumentRecord],
    *,
    max_upload_mb: int,
    use_sample: Callable[[], None] | None = None,
) -> None:
    """Draw the upload, the state of the index and the documents.

    Args:
        bot: whose documents they are.
        records: its documents now.
        max_upload_mb: largest file that is taken, in MB.
        use_sample: gives the bot the sample documents; offered while it has none.
    """
    files = _upload_field(bot, max_upload_mb)
    below = st.empty()
    if files:
        _read(bot, files, below)
    with below.container():
        _paste(bot)
        if records:
            index_panel.show(bot)
            _list(bot, records)
        else:
            _nothing_yet(bot, use_sample)


def _nothing_yet(bot: Chatbot, use_sample: Callable[[], None] | None) -> None:
    st.caption(_("Nothing to answer from yet. Upload your documents, or start with the sample."))
    if use_sample is not None:
        st.button(
            _("Use the sample documents"),
            key=f"_documents.sample.{bot.id}",
            on_click=use_sample,
            icon=":material/auto_stories:",
        )


def _upload_field(bot: Chatbot, max_upload_mb: int) -> Sequence[UploadedFile]:
    """Take files of any kind, so that the reason for refusing one is ours to give."""
    st.caption(
        _("Documents, tables, web pages and more; several at once."), help=translate(FORMATS)
    )
    return st.file_uploader(
        _("Upload documents"),
        accept_multiple_files=True,
        max_upload_size=max_upload_mb,
        label_visibility="collapsed",
        key=f"_documents.upload.{bot.id}.{session.upload_round(bot.id)}",
    )


def _read(bot: Chatbot, files: Sequence[UploadedFile], place: DeltaGenerator) -> NoReturn:
    """Read the files, with progress in the place of what stood below the field; then run again."""
    for i, file in enumerate(files):
        text = _("Reading {name}, {n} of {total}", name=file.name, n=i + 1, total=len(files))
        place.progress(i / len(files), text=notice.plain(text))
        bot.add_file(file.name, file.getvalue())
    bot.update_index()
    session.end_upload_round(bot.id)
    st.rerun()


def _paste(bot: Chatbot) -> None:
    with st.popover(_("Paste text"), icon=":material/content_paste:"):
        name, text = f"_documents.paste_name.{bot.id}", f"_documents.paste.{bot.id}"
        st.text_input(_("Name"), key=name, placeholder=_("Pasted text"))
        st.text_area(_("Text"), key=text, height=200)
        st.button(
            _("Add the text"),
            key=f"_documents.paste_add.{bot.id}",
            type="primary",
            on_click=_add_pasted,
            args=(bot, name, text),
        )


def _add_pasted(bot: Chatbot, name_key: str, text_key: str) -> None:
    text = str(session.widget_value(text_key) or "")
    if not text.strip():
        return
    name = str(session.widget_value(name_key) or "").strip() or _("Pasted text")
    bot.add_file(f"{name}.md", text.encode())
    bot.update_index()
    session.forget(name_key, text_key)


def _list(bot: Chatbot, records: Sequence[DocumentRecord]) -> None:
    """Draw the documents: first those with a problem, because they want attention."""
    order = {"refused": 0, "partial": 1, "read": 2}
    ordered = sorted(records, key=lambda record: order.get(record.status, 2))
    st.markdown(_summary(records))
    show_all = len(ordered) > N_SHOWN and st.toggle(
        ngettext("Show all {n} document", "Show all {n} documents", len(ordered)),
        key=f"_documents.all.{bot.id}",
    )
    for record in ordered if show_all else ordered[:N_SHOWN]:
        _row(bot, record)
        if locked_document.is_locked(record):
            locked_document.show(bot, record, records)


def _summary(records: Sequence[DocumentRecord]) -> str:
    """How many documents were read, read in part, or refused."""
    n = {status: sum(r.status == status for r in records) for status in STATUS_ICONS}
    parts = [ngettext("{n} document read", "{n} documents read", n["read"])]
    if n["partial"]:
        parts.append(ngettext("{n} read in part", "{n} read in part", n["partial"]))
    if n["refused"]:
        parts.append(ngettext("{n} refused", "{n} refused", n["refused"]))
    return " · ".join(parts)


def _row(bot: Chatbot, record: DocumentRecord) -> None:
    with st.container(
        horizontal=True, vertical_alignment="top", key=f"document_{record.document_id}"
    ):
        with st.container(gap=None):
            icon = STATUS_ICONS.get(record.status, "")
            folder, _sign, name = record.name.rpartition("/")
            st.markdown(f"{icon} {notice.plain(name)}")
            if folder:
                st.caption(notice.plain(_("in {folder}", folder=folder)))
            if record.reason is not None:
                st.caption(notice.plain(translate(record.reason)))
            elif record.status != "refused":
                st.caption(_extent(record))
        st.button(
            ":material/close:",
            key=f"_documents.remove.{record.document_id}",
            type="tertiary",
            help=_("Remove {name}", name=notice.plain(record.name)),
            on_click=_remove,
            args=(bot, record.document_id),
        )


def _extent(record: DocumentRecord) -> str:
    """How long a document is: pages where it has them, and characters."""
    characters = ngettext(
        "{shown} character",
        "{shown} characters",
        record.n_characters,
        shown=fmt.count(record.n_characters),
    )
    if record.n_pages > 1:
        return ngettext("{n} page", "{n} pages", record.n_pages) + " · " + characters
    return characters


def _remove(bot: Chatbot, document_id: str) -> None:
    bot.remove_document(document_id)
    bot.update_index()
