"""What all kinds over documents share: a stored prototype with settings, versions, files, an index.

A kind adds what it does with them. Knows no kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

from studio.jobs.runner import Job, JobContext
from studio.prototypes.base import Toolbox
from studio.prototypes.knowledge import IndexState, Knowledge
from studio.prototypes.model_choice import automatic_embedding_model
from studio.records import Document, Task
from studio.workspace.records import DocumentRecord, PrototypeRecord


class KindSettings(Protocol):
    """Settings of a kind over documents."""

    @property
    def language(self) -> str:
        """ISO 639-1 code of the language it speaks."""
        ...

    @property
    def embedding_model(self) -> str:
        """Catalogue id of the model that searches; empty for one that reads the language."""
        ...

    def to_json(self) -> dict[str, Any]:
        """The settings as plain JSON values."""
        ...

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Settings from stored values."""
        ...


S = TypeVar("S", bound=KindSettings)


class DocumentedPrototype(Generic[S]):
    """One prototype over documents. Every method may be called by any thread.

    Args:
        prototype_id: of a stored prototype of this kind.
        toolbox: what it works with.

    Raises:
        NotFound: there is no prototype of that id.
    """

    kind: ClassVar[str]
    settings_type: ClassVar[type[Any]]  # S; a class variable cannot name it

    def __init__(self, prototype_id: str, toolbox: Toolbox) -> None:
        self._tools = toolbox
        self._id = toolbox.workspace.prototypes.get(prototype_id).id
        self._knowledge = Knowledge(
            self._id, toolbox, lambda: self.embedding_model, lambda: self._stopgap
        )

    # What it is

    @property
    def record(self) -> PrototypeRecord:
        """The stored prototype as it is now."""
        return self._tools.workspace.prototypes.get(self._id)

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
        """The version its settings have now, from 1."""
        return self.record.version

    @property
    def settings(self) -> S:
        """Its settings as they are now."""
        settings: S = self.settings_type.from_json(self.record.settings)
        return settings

    @property
    def embedding_model(self) -> str:
        """Catalogue id of the model that searches: the chosen one, or one for its language."""
        settings, tools = self.settings, self._tools
        if settings.embedding_model:
            return settings.embedding_model
        return automatic_embedding_model(tools.catalogue, tools.settings, settings.language).id

    @property
    def _stopgap(self) -> str:
        """The model that indexes while the one for the language cannot be had; empty for none."""
        chosen = self.settings.embedding_model
        return "" if chosen else self._tools.catalogue.default(Task.EMBEDDING).id

    def rename(self, name: str) -> None:
        """Give it another name; its address stays."""
        self._tools.workspace.prototypes.rename(self._id, name)

    def configure(self, settings: S, note: str = "") -> None:
        """Change its settings; a new version when they differ."""
        self._tools.workspace.prototypes.update_settings(self._id, settings.to_json(), note)

    # Its documents

    def add_file(
        self, name: str, content: bytes, password: str | None = None
    ) -> tuple[DocumentRecord, ...]:
        """Read and keep a file, or the files in a zip or an e-mail; a record for each.

        A bad file does not raise: its record says why it was refused.
        """
        return self._knowledge.add_file(name, content, password)

    def documents(self) -> tuple[DocumentRecord, ...]:
        """Its files, in the order they were added."""
        return self._knowledge.documents()

    def document(self, document_id: str) -> Document:
        """A file's text, page by page."""
        return self._knowledge.document(document_id)

    def remove_document(self, document_id: str) -> None:
        """Take a file away; it is found until the index is built again."""
        self._knowledge.remove_document(document_id)

    def update_index(self) -> Job[None]:
        """Build the index in the background; the same job while it runs."""
        return self._knowledge.update_index()

    def build_index(self, context: JobContext) -> None:
        """Build the index within a job that runs; what `update_index` does in the background."""
        self._knowledge.build_index(context)

    def index_state(self) -> IndexState:
        """How the index stands to the documents."""
        return self._knowledge.state()
