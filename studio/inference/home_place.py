"""Where an added model lies, told such that the studio's folder may move: below it by a mark.

A model that was tuned, compressed or imported lies in the studio's folder. Its entry is kept with a mark
in place of that folder, and read with the folder as it is now. Entries of before, with the whole path,
are found by their end. Knows no store.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.inference.model_spec import ModelSpec

MARK = "$STUDIO_HOME/"
"""What stands for the studio's folder in a kept entry."""
OWN_FOLDERS = ("tuned", "own-models")
"""Folders below the studio's own in which models lie."""
_LOCAL = ("folder", "gguf")


def kept_for(spec: ModelSpec, home: Path) -> ModelSpec:
    """The entry as it is kept: with the mark where its files lie below the studio's folder."""
    if spec.source not in _LOCAL or spec.location.startswith(MARK):
        return spec
    place = Path(spec.location).expanduser().absolute()
    if not place.is_relative_to(home.absolute()):
        return spec
    return replace(spec, location=MARK + place.relative_to(home.absolute()).as_posix())


def found_at(spec: ModelSpec, home: Path) -> ModelSpec:
    """The entry with the place of its files in the studio's folder as it is now.

    An entry with a whole path that is not there (any more) is looked for by the end of that path, from
    a folder of the studio's own on; where it is not found it stays as it is, and is said to be missing.
    """
    if spec.source not in _LOCAL:
        return spec
    if spec.location.startswith(MARK):
        return replace(spec, location=str(home / spec.location.removeprefix(MARK)))
    place = Path(spec.location).expanduser()
    if place.exists():
        return spec
    for at, part in enumerate(place.parts):
        if part in OWN_FOLDERS:
            moved = home.joinpath(*place.parts[at:])
            if moved.exists():
                return replace(spec, location=str(moved))
    return spec
