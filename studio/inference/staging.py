"""Fetched weights made into a finished folder: checked, converted, with a manifest.

Works in a staging folder that nobody reads; the caller moves it into place. Knows no network.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from studio.errors import ModelUnavailable
from studio.inference import conversion, manifest
from studio.inference.checksums import require_sha256, sha256_of
from studio.inference.disk import RESERVE_BYTES, storage_full
from studio.inference.fetching import Fetched, Watch
from studio.inference.local_weights import folder_problem, is_universal_sentence
from studio.inference.manifest import Manifest
from studio.inference.model_spec import ModelSpec
from studio.records import Notice

ORIGINAL = "original.gguf"
F16 = "f16.gguf"
WEIGHTS = "weights"
TRANSFORMERS = "transformers"

FreeBytes = Callable[[Path], int]


def require_room(name: str, folder: Path, needed: int, free_bytes: FreeBytes) -> None:
    """Do nothing if a disk has room for `needed` bytes, and a reserve for everything else.

    Raises:
        StorageFull: it has not.
    """
    free = free_bytes(folder)
    if free < needed + RESERVE_BYTES:
        raise storage_full(name, folder, needed + RESERVE_BYTES, free)


def stage_gguf(
    spec: ModelSpec, fetched: Fetched, staging: Path, watch: Watch, free_bytes: FreeBytes
) -> dict[str, str]:
    """Put a GGUF file and its 16-bit version into `staging`; SHA-256 by path.

    A fetched file is moved; a file of the user's (source "gguf") is read where it lies and not
    copied. A file that is 16-bit already is its own version, unless it is the user's.

    Raises:
        ModelUnavailable: it is no GGUF, or compressed in a way that cannot be undone.
        WeightsDiffer: it is not the pinned file.
        StorageFull: the 16-bit version does not fit.
    """
    size = fetched.path.stat().st_size
    watch.begin(Notice("Checking {name}", name=spec.name), size, "bytes")
    checksum = fetched.sha256.get(fetched.path.name) or sha256_of(fetched.path, watch.advance)
    require_sha256(spec.name, spec.sha256, checksum)
    reader = conversion.open_gguf(fetched.path)
    is_ours, is_f16 = spec.source != "gguf", conversion.is_f16(reader)
    if not (is_ours and is_f16):
        require_room(spec.name, staging, conversion.f16_bytes(reader), free_bytes)
        conversion.write_f16(reader, staging / F16, spec.name, watch)
    del reader  # some systems do not let a file be moved while it is mapped
    if not is_ours:
        return {}
    kept = F16 if is_f16 else ORIGINAL
    fetched.path.replace(staging / kept)
    return {kept: checksum}


def stage_folder(spec: ModelSpec, fetched: Fetched, staging: Path, watch: Watch) -> dict[str, str]:
    """Move a folder of weights into `staging`; SHA-256 by path, of the files it is known of.

    The pinned checksum of a package is that of another file and does not apply here.

    Raises:
        ModelUnavailable: the folder cannot be loaded as a model.
        WeightsDiffer: the weights are not the pinned ones.
    """
    if not is_universal_sentence(fetched.path) and (problem := folder_problem(fetched.path)):
        raise ModelUnavailable(
            "{name} cannot be used as it was fetched. {problem}", name=spec.name, problem=problem
        )
    if spec.sha256 and spec.source != "package":
        file = fetched.path / "model.safetensors"
        if not file.is_file():
            raise ModelUnavailable(
                "{name} cannot be checked: its weights are not in one file called "
                "model.safetensors. Remove the checksum from its entry.",
                name=spec.name,
            )
        found = fetched.sha256.get(file.name) or sha256_of(file, watch.advance)
        require_sha256(spec.name, spec.sha256, found)
    fetched.path.replace(staging / WEIGHTS)
    return {f"{WEIGHTS}/{path}": checksum for path, checksum in fetched.sha256.items()}


def write_manifest(
    spec: ModelSpec,
    folder: Path,
    *,
    origin: str,
    revision: str,
    checksums: dict[str, str],
    now: datetime,
) -> None:
    """Write down what lies in a finished folder; the last thing that is written to it."""
    note = Manifest(
        model=spec.id,
        source=spec.source,
        location=spec.location,
        requested_revision=spec.revision,
        sha256=spec.sha256,
        origin=origin,
        revision=revision,
        stored_at=now.isoformat(timespec="seconds"),
        files=manifest.list_files(folder, checksums),
    )
    manifest.write(note, folder)
