"""What the model service does this very moment: looks again by itself, every two seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from components import cache, notice, shell
from components import format as fmt
from components import model_labels as labels
from components.i18n import _, ngettext, translate
from studio.inference.hardware import resident_bytes
from studio.inference.model_status import ModelStatus
from studio.workspace.store import utc_now

LOOK_S = 2.0
LATELY = timedelta(minutes=1)


@st.fragment(run_every=LOOK_S)
@shell.guarded()
def show() -> None:
    """Draw what waits, what is written, what memory is taken and what failed in the last minute."""
    bench = cache.workbench()
    loaded = [one for one in bench.models.status() if one.state == "loaded"]
    calls = bench.ledger.frame(since=utc_now() - LATELY)
    n_failed = int(calls["error"].notna().sum())
    settings = bench.settings
    with st.container(horizontal=True, gap="medium"):
        _fact(
            _("Without an answer"),
            ngettext("{n} request", "{n} requests", sum(one.n_waiting for one in loaded)),
            _(
                "Each model takes up to {n} waiting requests, then says that it is busy.",
                n=settings.max_queue,
            ),
        )
        _fact(
            _("Last minute"),
            ngettext("{n} model call", "{n} model calls", len(calls)),
            "",
        )
        _fact(
            _("Failed in it"),
            fmt.count(n_failed),
            _("Refused and given up ones count, too."),
        )
        _fact(
            _("Memory of the studio"),
            fmt.size(resident_bytes()),
            _(
                "Of the whole process. Models may hold {allowed} of it.",
                allowed=fmt.size(settings.model_memory_bytes),
            ),
        )
        use = bench.models.cache_use
        if use is not None:
            known = fmt.share(use.n_found / use.n_asked) if use.n_asked else "–"
            _fact(
                _("Passages known"),
                known,
                _(
                    "Of {n} passages that jobs embedded since the start, so many were embedded before"
                    " and came from the disk.",
                    n=fmt.count(use.n_asked),
                ),
            )
    _models(loaded)
    if bench.ledger.problem is not None:
        st.warning(translate(bench.ledger.problem), icon=":material/warning:")


def _models(loaded: Sequence[ModelStatus]) -> None:
    if not loaded:
        st.caption(
            _("No model is loaded. One is loaded with the first question, or on the page Models.")
        )
        return
    st.table(
        {
            _("Model"): [one.name for one in loaded],
            _("For"): [labels.task(one.task) for one in loaded],
            _("Waiting"): [fmt.count(one.n_waiting) for one in loaded],
            _("Speed, last minute"): [_speed(one) for one in loaded],
            _("At once"): [_places(one) for one in loaded],
            _("Memory"): [_memory(one) for one in loaded],
            _("Runs on"): [_runs_on(one) for one in loaded],
        }
    )
    for one in loaded:
        if one.remark is not None:
            remark = translate(one.remark)
            st.caption(notice.plain(_("{name}: {remark}", name=one.name, remark=remark)))


def _speed(one: ModelStatus) -> str:
    if one.tokens_per_s is not None:
        return fmt.per_second(one.tokens_per_s, _("tokens"))
    return fmt.per_second(one.texts_per_s or 0.0, _("texts"))


def _places(one: ModelStatus) -> str:
    info = one.info
    if info is None or one.tokens_per_s is None:
        return "–"
    if not info.n_reserved:
        return fmt.count(info.max_concurrent)
    return _("{n} + {reserved} for people", n=info.max_concurrent, reserved=info.n_reserved)


def _memory(one: ModelStatus) -> str:
    info = one.info
    held = fmt.size(one.memory_bytes)
    if info is None or not info.cache_bytes:
        return held
    return _("{held}, up to {cache} more for texts", held=held, cache=fmt.size(info.cache_bytes))


def _runs_on(one: ModelStatus) -> str:
    info = one.info
    return (
        "–"
        if info is None
        else " · ".join(filter(None, (info.engine, info.device, info.precision)))
    )


def _fact(label: str, value: str, exact: str) -> None:
    with st.container(width="content", gap=None):
        st.caption(label)
        st.markdown(f"**{value}**", help=exact or None)
