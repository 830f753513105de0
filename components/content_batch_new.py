"""A new batch: upload a sheet, say which column fills which field, try three rows, see the price, run.

Sheet and trial are kept until they run or give way to another sheet. The module draws; reading sheets
and reckoning are the prototype's business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from components import (
    cache,
    content_batch_price,
    content_card,
    content_columns,
    content_following,
    notice,
    session,
)
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.errors import InvalidInput, StudioError
from studio.prototypes.content.batch import BatchRow, DryRun
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.sheet import ColumnMapping, Sheet
from studio.records import Notice
from studio.sample_company import sample_briefs

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

N_TRIED = 3
N_PREVIEW = 5
CARD_PX = 255


def show(content: Content, settings: ContentSettings) -> None:
    """Draw the steps to a batch, as far as they are gone."""
    sheet = _waiting(content)
    if sheet is None:
        _choose(content)
        return
    _sheet(content, sheet)
    mapping, told, problem = content_columns.checked(content, settings, sheet)
    content_columns.show(content, settings, sheet, problem)
    if not _is_usable(content, settings, told, problem):
        return
    purpose = _purpose(content, sheet, mapping)
    if content_following.watch(content, purpose):
        return
    content_following.result(content, purpose)  # says why where it failed
    tried = _tried(content, mapping)
    _try_button(content, sheet, mapping, purpose, is_first=tried is None)
    if tried is None:
        st.caption(
            _(
                "A few rows are written as a trial. You see three of them, and the time and the price of"
                " all rows, before anything is run."
            )
        )
        return
    content_batch_price.show(tried.estimate)
    _run(content, sheet, mapping, tried)
    st.markdown("**" + _("The rows that were tried") + "**")
    with st.grid(min_column_width=CARD_PX):
        for row in tried.rows:
            tried_row(row, settings, key=f"dry_{content.id}_{row.position}")


def _waiting(content: Content) -> Sheet | None:
    """The sheet that waits to run; read from the disk once."""
    sheet = cache.sheets().get(content.id) or content.batches.trials.sheet()
    if sheet is not None:
        cache.sheets().put(content.id, sheet)
    return sheet


def _tried(content: Content, mapping: ColumnMapping) -> DryRun | None:
    """The latest trial, unless columns or settings are others since."""
    trial = content.batches.trials.latest()
    if trial is None or (trial.mapping, trial.version) != (mapping, content.version):
        return None
    return trial.dry_run


def tried_row(row: BatchRow, settings: ContentSettings, *, key: str) -> None:
    """Draw a row with its text, or why there is none."""
    with st.container(gap="xsmall"):
        st.caption(_("Row {n}", n=fmt.count(row.position + 1)))
        _text_of(row, settings, key=key)


def _text_of(row: BatchRow, settings: ContentSettings, *, key: str) -> None:
    if row.text is not None:
        content_card.show(row.text, settings.shape, key=key)
    elif row.error is not None:
        notice.show(row.error, "warning")


def _choose(content: Content) -> None:
    """Draw the ways to bring a sheet; what is brought is read and kept until it runs."""
    st.caption(
        _(
            "A sheet with one row for each text: CSV or Excel, with the column names in its first row."
        )
    )
    rounds = f"batch.{content.id}"
    file = st.file_uploader(
        _("Upload a sheet"),
        max_upload_size=cache.workbench().settings.max_upload_bytes >> 20,
        label_visibility="collapsed",
        key=f"_content.sheet.{content.id}.{session.upload_round(rounds)}",
    )
    if file is not None and _taken(content, file):
        session.end_upload_round(rounds)
        st.rerun()
    if st.button(
        _("Use the sample briefs"),
        key=f"_content.sheet.sample.{content.id}",
        icon=":material/auto_stories:",
    ):
        sheet = _read(content, "briefs.csv", sample_briefs(content.settings.language))
        if sheet is not None and _kept(content, sheet):
            st.rerun()


def _taken(content: Content, file: UploadedFile) -> bool:
    """Read what was uploaded and keep it; a person says which table where the file has several."""
    key = f"content.sheet.tables.{content.id}"
    found: tuple[str, tuple[str, ...]] | None = session.kept_value(key)
    table = ""
    if found is not None and found[0] == file.file_id:
        table = _table(content, file.name, found[1])
        if not table:
            return False
    with st.spinner(_("Reading the sheet")):
        sheet = _read(content, file.name, file.getvalue(), table)
    if sheet is None:
        return False
    if sheet.tables and not table:
        session.keep_value(key, (file.file_id, sheet.tables))
        st.rerun()
    session.keep_value(key, None)
    return _kept(content, sheet)


def _table(content: Content, name: str, tables: Sequence[str]) -> str:
    """Draw the tables of a file; gives the one that was taken, empty before."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            notice.plain(
                ngettext("{name} has {n} table", "{name} has {n} tables", len(tables), name=name)
            ),
            tables,
            key=f"_content.sheet.table.{content.id}",
        )
        is_taken = st.button(
            _("Take this one"), key=f"_content.sheet.table.{content.id}.take", type="primary"
        )
    return str(chosen) if is_taken else ""


def _read(content: Content, name: str, data: bytes, table: str = "") -> Sheet | None:
    """The sheet; None, said on the page, where it cannot be used."""
    try:
        return content.batches.read(name, data, table)
    except StudioError as error:
        notice.show(error.notice, "error")
        return None


def _kept(content: Content, sheet: Sheet) -> bool:
    """Let a sheet wait to run; False, said on the page, where it cannot be kept."""
    try:
        content.batches.trials.take(sheet)
    except StudioError as error:
        notice.show(error.notice, "error")
        return False
    cache.sheets().put(content.id, sheet)
    content_columns.forget(content)
    return True


def _put_away(content: Content) -> None:
    content.batches.trials.clear()
    cache.sheets().drop(content.id)


def _sheet(content: Content, sheet: Sheet) -> None:
    """Draw what the sheet is, with its first rows, and a way to take another."""
    import pandas as pd

    with st.container(horizontal=True, vertical_alignment="center"):
        rows = ngettext(
            "{shown} row", "{shown} rows", len(sheet.rows), shown=fmt.count(len(sheet.rows))
        )
        st.markdown(f":material/table: **{notice.plain(sheet.name)}** · {rows}")
        st.space("stretch")
        st.button(
            _("Another sheet"),
            key=f"_content.sheet.drop.{content.id}",
            type="tertiary",
            icon=":material/close:",
            on_click=_put_away,
            args=(content,),
        )
    for told in sheet.notices:
        st.caption(notice.plain(translate(told)))
    with st.expander(_("The first rows"), type="compact", key=f"content_sheet_{content.id}"):
        shown = [dict(row) for row in sheet.rows[:N_PREVIEW]]
        st.dataframe(pd.DataFrame(shown, columns=list(sheet.columns)).fillna(""), hide_index=True)


def _is_usable(
    content: Content,
    settings: ContentSettings,
    told: Sequence[Notice],
    problem: InvalidInput | None,
) -> bool:
    """Draw what should be known before it runs, or why it cannot run."""
    problems = content.problems(settings)
    for one in problems.values():
        notice.show(one, "warning")
    if problem is not None:
        notice.show(problem.notice, "warning")
    for one in told:
        notice.show(one, "warning")
    return problem is None and not problems


def _purpose(content: Content, sheet: Sheet, mapping: ColumnMapping) -> str:
    """What a dry run is kept under: another sheet, mapping or version makes it worthless."""
    rows = repr([sorted(row.items()) for row in sheet.rows[:N_TRIED]])
    said = repr((sheet.name, sheet.columns, len(sheet.rows), rows, mapping, content.version))
    return "dry." + hashlib.sha256(said.encode()).hexdigest()[:16]


def _try_button(
    content: Content, sheet: Sheet, mapping: ColumnMapping, purpose: str, *, is_first: bool
) -> None:
    if st.button(
        ngettext("Try {n} row", "Try {n} rows", min(N_TRIED, len(sheet.rows)))
        if is_first
        else _("Try them again"),
        key=f"_content.dry.{content.id}",
        type="primary" if is_first else "tertiary",
        icon=":material/science:",
    ):
        _try(content, sheet, mapping, purpose)
        st.rerun()


def _try(content: Content, sheet: Sheet, mapping: ColumnMapping, purpose: str) -> None:
    try:
        content_following.begin(
            content, purpose, lambda: content.batches.dry_run(sheet, mapping, N_TRIED)
        )
    except StudioError as error:
        session.flash(translate(error.notice))


def _run(content: Content, sheet: Sheet, mapping: ColumnMapping, tried: DryRun) -> None:
    """Draw how many rows are to be written, what those take, and the button that runs them."""
    n_all = len(sheet.rows)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        n_rows = int(
            st.number_input(
                _("Rows to write, from the first one"),
                min_value=1,
                max_value=n_all,
                value=n_all,
                width=220,
                key=f"_content.n_rows.{content.id}.{sheet.name}.{n_all}",
            )
        )
        if st.button(
            ngettext("Write {n} row", "Write {n} rows", n_rows),
            key=f"_content.run.{content.id}",
            type="primary",
            icon=":material/play_arrow:",
        ):
            _start(content, sheet, mapping, tried, n_rows)
            st.rerun()
    if n_rows < n_all:
        part = content_batch_price.said(content_batch_price.scaled(tried.estimate, n_rows))
        rows = ngettext("{shown} row", "{shown} rows", n_rows, shown=fmt.count(n_rows))
        st.caption(notice.plain(f"{rows}: {part}"))


def _start(
    content: Content, sheet: Sheet, mapping: ColumnMapping, tried: DryRun, n_rows: int
) -> None:
    try:
        batch = content.batches.start(
            replace(sheet, rows=sheet.rows[:n_rows]),
            mapping,
            name=sheet.name,
            estimate=content_batch_price.scaled(tried.estimate, n_rows),
        )
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    session.set_chosen_batch(content.id, batch.id)
    _put_away(content)
