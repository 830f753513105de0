"""Which models there are: the built-in ones and those the user added.

Knows what the user may add and which model is the default of a task; knows neither weights nor
engines. Where added entries are kept is the store's business.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from studio.errors import InvalidInput, NotFound
from studio.inference.builtin_models import BUILTIN_MODELS
from studio.inference.catalogue_store import CatalogueStore, JsonCatalogueStore
from studio.inference.model_spec import ModelSpec, Source, Weights
from studio.inference.spec_checks import problems
from studio.records import Task

__all__ = [
    "Catalogue",
    "CatalogueStore",
    "JsonCatalogueStore",
    "ModelSpec",
    "Source",
    "Weights",
]


class Catalogue:
    """All models by id. Every method may be called by any thread.

    `get` answers from memory, as it is asked on every request; it looks into the store again for an
    id that it does not know. `list` and `default` always read the store.

    Args:
        store: keeps what the user adds.
        builtins: entries that are always there; those of the studio by default.

    Raises:
        DataError: what the store holds cannot be read.
    """

    def __init__(
        self, store: CatalogueStore, builtins: Sequence[ModelSpec] = BUILTIN_MODELS
    ) -> None:
        self._store = store
        self._builtins = tuple(builtins)
        self._lock = threading.Lock()
        self._by_id: dict[str, ModelSpec] = {}
        self._added()

    def get(self, model_id: str) -> ModelSpec:
        """The model of that id.

        Raises:
            NotFound: there is none; the message lists what exists.
        """
        spec = self._by_id.get(model_id)
        if spec is None:
            self._added()
            spec = self._by_id.get(model_id)
        if spec is None:
            raise NotFound(
                "There is no model called {id}. Choose one of these, or add it to the catalogue: "
                "{known}.",
                id=model_id,
                known=", ".join(sorted(self._by_id)),
            )
        return spec

    def list(self, task: Task | None = None) -> tuple[ModelSpec, ...]:
        """The models of a task, or all: built-in ones first, then added ones, oldest first."""
        specs = (*self._builtins, *self._added())
        return tuple(spec for spec in specs if task is None or spec.task is task)

    def default(self, task: Task) -> ModelSpec:
        """The model that is used when the user has chosen none.

        An added model marked as default goes before a built-in one, the newest first.

        Raises:
            NotFound: no model of that task is marked as default.
        """
        for spec in (*reversed(self._added()), *self._builtins):
            if spec.task is task and spec.is_default:
                return spec
        raise NotFound(
            "No model for {task} is set as the default. Choose one in the catalogue.", task=task
        )

    def defaults(self) -> tuple[ModelSpec, ...]:
        """The default of every task that has one, in the order of the tasks; see `default`."""
        candidates = (*reversed(self._added()), *self._builtins)
        found = (
            next((spec for spec in candidates if spec.task is task and spec.is_default), None)
            for task in Task
        )
        return tuple(spec for spec in found if spec is not None)

    def add(self, spec: ModelSpec) -> None:
        """Add a model and keep it.

        Raises:
            InvalidInput: `fields` says what is wrong with which field.
        """
        fields = problems(spec)
        with self._lock:
            added = self._read()
            if any(spec.id == other.id for other in (*self._builtins, *added)):
                fields["id"] = "A model with this id is already there. Choose another id."
            if fields:
                raise InvalidInput(
                    "{name} cannot be added to the catalogue. Correct the marked fields.",
                    name=spec.name or spec.id or spec.location,
                    fields=fields,
                )
            self._save((*added, spec))

    def change(self, spec: ModelSpec) -> None:
        """Keep an added model's entry as it is given, in the place of the one of its id.

        Raises:
            InvalidInput: it comes with the studio, or `fields` says what is wrong with which field.
            NotFound: there is none of that id.
        """
        self._check_added(spec.id)
        fields = problems(spec)
        if fields:
            raise InvalidInput(
                "{name} cannot be changed like this. Correct the marked fields.",
                name=spec.name or spec.id,
                fields=fields,
            )
        with self._lock:
            self._save(tuple(spec if spec.id == old.id else old for old in self._read()))

    def remove(self, model_id: str) -> None:
        """Forget an added model; its weights stay on disk (see `Provisioner.remove`).

        Raises:
            InvalidInput: it is a built-in model.
            NotFound: there is none of that id.
        """
        self._check_added(model_id)
        with self._lock:
            self._save(tuple(spec for spec in self._read() if spec.id != model_id))

    def _check_added(self, model_id: str) -> None:
        """Raises InvalidInput for a built-in model, NotFound for none."""
        if any(model_id == spec.id for spec in self._builtins):
            raise InvalidInput(
                "{id} comes with the studio and stays in the catalogue as it is. Its files can be "
                "deleted to free space.",
                id=model_id,
            )
        self.get(model_id)

    def _added(self) -> tuple[ModelSpec, ...]:
        with self._lock:
            return self._read()

    def _read(self) -> tuple[ModelSpec, ...]:
        added = self._store.load()
        self._by_id = {spec.id: spec for spec in (*added, *self._builtins)}
        return added

    def _save(self, added: tuple[ModelSpec, ...]) -> None:
        self._store.save(added)
        self._by_id = {spec.id: spec for spec in (*added, *self._builtins)}
