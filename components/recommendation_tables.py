"""Step 1 of a recommender: give it tables, see what each holds, and correct what columns are for.

Every change is stored first; reading the tables and training follow in one job. The module draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from components import format as fmt
from components import notice, progress, session, setting_words
from components import recommendation_words as words
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.prototypes.recommendation.data.roles import ROLES_OF
from studio.prototypes.recommendation.data.tables import StoredTable
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.workspace.records import DocumentRecord

N_EXAMPLE = 32  # characters of an example


def show(
    recommender: Recommendation, *, max_upload_mb: int, use_sample: Callable[[], None]
) -> None:
    """Draw the upload, the tables and how training stands.

    Args:
        recommender: whose tables they are.
        max_upload_mb: largest file that is taken, in MB.
        use_sample: gives it the sample's tables; offered while it has none.
    """
    records = recommender.desk.files()
    _upload(recommender, max_upload_mb)
    if not records:
        st.caption(_("Nothing here yet. Upload your tables, or start with the sample."))
        st.button(
            _("Use the sample data"),
            key=f"_recommendation.sample.{recommender.id}",
            on_click=use_sample,
            icon=":material/auto_stories:",
        )
        return
    progress.watch(
        recommender.training,
        key=f"recommendation.{recommender.id}.training",
        retry=recommender.train,
    )
    tables = recommender.desk.tables()
    for record in records:
        with st.container(gap="xsmall"):  # a file and its tables belong together
            _file(recommender, record, [t for t in tables if t.document_id == record.document_id])
    _summary(recommender)


def step_label(recommender: Recommendation) -> str:
    """The heading of the step, with how many tables there are."""
    n = len(recommender.desk.tables())
    if not n:
        return _("**1** Data · {tables}", tables=_("no table yet"))
    return _("**1** Data · {tables}", tables=ngettext("{n} table", "{n} tables", n))


def _upload(recommender: Recommendation, max_upload_mb: int) -> None:
    st.caption(
        _("A table of your items and one of what people did, both at once or one by one."),
        help=_(
            "CSV, Excel or JSON. Items: an id, a title, and what you know of them (description, price,"
            " stock, category, picture link). Events: user, item, and if you have it what was done"
            " (view, purchase), a rating, and the time. A list of users with a segment is welcome, too."
        ),
    )
    round_key = f"recommendation.{recommender.id}"
    files = st.file_uploader(
        _("Upload tables"),
        accept_multiple_files=True,
        max_upload_size=max_upload_mb,
        label_visibility="collapsed",
        key=f"_recommendation.upload.{recommender.id}.{session.upload_round(round_key)}",
    )
    if files:
        with st.spinner(_("Storing the tables")):
            recommender.desk.add([(file.name, file.getvalue()) for file in files])
        session.end_upload_round(round_key)
        _train(recommender)
        st.rerun()


def _train(recommender: Recommendation) -> None:
    """Read and train anew where there is anything to learn from."""
    if recommender.desk.fingerprint():
        recommender.train()


def _file(
    recommender: Recommendation, record: DocumentRecord, tables: Sequence[StoredTable]
) -> None:
    key = f"recommendation_file_{record.document_id}"
    with st.container(horizontal=True, vertical_alignment="center", key=key):
        with st.container(gap=None):
            is_fine = tables and all(table.problem is None for table in tables)
            icon = ":green[:material/check_circle:]" if is_fine else ":orange[:material/warning:]"
            st.markdown(f"{icon} {notice.plain(record.name)}")
            if record.reason is not None:
                st.caption(notice.plain(translate(record.reason)))
        st.button(
            ":material/close:",
            key=f"_recommendation.remove.{record.document_id}",
            type="tertiary",
            help=_("Remove {name}", name=notice.plain(record.name)),
            on_click=_remove,
            args=(recommender, record.document_id),
        )
    for at, table in enumerate(tables):
        _table(recommender, table, f"{record.document_id}.{at}")


def _table(recommender: Recommendation, table: StoredTable, key: str) -> None:
    """Draw what a table holds in a line; open, the choice of it and the columns."""
    fold = st.expander(
        _extent(recommender, table),
        key=f"_recommendation.table.{key}",
        expanded=table.problem is not None,
        type="compact",
        on_change="rerun",
    )
    if table.problem is not None:
        notice.show(table.problem, "warning")
    if not fold.open:
        return
    with fold:
        kinds = words.table_kinds()
        widget = f"_recommendation.kind.{key}"
        session.fill_widget(widget, table.kind)
        st.selectbox(
            _("What the table holds"),
            list(kinds),
            format_func=kinds.__getitem__,
            key=widget,
            on_change=_set_kind,
            args=(recommender, table.name, widget),
        )
        if table.kind != "ignore":
            _columns(recommender, table, key)


def _extent(recommender: Recommendation, table: StoredTable) -> str:
    data = recommender.desk.current()
    read = {} if data is None else {one.name: one for one in data.tables}
    parts = [words.table_kinds()[table.kind]]
    sheet = table.name.partition("/")[2]
    if sheet:  # one of several in a file
        parts.insert(0, notice.plain(sheet))
    if table.name in read:
        n = read[table.name].n_rows
        parts.append(ngettext("{shown} row", "{shown} rows", n, shown=fmt.count(n)))
    return " · ".join(parts)


def _columns(recommender: Recommendation, table: StoredTable, key: str) -> None:
    names = words.roles()
    allowed = ROLES_OF[table.kind]
    for at, column in enumerate(table.columns):
        widget = f"_recommendation.role.{key}.{at}"
        session.fill_widget(widget, column.role)
        with st.container(gap="xsmall"):
            st.selectbox(
                notice.plain(column.name),
                allowed,
                format_func=names.__getitem__,
                key=widget,
                on_change=_set_role,
                args=(recommender, table.name, column.name, widget),
            )
            if column.examples:
                st.caption(
                    notice.plain(_("such as {examples}", examples=_examples(column.examples)))
                )


def _examples(examples: Sequence[str]) -> str:
    short = (e if len(e) <= N_EXAMPLE else e[: N_EXAMPLE - 1].rstrip() + "…" for e in examples)
    return " · ".join(" ".join(example.split()) for example in short)


def _summary(recommender: Recommendation) -> None:
    """What was left out, in short; the view of the data has the rest."""
    data = recommender.desk.current()
    if data is None:
        return
    of_tables = dict.fromkeys(n for table in data.tables for n in table.notices)  # a file's: once
    for told in (*of_tables, *data.report.sentences()):
        st.caption(notice.plain(translate(told)))
    if data.report.bots:
        widget = f"_recommendation.bots.{recommender.id}"
        session.fill_widget(widget, recommender.settings.leave_out_bots)
        st.toggle(
            _("Leave out automatic visitors"),
            key=widget,
            help=_(
                "Found because they open the next page within three seconds again and again, or never"
                " sleep, and rate nothing: {visitors}",
                visitors=", ".join(data.report.bots[:5]),
            ),
            on_change=_set_bots,
            args=(recommender, widget),
        )
    _left_out(recommender, [user for user, _n in data.profile.heavy_users])


def _left_out(recommender: Recommendation, heavy: Sequence[str]) -> None:
    """Whose events are not learnt from; offered where somebody did far more than others."""
    chosen = recommender.settings.users_left_out
    if not heavy and not chosen:
        return
    widget = f"_recommendation.users_left_out.{recommender.id}"
    session.fill_widget(widget, list(chosen))
    st.multiselect(
        setting_words.label("users_left_out"),
        list(dict.fromkeys((*chosen, *heavy))),
        key=widget,
        accept_new_options=True,
        placeholder=_("Nobody left out"),
        help=_(
            "Their events are not learnt from: programs, resellers, your own staff. Offered are those"
            " who did far more than others; type any other id."
        ),
        on_change=_set_left_out,
        args=(recommender, widget),
    )


def _remove(recommender: Recommendation, document_id: str) -> None:
    recommender.desk.remove(document_id)
    _train(recommender)


def _set_kind(recommender: Recommendation, table: str, widget: str) -> None:
    try:
        recommender.desk.set_kind(table, session.widget_value(widget))
    except StudioError as error:
        session.flash(translate(error.notice))
    _train(recommender)


def _set_role(recommender: Recommendation, table: str, column: str, widget: str) -> None:
    try:
        recommender.desk.set_role(table, column, session.widget_value(widget))
    except StudioError as error:
        session.flash(translate(error.notice))
    _train(recommender)


def _set_left_out(recommender: Recommendation, widget: str) -> None:
    recommender.desk.set_users_left_out(session.widget_value(widget) or [])
    _train(recommender)


def _set_bots(recommender: Recommendation, widget: str) -> None:
    recommender.desk.set_leave_out_bots(bool(session.widget_value(widget)))
    _train(recommender)
