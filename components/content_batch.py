"""Batch: a text for every row of a sheet. Chooses between a new batch and those there are.

Starting one is drawn by `content_batch_new`, one that was started by `content_batch_run`.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import content_batch_new, content_batch_run, content_limits, session
from components import content_words as words
from components import format as fmt
from components.i18n import _, ngettext
from studio.prototypes.content.batch import Batch
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import ContentSettings

NEW = ""  # stands for a batch that is still to be started


def show(content: Content, settings: ContentSettings) -> None:
    """Draw the batch that is looked at, or the way to a new one."""
    content_batch_run.undo(content)
    batches = content.batches.list()
    chosen = _choose(content, batches) if batches else NEW
    if chosen == NEW:
        content_limits.show(content)
        content_batch_new.show(content, settings)
    else:
        content_batch_run.show(content, settings, chosen)


def _choose(content: Content, batches: Sequence[Batch]) -> str:
    """Draw the list of batches; the newest is looked at first."""
    known = [batch.id for batch in batches]
    wanted = session.chosen_batch(content.id)
    if wanted is None or (wanted != NEW and wanted not in known):
        wanted = batches[0].id
    states = {batch.id: batch.state for batch in batches}
    # Another key for another state: a browser keeps what the chosen one was called at first.
    key = f"_content.batch.{content.id}.{states.get(wanted, 'new')}"
    session.fill_widget(key, wanted)
    names = {batch.id: _name(batch) for batch in batches}
    if wanted == NEW:
        names[NEW] = _("New batch")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            _("Batch"),
            list(names),
            format_func=names.__getitem__,
            key=key,
            on_change=_look_at,
            args=(content, key),
        )
        st.button(
            _("New batch"),
            key=f"_content.batch.{content.id}.begin",
            icon=":material/add:",
            disabled=wanted == NEW,
            on_click=session.set_chosen_batch,
            args=(content.id, NEW),
        )
    return wanted


def _name(batch: Batch) -> str:
    """What a batch is called in the list; of one at work, the state stands below and changes there."""
    rows = ngettext("{n} row", "{n} rows", batch.n_rows)
    parts = [batch.name, rows, fmt.when(batch.created_at)]
    if batch.state not in content_batch_run.ACTIVE:
        parts.insert(2, words.batch_states()[batch.state][0])
    return " · ".join(parts)


def _look_at(content: Content, key: str) -> None:
    session.set_chosen_batch(content.id, session.widget_value(key))
