"""Who did what when, with filters and as a file. It shows no text that anybody wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import streamlit as st

from components import activity_words as words
from components import cache, notice, session
from components.i18n import _, ngettext
from studio.csv_file import csv_text
from studio.workspace.activity import ActivityRecord

N_SHOWN = 1000


def show(since: datetime) -> None:
    """Draw the entries since an aware time, or say that there are none."""
    log = cache.workbench().workspace.activity
    everything = log.list(since=since, limit=N_SHOWN)
    if not everything:
        notice.show(_("Nothing was done in this time. What people make and change appears here."))
        return
    entries = _filtered(everything)
    if not entries:
        notice.show(_("Nothing fits these filters."))
        return
    st.dataframe(
        {
            _("When"): [entry.at for entry in entries],
            _("Who"): [words.actor(entry.actor) for entry in entries],
            _("What"): [words.action(entry.action) for entry in entries],
            _("Of what"): [words.subject(entry.subject) for entry in entries],
            _("Times"): [entry.n_times for entry in entries],
        },
        hide_index=True,
        column_config={
            _("When"): st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            _("Times"): st.column_config.NumberColumn(
                width="small", help=_("The same within ten minutes is one entry.")
            ),
        },
        key="activity_entries",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            _("Download the list (CSV)"),
            as_csv(entries),
            file_name="activity.csv",
            mime="text/csv",
            key="_activity.csv",
            on_click="ignore",
        )
        st.caption(ngettext("{n} entry", "{n} entries", len(entries)))


def _filtered(entries: Sequence[ActivityRecord]) -> list[ActivityRecord]:
    actors = sorted({entry.actor for entry in entries})
    actions = sorted({entry.action for entry in entries}, key=words.action)
    with st.container(horizontal=True):
        actor = _choice(_("Who"), _("Everybody"), "_activity.actor", actors, words.actor)
        action = _choice(_("What"), _("Everything"), "_activity.action", actions, words.action)
    return [
        entry
        for entry in entries
        if actor in (None, entry.actor) and action in (None, entry.action)
    ]


def _choice(
    label: str, everything: str, key: str, options: Sequence[str], text: Callable[[str], str]
) -> str | None:
    if session.widget_value(key) not in options:
        session.forget(key)
    chosen: str | None = st.selectbox(
        label,
        options,
        index=None,
        format_func=text,
        placeholder=everything,
        key=key,
        width=165,
    )
    return chosen


def as_csv(entries: Sequence[ActivityRecord]) -> bytes:
    """The entries as a file that Excel opens right, names that look like formulas made harmless."""
    head = ("time_utc", "actor", "action", "subject_kind", "subject", "times")
    rows = (
        (
            entry.at.isoformat(timespec="seconds"),
            entry.actor,
            entry.action,
            entry.subject.kind,
            entry.subject.name,
            entry.n_times,
        )
        for entry in entries
    )
    return csv_text((head, *rows)).encode()
