"""The studio's folder of models: where each lies, whether it is whole, who may work on it.

Also finds weights that lie elsewhere on this computer: in an installed package, in a folder or file
that the user named. Reads; fetches and converts nothing.
"""

from __future__ import annotations

import importlib.util
from contextlib import AbstractContextManager
from pathlib import Path

from studio.errors import InvalidInput
from studio.inference import manifest
from studio.inference.fetching import Watch
from studio.inference.local_weights import folder_bytes, folder_fingerprint, folder_problem
from studio.inference.locking import model_lock
from studio.inference.model_spec import ModelSpec, Weights
from studio.inference.spec_checks import MODEL_ID
from studio.inference.staging import F16, ORIGINAL, TRANSFORMERS, WEIGHTS


class ModelStore:
    """Where weights lie.

    Args:
        folder: the studio's folder of models; need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, spec: ModelSpec) -> Path:
        """The folder of a model's finished files.

        Raises:
            InvalidInput: the id cannot name a folder.
        """
        if not MODEL_ID.fullmatch(spec.id):
            raise InvalidInput("{id} cannot be the id of a model.", id=repr(spec.id))
        return self.folder / spec.id

    def work(self, spec: ModelSpec) -> Path:
        """The folder of a model's unfinished files; touched under its lock only."""
        return self.folder / ".work" / self.place(spec).name

    def lock(self, spec: ModelSpec, watch: Watch) -> AbstractContextManager[None]:
        """The model's lock, to be entered; see `model_lock`."""
        name = f"{self.place(spec).name}.lock"
        return model_lock(self.folder / ".locks" / name, spec.name, watch)

    def present(self, spec: ModelSpec) -> Weights | None:
        """The model's weights if they can be used as they are; None if work is needed first.

        Checks names and sizes, not contents.
        """
        match spec.source:
            case "remote" | "fake":
                name = spec.revision or spec.location
                return Weights(folder=None, gguf_f16=None, revision=name, size_bytes=0)
            case "folder":
                folder = None if folder_problem(local_path(spec)) else local_path(spec)
            case "bundled":
                folder = _bundled_folder(spec)
            case _:
                folder = None
        if folder is not None:
            revision = spec.sha256[:12] or folder_fingerprint(folder)
            return Weights(
                folder=folder, gguf_f16=None, revision=revision, size_bytes=folder_bytes(folder)
            )
        return self.stored(spec)

    def stored(self, spec: ModelSpec) -> Weights | None:
        """The same for weights in the studio's own folder only."""
        place = self.place(spec)
        note = manifest.read(place) if is_stored(spec, place) else None
        if note is None:
            return None
        if spec.source == "gguf" and local_path(spec).exists() and note.origin != gguf_origin(spec):
            return None
        folder = None
        if (place / WEIGHTS).is_dir():
            folder = place / WEIGHTS
        elif is_stored(spec, place / TRANSFORMERS):
            folder = place / TRANSFORMERS
        gguf = place / F16
        original = local_path(spec) if spec.source == "gguf" else place / ORIGINAL
        return Weights(
            folder=folder,
            gguf_f16=gguf if gguf.is_file() else None,
            revision=note.revision,
            size_bytes=folder_bytes(place),
            gguf_original=original if original.is_file() else None,
        )


def local_path(spec: ModelSpec) -> Path:
    """Where the user said that the model's folder or file is."""
    return Path(spec.location).expanduser()


def is_stored(spec: ModelSpec, folder: Path) -> bool:
    """Whether a folder holds, whole, what was fetched or made for this very entry."""
    note = manifest.read(folder)
    return note is not None and note.belongs_to(spec) and note.is_whole(folder)


def _bundled_folder(spec: ModelSpec) -> Path | None:
    """The model's folder in an installed package, found without running the package's code."""
    package, _, below = spec.location.partition("/")
    found = importlib.util.find_spec(package)
    for place in (found.submodule_search_locations or ()) if found else ():
        if not folder_problem(Path(place) / below):
            return Path(place) / below
    return None


def gguf_origin(spec: ModelSpec) -> str:
    """Names the user's GGUF file such that it differs once the file was replaced."""
    status = local_path(spec).stat()
    return f"{local_path(spec)}, {status.st_size} bytes, modified {status.st_mtime_ns}"
