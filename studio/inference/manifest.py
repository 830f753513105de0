"""The note beside fetched weights: what they are, where they came from, and which files belong.

Written last: a folder with a manifest is whole. Knows no network and no format of weights.
"""

from __future__ import annotations

import functools
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.inference.checksums import sha256_of
from studio.inference.model_spec import ModelSpec

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FILE_NAME = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file of a model: its path below the folder (with /), size, and SHA-256 (empty in old notes)."""

    path: str
    size_bytes: int
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What lies in a model's folder.

    The first five repeat the catalogue entry the weights were fetched for: when the entry changes
    they no longer match and the weights are fetched anew. `origin` says who delivered, `revision`
    what exactly, `stored_at` when (ISO 8601, UTC).
    """

    model: str
    source: str
    location: str
    requested_revision: str
    sha256: str
    origin: str
    revision: str
    stored_at: str
    files: tuple[StoredFile, ...]
    format: int = FORMAT

    def belongs_to(self, spec: ModelSpec) -> bool:
        """Whether the weights were fetched for this very entry."""
        wanted = (spec.id, spec.source, spec.location, spec.revision, spec.sha256)
        found = (self.model, self.source, self.location, self.requested_revision, self.sha256)
        return self.format == FORMAT and wanted == found

    def is_whole(self, folder: Path) -> bool:
        """Whether every file is there in its size. `Provisioner` looks at contents."""
        try:
            return all((folder / f.path).stat().st_size == f.size_bytes for f in self.files)
        except OSError:
            return False

    @property
    def size_bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.size_bytes for file in self.files)


def write(manifest: Manifest, folder: Path) -> None:
    """Store a manifest in its folder."""
    text = json.dumps(asdict(manifest), indent=2, ensure_ascii=False)
    (folder / FILE_NAME).write_text(text + "\n", encoding="utf-8")


def read(folder: Path) -> Manifest | None:
    """The manifest of a folder; None if there is none or it cannot be read (then: fetch anew)."""
    from pydantic import ValidationError

    try:
        return _adapter().validate_json((folder / FILE_NAME).read_bytes())
    except (OSError, ValidationError):
        return None


@functools.cache  # building it takes longer than reading a hundred manifests
def _adapter() -> TypeAdapter[Manifest]:
    from pydantic import TypeAdapter

    return TypeAdapter(Manifest)


def list_files(folder: Path, checksums: dict[str, str]) -> tuple[StoredFile, ...]:
    """All files below a folder, by path.

    Args:
        folder: what is listed; a manifest in it is left out.
        checksums: SHA-256 by path, of the files it is known of; that of the others is computed.
    """
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != FILE_NAME)
    names = [path.relative_to(folder).as_posix() for path in paths]
    return tuple(
        StoredFile(
            path=name, size_bytes=path.stat().st_size, sha256=checksums.get(name) or sha256_of(path)
        )
        for name, path in zip(names, paths, strict=True)
    )
