"""A trained classifier: in memory to be asked, on disk as arrays with a manifest.

    <folder>/current.json                names the training that serves
    <folder>/<training>/manifest.json, arrays.npz

A training is written beside the one that serves and takes its place when it is complete. Nothing is
pickled. Knows no job and no request.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import DataError
from studio.prototypes.classifier.data import Example
from studio.prototypes.classifier.head import Head, Vectors
from studio.prototypes.classifier.settings import METHODS, MethodName
from studio.workspace.files import write_atomically

FORMAT = 1
_CURRENT = "current.json"
_MANIFEST = "manifest.json"
_ARRAYS = "arrays.npz"


@dataclass(frozen=True, kw_only=True)  # no slots: arrays are compared by nobody
class Trained:
    """A head with what explains it and what could be labelled next.

    Attributes:
        labels: by code.
        method: how the head decides.
        head: gives the confidences.
        examples: some of those that were learnt from, with `example_vectors` `(n, dim)` float32.
        pool: texts without a label, with `pool_vectors` `(n, dim)` float32.
        least_likeness: the likeness (cosine) to the nearest example below which a text is unlike all of
            them; -1 where too few examples tell.
        model: catalogue id of the model that read the texts.
        fingerprint: of all that decided what was learnt.
        n_examples: learnt from, in all.
        n_by_hand: how many of them a person labelled here.
        trained_at: aware UTC.
    """

    labels: tuple[str, ...]
    method: MethodName
    head: Head
    examples: tuple[Example, ...]
    example_vectors: Vectors
    pool: tuple[str, ...]
    pool_vectors: Vectors
    least_likeness: float
    model: str
    fingerprint: str
    n_examples: int
    n_by_hand: int
    trained_at: datetime


def save(trained: Trained, folder: Path) -> None:
    """Write a training and let it serve; the ones before are deleted.

    Raises:
        OSError: it cannot be written; the one before serves on.
    """
    name = uuid.uuid4().hex[:12]
    place = folder / name
    place.mkdir(parents=True)
    try:
        np.savez(
            place / _ARRAYS,
            weights=trained.head.weights,
            biases=trained.head.biases,
            # Half the size; likeness needs no more than three digits.
            example_vectors=trained.example_vectors.astype(np.float16),
            pool_vectors=trained.pool_vectors.astype(np.float16),
        )
        manifest = json.dumps(_manifest(trained), ensure_ascii=False)
        write_atomically(place / _MANIFEST, manifest.encode("utf-8"))
        write_atomically(folder / _CURRENT, json.dumps({"training": name}).encode("utf-8"))
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    for other in folder.iterdir():
        if other.is_dir() and other.name != name:
            shutil.rmtree(other, ignore_errors=True)


def load(folder: Path) -> Trained | None:
    """The training that serves; None where there is none.

    Raises:
        DataError: its files are damaged, or of a newer version: train again.
    """
    if not (folder / _CURRENT).is_file():
        return None
    try:
        place = folder / str(json.loads((folder / _CURRENT).read_bytes())["training"])
        manifest = _read_manifest(place / _MANIFEST)
        with np.load(place / _ARRAYS, allow_pickle=False) as arrays:
            return _trained(manifest, {key: arrays[key] for key in arrays.files})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            "The trained classifier cannot be read ({reason}). Train it again.", reason=str(error)
        ) from error


def _trained(manifest: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Trained:
    if manifest["method"] not in METHODS:
        raise ValueError(f"method {manifest['method']}")
    weights = arrays["weights"].astype(np.float32)
    if len(weights) != len(manifest["labels"]):
        raise ValueError("the weights are not those of the labels")
    return Trained(
        labels=tuple(manifest["labels"]),
        method=manifest["method"],
        head=Head(
            weights=weights,
            biases=arrays["biases"].astype(np.float32),
            temperature=float(manifest["temperature"]),
        ),
        examples=tuple(
            Example(text=text, label=label, is_by_hand=bool(is_by_hand))
            for text, label, is_by_hand in manifest["examples"]
        ),
        example_vectors=arrays["example_vectors"].astype(np.float32),
        pool=tuple(manifest["pool"]),
        pool_vectors=arrays["pool_vectors"].astype(np.float32),
        least_likeness=float(manifest["least_likeness"]),
        model=manifest["model"],
        fingerprint=manifest["fingerprint"],
        n_examples=int(manifest["n_examples"]),
        n_by_hand=int(manifest["n_by_hand"]),
        trained_at=datetime.fromisoformat(manifest["trained_at"]),
    )


def _read_manifest(path: Path) -> Mapping[str, Any]:  # Any: JSON
    manifest: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if manifest["format"] != FORMAT:
        raise ValueError(f"format {manifest['format']}")
    return manifest


def _manifest(trained: Trained) -> dict[str, Any]:  # Any: JSON
    return {
        "format": FORMAT,
        "labels": trained.labels,
        "method": trained.method,
        "temperature": trained.head.temperature,
        "examples": [[one.text, one.label, one.is_by_hand] for one in trained.examples],
        "pool": trained.pool,
        "least_likeness": trained.least_likeness,
        "model": trained.model,
        "fingerprint": trained.fingerprint,
        "n_examples": trained.n_examples,
        "n_by_hand": trained.n_by_hand,
        "trained_at": trained.trained_at.isoformat(),
    }
