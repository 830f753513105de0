"""Where the models a user added are kept: a protocol, and a JSON file to do without a workspace."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from studio.errors import DataError
from studio.inference.model_spec import ModelSpec


class CatalogueStore(Protocol):
    """Keeps the entries that a user added, in order."""

    def load(self) -> tuple[ModelSpec, ...]:
        """The entries, oldest first; empty when nothing was ever saved.

        Raises:
            DataError: what was saved cannot be read.
        """
        ...

    def save(self, specs: Sequence[ModelSpec]) -> None:
        """Replace all entries, atomically."""
        ...


class JsonCatalogueStore:
    """The entries in one JSON file, readable and editable by hand.

    Args:
        path: the file; it and its folder are made on the first save.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> tuple[ModelSpec, ...]:
        """The entries, oldest first; empty when there is no file.

        Raises:
            DataError: the file is damaged. It is left as it is, so that nothing is lost.
        """
        from pydantic import TypeAdapter, ValidationError

        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return ()
        try:
            return TypeAdapter(tuple[ModelSpec, ...]).validate_json(text)
        except ValidationError as error:
            raise DataError(
                "The list of added models in {path} cannot be read ({detail}). Correct the file, "
                "or move it away to start with the built-in models.",
                path=self._path,
                detail=error.errors()[0]["msg"],
            ) from error

    def save(self, specs: Sequence[ModelSpec]) -> None:
        """Replace the file in one step; a crash leaves the old or the new one, whole."""
        from pydantic import TypeAdapter

        text = TypeAdapter(tuple[ModelSpec, ...]).dump_json(tuple(specs), indent=2)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_name(self._path.name + ".partial")
        with partial.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._path)
