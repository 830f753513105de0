"""What a training leaves on the disk: one complete set of files serves, whenever the process ends.

    <folder>/current.json                names the training that serves
    <folder>/<training>/manifest.json    what it is, beside its arrays
    <folder>/<name>.json                 `Results`

A training is written beside the one that serves and takes its place when it is complete. Nothing is
pickled. Knows no kind of prototype.
"""

from __future__ import annotations

import json
import logging
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from studio.workspace.files import write_atomically

logger = logging.getLogger(__name__)

_CURRENT = "current.json"
_MANIFEST = "manifest.json"

T = TypeVar("T")


@contextmanager
def new_training(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Path]:  # Any: JSON
    """An empty place for the arrays of a training, which serves when the block ends without an error.

    The trainings before are deleted then; after an error the one before serves on.

    Args:
        folder: of all trainings of a prototype.
        manifest: what the training is; `format` counts up when its files change their meaning.

    Raises:
        OSError: it cannot be written.
    """
    name = uuid.uuid4().hex[:12]
    place = folder / name
    place.mkdir(parents=True)
    try:
        yield place
        text = json.dumps(manifest, ensure_ascii=False)
        write_atomically(place / _MANIFEST, text.encode("utf-8"))
        write_atomically(folder / _CURRENT, json.dumps({"training": name}).encode("utf-8"))
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    for other in folder.iterdir():
        if other.is_dir() and other.name != name:
            shutil.rmtree(other, ignore_errors=True)


def serving_training(folder: Path, wanted_format: int) -> tuple[Path, Mapping[str, Any]] | None:
    """The place of the training that serves and its manifest; None where there is none.

    Raises:
        OSError, ValueError, KeyError, TypeError: its files are damaged, or of another format.
    """
    if not (folder / _CURRENT).is_file():
        return None
    place = folder / str(json.loads((folder / _CURRENT).read_bytes())["training"])
    manifest: Mapping[str, Any] = json.loads((place / _MANIFEST).read_text(encoding="utf-8"))
    if manifest["format"] != wanted_format:
        raise ValueError(f"format {manifest['format']}")
    return place, manifest


class Results:
    """Files of what came out of long work, by their names. Every method may be called by any thread.

    Args:
        folder: where they are; made with the first.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[int, object]] = {}

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self._folder / name, content)
        self._read.pop(name, None)  # two writes may share a time

    def remove(self, name: str) -> None:
        """Delete a file, if it is there."""
        (self._folder / name).unlink(missing_ok=True)

    def read(self, name: str, reader: Callable[[bytes], T]) -> T | None:
        """A file as `reader` takes it; None where there is none, or it is damaged.

        Read once, and again when it has changed.

        Args:
            name: of the file; always read by the same reader.
            reader: raises ValueError where the content is none of its own.
        """
        path = self._folder / name
        try:
            changed_at = path.stat().st_mtime_ns
            kept = self._read.get(name)
            if kept is None or kept[0] != changed_at:
                kept = self._read[name] = (changed_at, reader(path.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            logger.warning("%s cannot be read: %s", path, error)
            return None
        return kept[1]  # type: ignore[return-value] # what this reader gave
