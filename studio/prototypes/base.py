"""What every kind of prototype is, and what a kind is given to work with.

A kind is a class registered under its name in `registry.py`. It is made for one stored prototype,
holds no state of its own beyond caches, and reads settings, documents and versions from the
workspace each time, so that two sessions never disagree.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

from studio.acting import Acting
from studio.config import Settings
from studio.economics.prices import PriceBook
from studio.inference.catalogue import Catalogue
from studio.inference.protocol import ModelService
from studio.jobs.runner import JobContext, JobRunner
from studio.ledger.store import Ledger
from studio.prototypes.prototype_settings import PrototypeSettings
from studio.records import CallContext, Notice, Surface
from studio.workspace.records import PrototypeRecord, VersionRecord
from studio.workspace.store import Workspace

S = TypeVar("S", bound=PrototypeSettings)

JobHandler = Callable[[Any, JobContext], object]
"""Does a kind's long work for a prototype of it, from the start or from where an earlier run left it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolbox:
    """What prototypes work with: the shared service and the stores, handed down by the workbench."""

    settings: Settings
    workspace: Workspace
    models: ModelService
    catalogue: Catalogue
    ledger: Ledger
    jobs: JobRunner
    acting: Acting
    prices: Callable[[], PriceBook]
    clock: Callable[[], datetime]


class StoredPrototype(Generic[S]):
    """One configured product of a kind. Every method may be called by any thread.

    Args:
        prototype_id: of a stored prototype of this kind.
        toolbox: what it works with.

    Raises:
        NotFound: there is no prototype of that id.
    """

    kind: ClassVar[str]
    settings_type: ClassVar[type[Any]]  # S; a class variable cannot name it
    derived_by: ClassVar[tuple[str, ...]] = ()
    """Settings by which it derives an index or a training, of which all versions share one."""
    resumable: ClassVar[Mapping[str, JobHandler]] = {}
    """Kinds of jobs, keyed by the prototype's id, that go on when their process ended."""

    def __init__(self, prototype_id: str, toolbox: Toolbox) -> None:
        self._tools = toolbox
        self._id = toolbox.workspace.prototypes.get(prototype_id).id
        self._pinned: VersionRecord | None = None
        self._account = ""
        self._request = ""

    def served(
        self, *, version: int | None = None, account: str = "", request_id: str = ""
    ) -> Self:
        """The same prototype as others meet it: at one version, on somebody's account.

        It shares data, index and caches with this one, all as they are now; what is set later changes
        only this one.

        Args:
            version: whose settings count; those of now by default, and then later changes do, too.
            account: written into the record of every call, see `CallContext`.
            request_id: for a view that serves one request only: the id that joins its calls.

        Raises:
            NotFound: there is no such version.
        """
        view = copy(self)
        view._account, view._request = account, request_id
        if version is not None:
            view._pinned = self._tools.workspace.prototypes.version(self._id, version)
        return view

    def tried_with(self, settings: S, version: int) -> Self:
        """The same prototype under other settings, to be measured; nothing of it is stored.

        Args:
            settings: that count instead of those of the version.
            version: what the records of its calls say.
        """
        view = copy(self)
        view._pinned = VersionRecord(
            prototype_id=self._id,
            version=version,
            settings=settings.to_json(),
            note="",
            created_at=self._tools.clock(),
        )
        return view

    @classmethod
    def default_settings(cls, language: str) -> Mapping[str, Any]:
        """Settings of a new prototype in that language, as JSON."""
        settings: PrototypeSettings = cls.settings_type(language="zh" if language == "zh" else "en")
        return settings.to_json()

    @property
    def record(self) -> PrototypeRecord:
        """The stored prototype as it is now, or as it was at the version that is served."""
        record = self._tools.workspace.prototypes.get(self._id)
        if self._pinned is None:
            return record
        return replace(record, version=self._pinned.version, settings=self._pinned.settings)

    @property
    def id(self) -> str:
        """The id it is stored under."""
        return self._id

    @property
    def slug(self) -> str:
        """Its readable address."""
        return self.record.slug

    @property
    def name(self) -> str:
        """The name its owner gave it."""
        return self.record.name

    @property
    def version(self) -> int:
        """The version its settings have now, from 1; every change of settings makes a new one."""
        return self.record.version

    @property
    def settings(self) -> S:
        """Its settings as they are now."""
        settings: S = self.settings_type.from_json(self.record.settings)
        return settings

    def rename(self, name: str) -> None:
        """Give it another name; its address stays.

        Raises:
            InvalidInput: the name is empty or too long.
        """
        self._tools.workspace.prototypes.rename(self._id, name)

    def configure(self, settings: S, note: str = "") -> None:
        """Change its settings; a new version when they differ."""
        self._tools.workspace.prototypes.update_settings(self._id, settings.to_json(), note)

    def _new_request_id(self, prefix: str = "") -> str:
        """The id of the request that this view serves, or a new one that begins with the prefix."""
        return self._request or f"{prefix}{uuid.uuid4().hex}"

    def _call_context(
        self, request_id: str, surface: Surface, version: int | None = None
    ) -> CallContext:
        """What the record of a call says of whom it was for; `version` spares a look at the store."""
        return CallContext(
            request_id=request_id,
            prototype_id=self._id,
            version=self.version if version is None else version,
            surface=surface,
            account=self._account,
        )

    def check_tried(self, settings: S) -> None:
        """Look whether `tried_with` these settings answers as they say; by default it does.

        Raises:
            InvalidInput: what it has derived from its data is of other settings, or not there yet.
        """

    def derived_otherwise(self, version: int, other: int | None = None) -> Notice | None:
        """In which setting a version wants another index or training than a second one.

        There is one at a time, that of the settings of now, whichever version is served.

        Args:
            version: of this prototype.
            other: the second one; the settings of now by default.

        Returns:
            What the first such setting is called; None where one index or training serves both.

        Raises:
            NotFound: there is no such version.
        """
        first = self.served(version=version).settings
        second = self.settings if other is None else self.served(version=other).settings
        differing = (
            name for name in self.derived_by if getattr(first, name) != getattr(second, name)
        )
        name = next(differing, None)
        return None if name is None else first.labels[name]

    def data_fingerprint(self) -> str:
        """Of the data that decides its answers beside its settings; empty for none."""
        return ""

    def derived_folders(self) -> Mapping[str, Path]:
        """Where what it derives from its data lies, by name; it can be made again."""
        return {"index": self._tools.settings.indexes_dir / self._id}

    def take_sample(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Store the sample company's files for this kind (name, content) and get ready to use them."""

    def refresh(self) -> None:
        """Bring up to date in the background what it derives from its data, after a copy or a pause."""
