"""A batch that was started: how far it is, pause, stop and go on, what it took, and the way to its rows.

Looks again by itself only while the batch waits or runs.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import content_batch_price, content_batch_rows, notice, session, shell
from components import content_words as words
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.prototypes.content.batch import Batch
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import ContentSettings

LOOK_S = 1.0
ACTIVE = ("waiting", "running")


def show(content: Content, settings: ContentSettings, batch_id: str) -> None:
    """Draw the batch and its rows."""
    batch = content.batches.get(batch_id)
    if batch.state in ACTIVE:
        _watch(content, batch_id)
    else:
        _head(batch)
        _actions(content, batch)
        _took(batch)
    content_batch_rows.show(content, settings, batch)


def _watch(content: Content, batch_id: str) -> None:
    """Draw the batch anew while it is at work; the page runs again when that ends."""

    @st.fragment(run_every=LOOK_S)
    @shell.guarded()
    def panel() -> None:
        batch = content.batches.get(batch_id)
        if batch.state not in ACTIVE:
            st.rerun()
        _head(batch)
        _actions(content, batch)
        if batch.n_finished and st.button(
            _("Show the rows so far"), key=f"_content.look.{batch_id}", type="tertiary"
        ):
            st.rerun()

    panel()


def _head(batch: Batch) -> None:
    label, colour = words.batch_states()[batch.state]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{notice.plain(batch.name)}**", width="content")
        st.badge(label, color=colour)  # type: ignore[arg-type] # one of its colours
    st.progress(
        batch.n_finished / batch.n_rows if batch.n_rows else 0.0, text=notice.plain(figures(batch))
    )
    if batch.error is not None:
        notice.show(batch.error, "error")


def figures(batch: Batch) -> str:
    """How far a batch is in one line: rows, what failed, rate, remaining time."""
    parts = [
        _(
            "{done} of {total} rows",
            done=fmt.count(batch.n_finished),
            total=fmt.count(batch.n_rows),
        )
    ]
    if batch.n_rejected:
        parts.append(
            ngettext(
                "{n} did not pass its checks", "{n} did not pass their checks", batch.n_rejected
            )
        )
    if batch.n_failed:
        parts.append(ngettext("{n} without a text", "{n} without a text", batch.n_failed))
    if batch.tokens_per_s and batch.state in ACTIVE:
        parts.append(fmt.per_second(batch.tokens_per_s, _("tokens")))
    if batch.remaining_s is not None and batch.remaining_s >= 1:
        parts.append(_("about {time} left", time=fmt.duration(batch.remaining_s)))
    return " · ".join(parts)


def _actions(content: Content, batch: Batch) -> None:
    """Draw what can be done with the batch as it stands."""
    batches = content.batches
    n_bad = batch.n_failed + batch.n_rejected
    with st.container(horizontal=True):
        if batch.state in ACTIVE:
            _button(batch, "pause", _("Pause"), ":material/pause:", batches.pause)
        if batch.state in ("paused", "cancelled", "failed"):
            _button(batch, "resume", _("Go on"), ":material/play_arrow:", batches.resume)
        if batch.state in (*ACTIVE, "paused"):
            _button(batch, "cancel", _("Stop"), ":material/stop:", batches.cancel)
        elif n_bad:
            label = ngettext("Write {n} row again", "Write {n} rows again", n_bad)
            _button(batch, "retry", label, ":material/refresh:", batches.retry)
        if batch.state not in ACTIVE:
            _delete(content, batch)


def _delete(content: Content, batch: Batch) -> None:
    """Draw the way to delete a batch; as its texts cannot be brought back, it takes two clicks."""
    key = f"_content.delete.{batch.id}"
    with st.popover(_("Delete"), icon=":material/delete:", type="tertiary", key=key):
        n = batch.n_finished
        st.write(
            ngettext(
                "{n} row with its text goes for good.", "{n} rows with their texts go for good.", n
            )
        )
        st.button(
            _("Delete the batch"), key=f"{key}.yes", on_click=_remove, args=(content, batch.id)
        )


def _button(
    batch: Batch, name: str, label: str, icon: str, action: Callable[[str], object]
) -> None:
    st.button(
        label, key=f"_content.{name}.{batch.id}", icon=icon, on_click=_do, args=(action, batch.id)
    )


def _do(action: Callable[[str], object], batch_id: str) -> None:
    try:
        action(batch_id)
    except StudioError as error:
        session.flash(translate(error.notice))


def _remove(content: Content, batch_id: str) -> None:
    _do(content.batches.remove, batch_id)
    session.set_chosen_batch(content.id, None)


def _took(batch: Batch) -> None:
    """Draw what the batch took, beside what was expected."""
    if not batch.n_finished:
        return
    took = " · ".join(
        (
            fmt.duration(batch.seconds),
            _(
                "{tokens_in} tokens in, {tokens_out} out",
                tokens_in=fmt.count(batch.tokens_in),
                tokens_out=fmt.count(batch.tokens_out),
            ),
            _("cost unknown") if batch.cost is None else fmt.money(batch.cost, batch.currency),
        )
    )
    lines = [_("Took: {figures}", figures=took)]
    if batch.estimate is not None and batch.n_finished == batch.n_rows:
        lines.append(_("Expected: {figures}", figures=content_batch_price.said(batch.estimate)))
    lines.append(_("Written with version {n} of the settings.", n=batch.version))
    st.caption("  \n".join(notice.plain(line) for line in lines))
