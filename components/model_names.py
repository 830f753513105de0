"""The models to choose from for a task, each by a name that says whether it must be fetched first.

Draws nothing.
"""

from __future__ import annotations

from components import cache
from components.i18n import _
from studio.records import Task


def of(task: Task) -> dict[str, str]:
    """Catalogue id -> name of every model for a task, in the catalogue's order."""
    bench = cache.workbench()
    ready = {spec.id for spec in bench.ready_models(task)}
    return {
        spec.id: spec.name
        if spec.id in ready
        else _("{name} (not on this computer)", name=spec.name)
        for spec in bench.catalogue.list(task)
    }
