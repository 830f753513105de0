"""The rows of a batch with their texts and checks, those that failed apart, and the sheet to take away.

Draws rows of the workspace a page at a time; a click on one shows all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from components import content_card, notice, session
from components import content_words as words
from components import format as fmt
from components.i18n import _, language, speaking, translate
from studio.evaluation.text_checks.result import CheckName
from studio.prototypes.content.batch import Batch, BatchRow, RowState, SheetFormat
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import ContentSettings

if TYPE_CHECKING:
    import pandas as pd

ALL = "all"
N_SHOWN = 50
ROW_PX, RESULT_PX = 50, 120
N_COLUMNS = 1  # of the sheet, beside the text
MARKS = {"passed": "✓", "failed": "✗", "skipped": ""}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show(content: Content, settings: ContentSettings, batch: Batch) -> None:
    """Draw the rows that are finished, and the downloads."""
    if not batch.n_finished:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        state = _filter(batch)
        st.space("stretch")
        _downloads(content, batch)
    states: tuple[RowState, ...] = (state,) if state else ("done", "rejected", "failed")
    n_rows = {"done": batch.n_done, "rejected": batch.n_rejected, "failed": batch.n_failed}
    n_found = n_rows[state] if state else batch.n_finished
    n_pages = max(1, -(-n_found // N_SHOWN))
    page = 1
    if n_pages > 1:
        page = st.pagination(n_pages, key=f"_content.page.{batch.id}.{state}")
    rows = content.batches.rows(batch.id, states, offset=(page - 1) * N_SHOWN, limit=N_SHOWN)
    if not rows:
        st.caption(_("No such row."))
        return
    chosen = _table(batch, rows, key=f"_content.rows.{batch.id}.{state}.{page}")
    if chosen is None:
        st.caption(_("Click on a row to see its text, its checks and what it took."))
    else:
        _row(chosen, settings)


def _filter(batch: Batch) -> RowState | None:
    names = words.row_states()
    labels: dict[str, str] = {ALL: _("All {n}", n=fmt.count(batch.n_finished))}
    counts: tuple[tuple[RowState, int], ...] = (
        ("done", batch.n_done),
        ("rejected", batch.n_rejected),
        ("failed", batch.n_failed),
    )
    for state, n in counts:
        if n:
            labels[state] = f"{names[state]} {fmt.count(n)}"
    key = f"_content.filter.{batch.id}"
    if session.widget_value(key) not in labels:
        session.set_widget_value(key, ALL)
    chosen = st.segmented_control(
        _("Which rows"),
        list(labels),
        required=True,
        format_func=labels.__getitem__,
        label_visibility="collapsed",
        key=key,
    )
    return next((state for state, _n in counts if state == chosen), None)


def _downloads(content: Content, batch: Batch) -> None:
    stem = batch.name.rsplit(".", 1)[0] or "batch"
    code = language()

    def sheet(format: SheetFormat) -> bytes:  # made when it is asked for, outside the page
        with speaking(code):
            return content.batches.download(batch.id, format, words.sheet())

    st.download_button(
        _("Download Excel"),
        data=lambda: sheet("xlsx"),
        file_name=f"{stem}-texts.xlsx",
        mime=XLSX,
        key=f"_content.xlsx.{batch.id}",
        icon=":material/download:",
        on_click="ignore",
    )
    st.download_button(
        _("CSV"),
        data=lambda: sheet("csv"),
        file_name=f"{stem}-texts.csv",
        mime="text/csv",
        key=f"_content.csv.{batch.id}",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def _table(batch: Batch, rows: Sequence[BatchRow], *, key: str) -> BatchRow | None:
    """Draw the rows as a table; gives the one that was clicked."""
    frame = table(batch, rows)
    event = st.dataframe(
        frame,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=key,
        column_config={
            _("Row"): st.column_config.NumberColumn(width=ROW_PX),
            _("Result"): st.column_config.TextColumn(width=RESULT_PX),
            _("Text"): st.column_config.TextColumn(width="medium"),
        },
    )
    chosen = event.selection.rows
    return rows[chosen[0]] if chosen and chosen[0] < len(rows) else None


def table(batch: Batch, rows: Sequence[BatchRow]) -> pd.DataFrame:
    """The rows as a table: number, first column of the sheet, result, text, a mark for each check."""
    import pandas as pd

    names = words.checks()
    mapped = [column for _variable, column in batch.mapping.columns][:N_COLUMNS]
    seen: list[CheckName] = [name for name in names if any(_mark(row, name) for row in rows)]
    records = []
    for row in rows:
        record: dict[str, object] = {_("Row"): row.position + 1}
        record |= {column: row.cells.get(column, "") for column in mapped}
        record[_("Result")] = words.row_result(row)
        record[_("Text")] = " ".join(row.text.content.split()) if row.text else ""
        record[_("Did not pass")] = ", ".join(
            names[name] for name in seen if _mark(row, name) == "✗"
        )
        record |= {names[name]: _mark(row, name) for name in seen}
        records.append(record)
    return pd.DataFrame(records)


def _mark(row: BatchRow, name: CheckName) -> str:
    checks = row.text.checks if row.text is not None else ()
    return next((MARKS[check.status] for check in checks if check.name == name), "")


def _row(row: BatchRow, settings: ContentSettings) -> None:
    """Draw all of a row."""
    st.markdown("**" + _("Row {n}", n=row.position + 1) + "**")
    for column, cell in row.cells.items():
        shown = cell if len(cell) <= 500 else cell[:499] + "…"
        st.caption(notice.plain(f"{column}: {shown}"))
    if row.error is not None:
        notice.show(translate(row.error), "warning")
    if row.text is not None:
        content_card.show(row.text, settings.shape, key=f"row_{row.position}")
