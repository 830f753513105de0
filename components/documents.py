"""Step 1 of a builder: give the prototype documents, see what was read of each, take them away again.

What is given is looked over first (`intake_review`); after every change the index is brought up to date
without another click. The module draws; reading files and building the index are the prototype's
business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from components import (
    document_report,
    documents_settings,
    index_panel,
    intake_review,
    locked_document,
    notice,
    other_documents,
    session,
)
from components import document_words as words
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.ingestion.result import FORMATS
from studio.records import Progress
from studio.workbench import AnyDocumented
from studio.workspace.records import DocumentRecord

N_SHOWN = 8


def show(
    prototype: AnyDocumented,
    records: Sequence[DocumentRecord],
    *,
    max_upload_mb: int,
    use_sample: Callable[[], None] | None = None,
) -> None:
    """Draw the upload, the state of the index and the documents.

    Args:
        prototype: whose documents they are.
        records: its documents now.
        max_upload_mb: largest file that is taken, in MB.
        use_sample: gives the prototype the sample documents; offered while it has none.
    """
    intake = intake_review.waiting(prototype)
    if intake is not None:
        intake_review.show(prototype, intake)
        if records:
            st.divider()
    else:
        _choose(prototype, max_upload_mb)
    if records:
        index_panel.show(prototype)
        _list(prototype, records)
        documents_settings.show(prototype)
    elif intake is None:
        _nothing_yet(prototype, use_sample)


def step_label(records: Sequence[DocumentRecord]) -> str:
    """The heading of the step, with how many documents there are."""
    if not records:
        return _("**1** Data")
    return _(
        "**1** Data · {documents}",
        documents=ngettext("{n} document", "{n} documents", len(records)),
    )


def _nothing_yet(prototype: AnyDocumented, use_sample: Callable[[], None] | None) -> None:
    st.caption(_("Nothing here yet. Upload your documents, or start with the sample."))
    if use_sample is not None:
        st.button(
            _("Use the sample documents"),
            key=f"_documents.sample.{prototype.id}",
            on_click=use_sample,
            icon=":material/auto_stories:",
        )


def _choose(prototype: AnyDocumented, max_upload_mb: int) -> None:
    """Draw the ways to give something; what was given is read, and the page runs again."""
    st.caption(
        _("Documents, tables, web pages and more; several at once."), help=translate(FORMATS)
    )
    # Files of any kind, so that the reason for refusing one is ours to give.
    files = st.file_uploader(
        _("Upload documents"),
        accept_multiple_files=True,
        max_upload_size=max_upload_mb,
        label_visibility="collapsed",
        key=f"_documents.upload.{prototype.id}.{session.upload_round(prototype.id)}",
    )
    with st.container(horizontal=True):
        _paste(prototype)
        folder = _folder(prototype, max_upload_mb)
        other_documents.show(prototype)
    if files or folder:
        _read(prototype, [*files, *folder])


def _folder(prototype: AnyDocumented, max_upload_mb: int) -> Sequence[UploadedFile]:
    with st.popover(_("Folder"), icon=":material/folder_open:"):
        return st.file_uploader(
            _("All files of a folder and of the folders in it"),
            accept_multiple_files="directory",
            max_upload_size=max_upload_mb,
            key=f"_documents.folder.{prototype.id}.{session.upload_round(prototype.id)}",
        )


def _read(prototype: AnyDocumented, files: Sequence[UploadedFile]) -> NoReturn:
    """Read the files, with progress; then show what was read."""
    bar = st.empty()

    def report(at: Progress) -> None:
        bar.progress(at.fraction or 0.0, text=_reading(at))

    given = [(file.name, file.getvalue()) for file in files]
    intake_review.begin(prototype, prototype.inspect(given, report=report))
    session.end_upload_round(prototype.id)
    st.rerun()


def _reading(at: Progress) -> str:
    text = notice.plain(translate(at.notice))
    if at.total is None or at.done >= at.total:
        return text
    which = _("{n} of {total}", n=fmt.count(int(at.done) + 1), total=fmt.count(int(at.total)))
    return f"{text} · {which}"


def _paste(prototype: AnyDocumented) -> None:
    with st.popover(_("Paste text"), icon=":material/content_paste:"):
        name, text = f"_documents.paste_name.{prototype.id}", f"_documents.paste.{prototype.id}"
        st.text_input(_("Name"), key=name, placeholder=_("Pasted text"))
        st.text_area(_("Text, rows of a table, or questions and answers"), key=text, height=200)
        st.button(
            _("Look it over"),
            key=f"_documents.paste_add.{prototype.id}",
            type="primary",
            on_click=_read_pasted,
            args=(prototype, name, text),
        )


def _read_pasted(prototype: AnyDocumented, name_key: str, text_key: str) -> None:
    text = str(session.widget_value(text_key) or "")
    if not text.strip():
        return
    name = str(session.widget_value(name_key) or "").strip() or _("Pasted text")
    intake_review.begin(prototype, prototype.inspect_pasted(text, name))
    session.forget(name_key, text_key)


def _list(prototype: AnyDocumented, records: Sequence[DocumentRecord]) -> None:
    """Draw the documents: first those with a problem, because they want attention."""
    order = {"refused": 0, "partial": 1, "read": 2}
    ordered = sorted(records, key=lambda record: order.get(record.status, 2))
    st.markdown(_summary(records))
    show_all = len(ordered) > N_SHOWN and st.toggle(
        ngettext("Show all {n} document", "Show all {n} documents", len(ordered)),
        key=f"_documents.all.{prototype.id}",
    )
    for record in ordered if show_all else ordered[:N_SHOWN]:
        _row(prototype, record)
        if locked_document.is_locked(record):
            locked_document.show(prototype, record, records)


def _summary(records: Sequence[DocumentRecord]) -> str:
    """How many documents were read, read in part, or refused."""
    n = {status: sum(r.status == status for r in records) for status in words.ICONS}
    parts = [ngettext("{n} document read", "{n} documents read", n["read"])]
    if n["partial"]:
        parts.append(ngettext("{n} read in part", "{n} read in part", n["partial"]))
    if n["refused"]:
        parts.append(ngettext("{n} refused", "{n} refused", n["refused"]))
    return " · ".join(parts)


def _row(prototype: AnyDocumented, record: DocumentRecord) -> None:
    document_id = record.document_id
    is_open = session.open_document(prototype.id) == document_id
    with st.container(horizontal=True, vertical_alignment="top", key=f"document_{document_id}"):
        with st.container(gap=None):
            _name(record)
        spoken = notice.plain(record.name)
        st.button(
            ":material/expand_less:" if is_open else ":material/article:",
            key=f"_documents.open.{document_id}",
            type="tertiary",
            help=_("Close the report of {name}", name=spoken)
            if is_open
            else _("Report and passages of {name}", name=spoken),
            on_click=session.set_open_document,
            args=(prototype.id, None if is_open else document_id),
        )
        st.button(
            ":material/close:",
            key=f"_documents.remove.{document_id}",
            type="tertiary",
            help=_("Remove {name}", name=spoken),
            on_click=_remove,
            args=(prototype, document_id),
        )
    if is_open:
        document_report.show(prototype, record)


def _name(record: DocumentRecord) -> None:
    icon = words.ICONS.get(record.status, "")
    folder, _sign, name = record.name.rpartition("/")
    st.markdown(f"{icon} {notice.plain(name)}")
    if folder:
        st.caption(notice.plain(_("in {folder}", folder=folder)))
    if record.reason is not None:
        st.caption(notice.plain(translate(record.reason)))
    elif record.status != "refused":
        st.caption(words.extent_of(record))


def _remove(prototype: AnyDocumented, document_id: str) -> None:
    prototype.remove_document(document_id)
    prototype.update_index()
