"""The trained ways of one recommender: in memory to be asked, on disk as arrays with a manifest.

Each way has its arrays, the items' vectors are beside them (see `training_folder`). Knows no job and no
request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import DataError
from studio.prototypes.recommendation.goals import METHODS, MethodName
from studio.prototypes.recommendation.methods.contract import UNKNOWN, Recommender
from studio.prototypes.recommendation.methods.hybrid import Hybrid
from studio.prototypes.recommendation.methods.registry import ALONE
from studio.prototypes.training_folder import new_training, serving_training

FORMAT = 1
_VECTORS = "vectors.npy"


@dataclass(frozen=True, kw_only=True)  # no slots: codes are computed once and kept
class Trained:
    """Fitted ways with the codes that they speak.

    Attributes:
        methods: by name.
        item_ids: item ids by code.
        user_ids: user ids by code, of the users who were learnt from.
        vectors: `(n_items, dim)` float32 of what the items are about; None where no model read them.
        model: catalogue id of that model, "" for none.
        parameters: those that differ from the defaults, (method, parameter, value).
        fingerprint: of the data and of what events count; "" while a first training is not complete.
        n_events: learnt from.
        trained_at: aware UTC.
    """

    methods: Mapping[MethodName, Recommender]
    item_ids: tuple[str, ...]
    user_ids: tuple[str, ...]
    vectors: NDArray[np.float32] | None
    model: str
    parameters: tuple[tuple[str, str, float], ...]
    fingerprint: str
    n_events: int
    trained_at: datetime
    _user_codes: dict[str, int] = field(init=False, repr=False, compare=False)
    _item_codes: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the ids."""
        object.__setattr__(self, "_user_codes", {u: code for code, u in enumerate(self.user_ids)})
        object.__setattr__(self, "_item_codes", {i: code for code, i in enumerate(self.item_ids)})

    def user(self, user_id: str) -> int:
        """The code of a user; `UNKNOWN` for somebody who was not there at the training."""
        return self._user_codes.get(user_id, UNKNOWN)

    def item(self, item_id: str) -> int | None:
        """The code of an item; None for one that was not there at the training."""
        return self._item_codes.get(item_id)


def save(trained: Trained, folder: Path) -> None:
    """Write a training and let it serve; the ones before are deleted.

    Raises:
        OSError: it cannot be written; the one before serves on.
    """
    with new_training(folder, _manifest(trained)) as place:
        for method, recommender in trained.methods.items():
            np.savez(place / f"{method}.npz", **recommender.arrays())  # type: ignore[arg-type]
        if trained.vectors is not None:
            np.save(place / _VECTORS, trained.vectors, allow_pickle=False)


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
        return Trained(
            methods=_methods(manifest, place),
            item_ids=tuple(manifest["item_ids"]),
            user_ids=tuple(manifest["user_ids"]),
            vectors=np.load(place / _VECTORS, allow_pickle=False)
            if (place / _VECTORS).is_file()
            else None,
            model=manifest["model"],
            parameters=tuple((m, p, float(v)) for m, p, v in manifest["parameters"]),
            fingerprint=manifest["fingerprint"],
            n_events=int(manifest["n_events"]),
            trained_at=datetime.fromisoformat(manifest["trained_at"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            "The trained recommender cannot be read ({reason}). Train it again.", reason=str(error)
        ) from error


def _manifest(trained: Trained) -> dict[str, Any]:  # Any: JSON
    hybrid = trained.methods.get("hybrid")
    return {
        "format": FORMAT,
        "methods": list(trained.methods),
        "values": {name: dict(method.values) for name, method in trained.methods.items()},
        "hybrid_parts": [part.name for part in hybrid.parts] if isinstance(hybrid, Hybrid) else [],
        "item_ids": trained.item_ids,
        "user_ids": trained.user_ids,
        "model": trained.model,
        "parameters": trained.parameters,
        "fingerprint": trained.fingerprint,
        "n_events": trained.n_events,
        "trained_at": trained.trained_at.isoformat(),
    }


def _methods(manifest: Mapping[str, Any], place: Path) -> dict[MethodName, Recommender]:
    methods: dict[MethodName, Recommender] = {}
    for name in METHODS:  # the hybrid comes last, and takes its parts from before
        if name not in manifest["methods"]:
            continue
        if name == "hybrid":
            method: Recommender = Hybrid([methods[part] for part in manifest["hybrid_parts"]])
        else:
            method = ALONE[name](manifest["values"][name])
        with np.load(place / f"{name}.npz", allow_pickle=False) as arrays:
            method.restore({key: arrays[key] for key in arrays.files})
        methods[name] = method
    return methods
