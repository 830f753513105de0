"""The models that a prototype needs where it is going: their entries without secrets, their weights.

Built-in models are known to every studio; those that the user added travel as entries of the
catalogue. A path on this computer never does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from studio.errors import NotFound
from studio.export.kinds.contract import KindExport
from studio.inference.builtin_models import BUILTIN_MODELS
from studio.inference.catalogue import Catalogue
from studio.inference.model_spec import ModelSpec
from studio.prototypes.base import StoredPrototype

MODEL_SETTINGS = ("embedding_model", "generation_model", "rerank_model")
"""Settings that name a model; empty for the studio's own choice."""
FETCHED_MODELS = "state/models"
OWN_MODELS = "state/own-models"
"""Where weights lie in the folder of an export: those of a source, and those of the user's own."""
_BUILTIN = {spec.id for spec in BUILTIN_MODELS}


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededModels:
    """What a prototype needs.

    `all` are its models, `entries` those that the user had added, fit to travel. `settings` are the
    prototype's, with the studio's own choices written out where these are models that the user added.
    """

    all: tuple[ModelSpec, ...]
    entries: tuple[ModelSpec, ...]
    settings: Mapping[str, Any]


def needed_models(
    prototype: StoredPrototype[Any], export: KindExport, catalogue: Catalogue
) -> NeededModels:
    """What the prototype needs as it is set now; models that left the catalogue are left out."""
    used = {name: model for name, model in export.models(prototype).items() if model}
    specs = []
    for model_id in dict.fromkeys(used.values()):
        try:
            specs.append(catalogue.get(model_id))
        except NotFound:  # the index may outlive its model; words still answer
            continue
    settings = dict(prototype.record.settings)
    added = {spec.id for spec in specs if spec.id not in _BUILTIN}
    for name in MODEL_SETTINGS:
        if name in settings and not settings[name] and used.get(name, "") in added:
            settings[name] = used[name]
    return NeededModels(
        all=tuple(specs),
        entries=tuple(_fit_to_travel(spec) for spec in specs if spec.id in added),
        settings=settings,
    )


def weight_files(specs: Sequence[ModelSpec], models_dir: Path) -> tuple[tuple[Path, str], ...]:
    """The files of the models' weights with their names below the folder of an export.

    Those that come with a package of the requirements, and those that are not on this disk, are left
    out.
    """
    found = []
    for spec in specs:
        place = _place(spec, models_dir)
        if place is None or not place.exists():
            continue
        below = PurePosixPath(OWN_MODELS if is_own(spec) else FETCHED_MODELS) / spec.id
        if place.is_file():
            found.append((place, str(below / place.name)))
            continue
        for path in sorted(place.rglob("*")):
            if path.is_file():
                found.append((path, str(below / path.relative_to(place).as_posix())))
    return tuple(found)


def is_own(spec: ModelSpec) -> bool:
    """Whether its files lie where the user put them, and can be fetched from nowhere."""
    return spec.source in ("folder", "gguf")


def own_path(spec: ModelSpec) -> str:
    """Where the files of such a model belong, below `OWN_MODELS`."""
    return f"{spec.id}/{PurePosixPath(spec.location).name}" if spec.source == "gguf" else spec.id


def _fit_to_travel(spec: ModelSpec) -> ModelSpec:
    """The entry without a path, and not the default of whoever takes it."""
    name = Path(spec.location).name if spec.source == "gguf" else spec.id
    return replace(spec, location=name if is_own(spec) else spec.location, is_default=False)


def _place(spec: ModelSpec, models_dir: Path) -> Path | None:
    if is_own(spec):
        return Path(spec.location).expanduser()
    return models_dir / spec.id if spec.source in ("package", "hub") else None
