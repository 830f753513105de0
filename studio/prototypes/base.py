"""The contract that every kind of prototype fulfils, and what a kind is given to work with.

A kind is a class registered under its name in `registry.py`. It is made for one stored prototype,
holds no state of its own beyond caches, and reads settings, documents and versions from the
workspace each time, so that two sessions never disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from studio.config import Settings
from studio.economics.prices import PriceBook
from studio.inference.catalogue import Catalogue
from studio.inference.protocol import ModelService
from studio.jobs.runner import JobRunner
from studio.ledger.store import Ledger
from studio.workspace.store import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolbox:
    """What prototypes work with: the shared service and the stores, handed down by the workbench."""

    settings: Settings
    workspace: Workspace
    models: ModelService
    catalogue: Catalogue
    ledger: Ledger
    jobs: JobRunner
    prices: Callable[[], PriceBook]
    clock: Callable[[], datetime]


class Prototype(Protocol):
    """One configured product of a kind."""

    kind: ClassVar[str]

    @property
    def id(self) -> str:
        """The id it is stored and addressed under."""
        ...

    @property
    def name(self) -> str:
        """The name its owner gave it."""
        ...

    @property
    def version(self) -> int:
        """The current version, from 1; every change of settings makes a new one."""
        ...


class PrototypeKind(Protocol):
    """How the workbench makes prototypes of a kind."""

    kind: ClassVar[str]

    def __call__(self, prototype_id: str, toolbox: Toolbox) -> Prototype:
        """The prototype of that id; raises NotFound."""
        ...

    def default_settings(self, language: str) -> Mapping[str, Any]:
        """Settings of a new prototype, as JSON."""
        ...
