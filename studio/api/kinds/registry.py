"""The endpoints of all kinds, in the order of their addresses."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from studio.api import kinds
from studio.api.kinds.endpoint import KindEndpoint


@cache
def endpoints() -> tuple[KindEndpoint, ...]:
    """What the modules of this folder call `ENDPOINT`."""
    modules = (
        importlib.import_module(f"{kinds.__name__}.{found.name}")
        for found in pkgutil.iter_modules(kinds.__path__)
    )
    found = (getattr(module, "ENDPOINT", None) for module in modules)
    return tuple(
        sorted((one for one in found if isinstance(one, KindEndpoint)), key=lambda one: one.action)
    )


def endpoints_of(kind: str) -> tuple[KindEndpoint, ...]:
    """All endpoints of a kind, the main one first; () for one that cannot be called."""
    of_kind = (one for one in endpoints() if one.kind.kind == kind)
    return tuple(sorted(of_kind, key=lambda one: not one.is_main))


def endpoint_of(kind: str) -> KindEndpoint | None:
    """The main endpoint of a kind; None for one that cannot be called."""
    return next((one for one in endpoints() if one.kind.kind == kind and one.is_main), None)
