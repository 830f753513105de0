"""A trained classifier: in memory to be asked, on disk as arrays with a manifest (`training_folder`).

Knows no job and no request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import DataError
from studio.prototypes.classifier.data import Example
from studio.prototypes.classifier.head import Head, Vectors
from studio.prototypes.classifier.settings import METHODS, MethodName
from studio.prototypes.classifier.words import CountedWords
from studio.prototypes.training_folder import new_training, serving_training

FORMAT = 1
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
        cleaning: what was mended in the texts, and is in those that are classified.
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
    cleaning: tuple[str, ...]
    fingerprint: str
    n_examples: int
    n_by_hand: int
    trained_at: datetime

    @cached_property
    def pool_confidences(self) -> NDArray[np.float64]:
        """`(n_pool, n_labels)` of the texts without a label; computed once, as every page asks."""
        return self.head.confidences(self.pool, self.pool_vectors)

    @property
    def n_bytes(self) -> int:
        """Memory that its vectors take while it answers."""
        return self.example_vectors.nbytes + self.pool_vectors.nbytes + self.head.n_bytes

    @property
    def n_bytes_learning(self) -> int:
        """Memory that the vectors of all its texts took while it learnt."""
        return (self.n_examples + len(self.pool)) * int(self.head.weights.shape[1]) * 4


def save(trained: Trained, folder: Path) -> None:
    """Write a training and let it serve; the ones before are deleted.

    Raises:
        OSError: it cannot be written; the one before serves on.
    """
    with new_training(folder, _manifest(trained)) as place:
        head = trained.head
        words = {}
        if head.words is not None and head.word_weights is not None:
            words = {"rarities": head.words.rarities, "word_weights": head.word_weights}
        np.savez(
            place / _ARRAYS,
            **words,  # type: ignore[arg-type] # not the one named allow_pickle
            weights=head.weights,
            biases=head.biases,
            # Half the size; likeness needs no more than three digits.
            example_vectors=trained.example_vectors.astype(np.float16),
            pool_vectors=trained.pool_vectors.astype(np.float16),
        )


def load(folder: Path) -> Trained | None:
    """The training that serves; None where there is none.

    Raises:
        DataError: its files are damaged, or of a newer version: train again.
    """
    try:
        found = serving_training(folder, FORMAT)
        if found is None:
            return None
        place, manifest = found
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
    terms = tuple(manifest.get("terms", ()))  # none before words were counted
    if terms and arrays["word_weights"].shape != (len(weights), len(terms)):
        raise ValueError("the weights are not those of the words")
    return Trained(
        labels=tuple(manifest["labels"]),
        method=manifest["method"],
        head=Head(
            weights=weights,
            biases=arrays["biases"].astype(np.float32),
            temperature=float(manifest["temperature"]),
            words=CountedWords(terms=terms, rarities=arrays["rarities"]) if terms else None,
            word_weights=arrays["word_weights"] if terms else None,
        ),
        examples=tuple(
            Example(text=text, label=label, is_by_hand=bool(is_by_hand), is_made=any(is_made))
            for text, label, is_by_hand, *is_made in manifest["examples"]
        ),
        example_vectors=arrays["example_vectors"].astype(np.float32),
        pool=tuple(manifest["pool"]),
        pool_vectors=arrays["pool_vectors"].astype(np.float32),
        least_likeness=float(manifest["least_likeness"]),
        model=manifest["model"],
        cleaning=tuple(manifest.get("cleaning", ())),
        fingerprint=manifest["fingerprint"],
        n_examples=int(manifest["n_examples"]),
        n_by_hand=int(manifest["n_by_hand"]),
        trained_at=datetime.fromisoformat(manifest["trained_at"]),
    )


def _manifest(trained: Trained) -> dict[str, Any]:  # Any: JSON
    return {
        "format": FORMAT,
        "labels": trained.labels,
        "method": trained.method,
        "temperature": trained.head.temperature,
        "terms": trained.head.words.terms if trained.head.words else (),
        "examples": [
            [one.text, one.label, one.is_by_hand, one.is_made] for one in trained.examples
        ],
        "pool": trained.pool,
        "least_likeness": trained.least_likeness,
        "model": trained.model,
        "cleaning": trained.cleaning,
        "fingerprint": trained.fingerprint,
        "n_examples": trained.n_examples,
        "n_by_hand": trained.n_by_hand,
        "trained_at": trained.trained_at.isoformat(),
    }
