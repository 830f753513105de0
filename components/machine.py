"""The machine at a glance: processor, memory, graphics card, and what loaded models hold.

Reads the machine once per process; draws and keeps nothing.
"""

from __future__ import annotations

import streamlit as st

from components import cache
from components import format as fmt
from components.i18n import _, ngettext


def show() -> None:
    """Draw the machine and the memory that models hold now."""
    machine = cache.machine()
    bench = cache.workbench()
    held = sum(status.memory_bytes for status in bench.models.status())
    limit = bench.settings.model_memory_bytes
    if machine.gpu:
        device = machine.gpu
        memory = f" · {fmt.size(machine.gpu_memory_bytes)}" if machine.gpu_memory_bytes else ""
    else:
        device, memory = _("None: models run on the processor"), ""
    with st.container(horizontal=True, gap="medium"):
        _fact(
            _("Processor"),
            ngettext("{n} core", "{n} cores", machine.n_cores),
            machine.cpu,
        )
        _fact(_("Memory"), fmt.size(machine.memory_bytes), _bytes(machine.memory_bytes))
        _fact(_("Graphics card (GPU)"), device + memory, "")
        _fact(
            _("Held by models"),
            _("{used} of {allowed}", used=fmt.size(held), allowed=fmt.size(limit)),
            _bytes(held),
        )


def _bytes(n_bytes: int) -> str:
    return _("{n} bytes", n=fmt.count(n_bytes))


def _fact(label: str, value: str, exact: str) -> None:
    with st.container(width="content", gap=None):
        st.caption(label)
        st.markdown(value, help=exact or None)
