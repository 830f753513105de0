"""The catalogue as cards: what each model is, how it stands, and load, unload, remove.

Loading runs beside the page; the cards look again while something loads or works, else they rest.
"""

from __future__ import annotations

import streamlit as st

from components import (
    cache,
    model_endpoint,
    model_files,
    model_trial,
    notice,
    progress,
    session,
    shell,
    who,
)
from components import format as fmt
from components import model_labels as labels
from components.i18n import _, say, translate
from studio.acting import Role
from studio.inference.catalogue import ModelSpec
from studio.inference.model_status import ModelStatus
from studio.inference.service_models import is_served
from studio.records import REMOTE_DEVICE, Notice, Task

POLL_S = 1.0
PART = "_models.part"
"""Key of the widget that chooses the part of the page."""


def show(task: Task | None) -> None:
    """Draw the models of a task, or all: loaded and loading ones first."""
    _service_note()

    @st.fragment(run_every=POLL_S if _is_busy() else None)
    @shell.guarded()
    def cards() -> None:
        for spec, status in _in_order(task):
            _card(spec, status)

    cards()


def _service_note() -> None:
    """Say which models run at the model service of `STUDIO_SERVICE_URL`."""
    bench = cache.workbench()
    served = [spec for spec in bench.catalogue.list() if is_served(spec, bench.settings)]
    if served:
        st.info(
            _(
                "These run at the model service {url} and take no memory here: {names}. The variable"
                " STUDIO_SERVICE_URL says so.",
                url=notice.plain(served[0].base_url),
                names=_(", ").join(notice.plain(spec.name) for spec in served),
            )
        )


def _is_busy() -> bool:
    """Whether something may change by itself: a model loads or works, or the server just started."""
    bench = cache.workbench()
    if not cache.first_paint().is_set() or any(map(progress.is_active, bench.jobs.jobs())):
        return True
    return any(
        status.state == "loading" or status.n_waiting or status.tokens_per_s or status.texts_per_s
        for status in bench.models.status()
    )


def _in_order(task: Task | None) -> list[tuple[ModelSpec, ModelStatus]]:
    bench = cache.workbench()
    statuses = {status.id: status for status in bench.models.status()}
    rows = [(spec, statuses[spec.id]) for spec in bench.catalogue.list(task) if spec.id in statuses]
    return sorted(rows, key=lambda row: row[1].state not in ("loaded", "loading"))


def state_of(spec: ModelSpec, status: ModelStatus) -> str:
    """The state to show; the service calls "absent" what it has not touched yet."""
    if status.state != "absent":
        return status.state
    if spec.source in ("remote", "fake"):
        return "elsewhere"
    return "on_disk" if cache.workbench().provisioner.is_ready(spec) else "absent"


def _card(spec: ModelSpec, status: ModelStatus) -> None:
    state, n_bytes = state_of(spec, status), model_files.size(spec)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            is_connected = spec.source == "remote" and state == "loaded"
            label, color = labels.state_badge("connected" if is_connected else state)
            default = f" :gray-badge[{_('Default')}]" if spec.is_default else ""
            st.markdown(
                f"**{notice.plain(spec.name)}** :{color}-badge[{label}]{default}", width="stretch"
            )
            with st.container(horizontal=True, width="content"):
                _buttons(spec, state, n_bytes)
        st.caption(notice.plain(labels.facts(spec)), help=say(spec.notes) or None)
        if n_bytes:
            st.caption(_("Takes {size} of this computer's disk", size=fmt.size(n_bytes)))
        if status.state == "loading" and status.progress is not None:
            progress.show(status.progress)
        if status.error is not None:
            notice.show(status.error, "error")
        if status.info is not None:
            st.caption(_running(status))
        if status.remark is not None:
            st.caption(translate(status.remark))
        if spec.source == "remote":
            model_endpoint.show(spec)


def _buttons(spec: ModelSpec, state: str, n_bytes: int) -> None:
    key = f"_models.{spec.id}."
    may_change = who.may(Role.EDITOR)  # everybody works with what is loaded
    if state == "loading":
        if may_change:
            st.button(_("Cancel"), key=key + "stop", on_click=_unload, args=(spec.id,))
    elif state == "loaded":
        if may_change:
            st.button(_("Unload"), key=key + "unload", on_click=_unload, args=(spec.id,))
        if st.button(_("Try"), key=key + "try", on_click=_show_trial, args=(spec.id,)):
            st.rerun()  # the whole page, for another part of it
    elif may_change:
        label = _("Connect") if spec.source == "remote" else _("Load")
        if st.button(_("Try again") if state == "failed" else label, key=key + "load"):
            start_loading(spec)
            st.rerun()  # the whole page: the cards begin to look again by themselves
    if state != "loading":
        if spec.source == "remote":
            model_endpoint.test_button(spec)
        model_files.delete_button(spec, n_bytes)
        model_files.remove_button(spec, n_bytes)


def _running(status: ModelStatus) -> str:
    info = status.info
    if info is None:
        return ""
    device = "" if info.device.startswith(REMOTE_DEVICE) else f" · {fmt.size(status.memory_bytes)}"
    parts = [f"{info.engine} · {info.device} · {info.precision}{device}"]
    if status.tokens_per_s:
        parts.append(_mean(status.tokens_per_s, _("tokens")))
    elif status.texts_per_s:
        parts.append(_mean(status.texts_per_s, _("texts")))
    else:
        parts.append(_("idle for a minute"))
    if status.n_waiting:
        parts.append(_("{n} waiting", n=status.n_waiting))
    return " · ".join(parts)


def _mean(rate: float, unit: str) -> str:
    return _("{rate} as the mean of the last minute", rate=fmt.per_second(rate, unit))


def start_loading(spec: ModelSpec) -> None:
    """Load a model beside the page; nothing when it is loading or loaded already."""
    bench = cache.workbench()
    bench.acting.require(Role.EDITOR)
    bench.jobs.start(
        "load-model",
        Notice("Loading {name}", name=spec.name),
        lambda context: bench.models.load(spec.id, context.relay),
        key=spec.id,
    )


def _show_trial(model_id: str) -> None:
    session.set_widget_value(PART, "try")
    session.set_widget_value(model_trial.MODEL, model_id)


def _unload(model_id: str) -> None:
    bench = cache.workbench()
    bench.acting.require(Role.EDITOR)
    bench.models.unload(model_id)
