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
    """Draw the way to delete a batch; the list of batches then offers to undo it."""
    st.button(
        _("Delete"),
        key=f"_content.delete.{batch.id}",
        icon=":material/delete:",
        type="tertiary",
        on_click=_remove,
        args=(content, batch),
    )


def _button(
    batch: Batch, name: str, label: str, icon: str, action: Callable[[str], object]
) -> None:
    st.button(
        label, key=f"_content.{name}.{batch.id}", icon=icon, on_click=_do, args=(action, batch.id)
    )


def _do(action: Callable[[str], object], batch_id: str) -> None:
    _is_done(action, batch_id)


def _is_done(action: Callable[[str], object], batch_id: str) -> bool:
    """Do something with a batch; False, said at the next run, where it could not be done."""
    try:
        action(batch_id)
    except StudioError as error:
        session.flash(translate(error.notice))
        return False
    return True


def _remove(content: Content, batch: Batch) -> None:
    if _is_done(content.batches.delete, batch.id):
        session.set_chosen_batch(content.id, None)
        session.keep_value(_deleted(content), (batch.id, batch.name))


def undo(content: Content) -> None:
    """Draw the way back for the batch that was deleted last, if any was."""
    found: tuple[str, str] | None = session.kept_value(_deleted(content))
    if found is None:
        return
    batch_id, name = found
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(_("{name} was deleted.", name=f"**{notice.plain(name)}**"), width="content")
        st.button(
            _("Undo"),
            key=f"_content.undelete.{content.id}",
            on_click=_restore,
            args=(content, batch_id),
        )


def _restore(content: Content, batch_id: str) -> None:
    if _is_done(content.batches.restore, batch_id):
        session.set_chosen_batch(content.id, batch_id)
    session.keep_value(_deleted(content), None)


def _deleted(content: Content) -> str:
    return f"content.deleted_batch.{content.id}"


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
