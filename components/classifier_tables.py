"""Step 1 of a classifier: give it tables, see which column is the text and which the label, correct it.

Every change is stored first; learning follows in one job. The module draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from components import classifier_words as words
from components import notice, progress, session
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.tables import StoredTable
from studio.workspace.records import DocumentRecord

NONE = ""


def extent(classifier: Classifier) -> str:
    """How many tables there are; "" for none."""
    n = len(classifier.desk.tables())
    return ngettext("{n} table", "{n} tables", n) if n else ""


def show(classifier: Classifier, *, max_upload_mb: int, use_sample: Callable[[], None]) -> None:
    """Draw the upload, the tables and how learning stands.

    Args:
        classifier: whose tables they are.
        max_upload_mb: largest file that is taken, in MB.
        use_sample: gives it the sample's tables; offered while it has none.
    """
    records = classifier.desk.files()
    _upload(classifier, max_upload_mb)
    progress.watch(
        classifier.training, key=f"classifier.{classifier.id}.training", retry=classifier.train
    )
    if not records:
        st.caption(_("Nothing here yet. Upload your texts, or start with the sample."))
        st.button(
            _("Use the sample data"),
            key=f"_classifier.sample.{classifier.id}",
            on_click=use_sample,
            icon=":material/auto_stories:",
        )
        return
    tables = classifier.desk.tables()
    for record in records:
        _file(classifier, record, [t for t in tables if t.document_id == record.document_id])


def _upload(classifier: Classifier, max_upload_mb: int) -> None:
    st.caption(
        _("A table with one text in each row, and its label where you know it."),
        help=_(
            "CSV, Excel or JSON. One column holds the text (a mail, a review, a question), another one"
            " the label (a team, a topic, a mood). Rows without a label are offered to be labelled."
        ),
    )
    round_key = f"classifier.{classifier.id}"
    files = st.file_uploader(
        _("Upload texts"),
        accept_multiple_files=True,
        max_upload_size=max_upload_mb,
        label_visibility="collapsed",
        key=f"_classifier.upload.{classifier.id}.{session.upload_round(round_key)}",
    )
    if files:
        with st.spinner(_("Storing the tables")):
            classifier.desk.add([(file.name, file.getvalue()) for file in files])
        session.end_upload_round(round_key)
        learn(classifier)
        st.rerun()


def learn(classifier: Classifier) -> None:
    """Learn anew where there is anything to learn."""
    if classifier.desk.fingerprint():
        classifier.train()


def _file(classifier: Classifier, record: DocumentRecord, tables: Sequence[StoredTable]) -> None:
    key = f"classifier_file_{record.document_id}"
    with st.container(horizontal=True, vertical_alignment="top", key=key):
        with st.container(gap=None):
            is_fine = tables and all(table.problem is None for table in tables)
            icon = ":green[:material/check_circle:]" if is_fine else ":orange[:material/warning:]"
            st.markdown(f"{icon} {notice.plain(record.name)}")
            if record.reason is not None:
                st.caption(notice.plain(translate(record.reason)))
        st.button(
            ":material/close:",
            key=f"_classifier.remove.{record.document_id}",
            type="tertiary",
            help=_("Remove {name}", name=notice.plain(record.name)),
            on_click=_remove,
            args=(classifier, record.document_id),
        )
    for at, table in enumerate(tables):
        _table(classifier, table, f"{record.document_id}.{at}")


def _table(classifier: Classifier, table: StoredTable, key: str) -> None:
    """Draw what a table is for in a line; open, the choice of it and of the columns."""
    fold = st.expander(
        notice.plain(_line(table)),
        key=f"_classifier.table.{key}",
        expanded=table.problem is not None,
        type="compact",
        on_change="rerun",
    )
    if table.problem is not None:
        notice.show(table.problem, "warning")
    if not fold.open:
        return
    with fold:
        names = words.uses()
        options = (
            ["synthetic", "ignore"] if table.is_made else [u for u in names if u != "synthetic"]
        )
        widget = f"_classifier.use.{key}"
        session.fill_widget(widget, table.use)
        st.selectbox(
            _("What the table is for"),
            options,
            format_func=names.__getitem__,
            key=widget,
            on_change=_set_use,
            args=(classifier, table.name, widget),
        )
        if table.use != "ignore":
            _columns(classifier, table, key)


def _line(table: StoredTable) -> str:
    use = words.short_uses()[table.use]
    if table.use == "ignore" or not table.text_column:
        return use
    if table.use == "unlabelled" or not table.label_column:
        return _("{use} · text: {text}", use=use, text=table.text_column)
    return _(
        "{use} · text: {text} · label: {label}",
        use=use,
        text=table.text_column,
        label=table.label_column,
    )


def _columns(classifier: Classifier, table: StoredTable, key: str) -> None:
    keys = f"_classifier.text.{key}", f"_classifier.label.{key}"
    examples = dict(zip(table.columns, table.examples, strict=True))
    choices = [(_("Column with the text"), table.text_column)]
    if table.use != "unlabelled":
        choices.append((_("Column with the label"), table.label_column))
    for widget, (label, column) in zip(keys, choices, strict=False):
        session.fill_widget(widget, column)
        with st.container(gap="xsmall"):
            st.selectbox(
                label,
                [NONE, *table.columns],
                format_func=lambda one: one or _("none"),
                key=widget,
                on_change=_set_columns,
                args=(classifier, table, *keys),
            )
            if examples.get(column):
                shown = " · ".join(" ".join(one.split())[:40] for one in examples[column])
                st.caption(notice.plain(_("such as {examples}", examples=shown)))


def _remove(classifier: Classifier, document_id: str) -> None:
    classifier.desk.remove(document_id)
    learn(classifier)


def _set_use(classifier: Classifier, table: str, widget: str) -> None:
    try:
        classifier.desk.set_use(table, session.widget_value(widget))
    except StudioError as error:
        session.flash(translate(error.notice))
    learn(classifier)


def _set_columns(classifier: Classifier, table: StoredTable, text: str, label: str) -> None:
    try:
        classifier.desk.set_columns(
            table.name,
            text=session.widget_value(text, table.text_column),
            label=session.widget_value(label, table.label_column),
        )
    except StudioError as error:
        session.flash(translate(error.notice))
    learn(classifier)
