"""Where a training can go on from, bit for bit: weights, optimizer, random numbers and place.

Tensors are safetensors and everything else is JSON: nothing is pickled, so that opening a checkpoint
runs no code. A checkpoint is complete once its `state.json` is there, which is written last.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.inference.training.plan import CurvePoint, write_json

PREFIX = "checkpoint-"
_WEIGHTS, _OPTIMIZER, _RANDOM, _STATE = (
    "weights.safetensors",
    "optimizer.safetensors",
    "random.safetensors",
    "state.json",
)


@dataclass(slots=True, kw_only=True)
class TrainingState:
    """How far a training is.

    `waiting` are the pairs of this epoch not learnt yet, in order. `n_without_gain` counts the looks
    since the lowest loss on what is watched, `best_loss`, which `best_step` updates gave.
    """

    step: int = 0
    epoch: int = 0
    waiting: list[int]
    batch_size: int
    best_loss: float
    best_step: int = 0
    n_without_gain: int = 0
    seconds: float = 0.0
    n_tokens: int = 0
    losses_before: list[float]
    curve: list[CurvePoint]


def save_checkpoint(
    folder: Path, state: TrainingState, weights: Mapping[str, Any], optimizer: Any, device: str
) -> None:
    """Write a checkpoint and drop the earlier ones.

    Args:
        folder: of the training.
        state: how far it is.
        weights: the tensors that are trained, by name.
        optimizer: its AdamW over these, in their order.
        device: what it runs on; the random numbers of an accelerator are kept, too.

    Raises:
        OSError: the disk is full; the earlier checkpoint stays.
    """
    from safetensors.torch import save_file

    target = folder / f"{PREFIX}{state.step:07d}"
    if (target / _STATE).is_file():
        return
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    save_file({name: plain(tensor) for name, tensor in weights.items()}, target / _WEIGHTS)
    save_file(_optimizer_tensors(optimizer, list(weights)), target / _OPTIMIZER)
    save_file(_random_state(device), target / _RANDOM)
    write_json(target / _STATE, asdict(state))
    for other in folder.glob(f"{PREFIX}*"):
        if other != target:
            shutil.rmtree(other, ignore_errors=True)


def load_checkpoint(
    folder: Path, weights: Mapping[str, Any], optimizer: Any, device: str
) -> TrainingState | None:
    """Put everything back as it was at the last whole checkpoint; None where there is none."""
    import torch
    from safetensors.torch import load_file

    whole = sorted(path for path in folder.glob(f"{PREFIX}*") if (path / _STATE).is_file())
    if not whole:
        return None
    source = whole[-1]
    with torch.no_grad():
        for name, tensor in load_file(source / _WEIGHTS).items():
            weights[name].copy_(tensor)
    _restore_optimizer(optimizer, list(weights), load_file(source / _OPTIMIZER))
    random = load_file(source / _RANDOM)
    torch.set_rng_state(random["cpu"])
    if device == "cuda" and "cuda" in random:
        torch.cuda.set_rng_state(random["cuda"])
    values = json.loads((source / _STATE).read_text(encoding="utf-8"))
    values["curve"] = [CurvePoint(**point) for point in values["curve"]]
    return TrainingState(**values)


def drop_checkpoints(folder: Path) -> None:
    """Delete what only an unfinished training needs."""
    for path in folder.glob(f"{PREFIX}*"):
        shutil.rmtree(path, ignore_errors=True)


def plain(tensor: Any) -> Any:
    """A tensor as it can be written: on the CPU, in one piece, owning its memory."""
    return tensor.detach().cpu().contiguous().clone()


def _optimizer_tensors(optimizer: Any, names: list[str]) -> dict[str, Any]:
    state = optimizer.state_dict()["state"]
    return {
        f"{names[number]}|{key}": plain(value)
        for number, values in state.items()
        for key, value in values.items()
    }


def _restore_optimizer(optimizer: Any, names: list[str], tensors: Mapping[str, Any]) -> None:
    numbers = {name: number for number, name in enumerate(names)}
    state: dict[int, dict[str, Any]] = {}
    for key, tensor in tensors.items():
        name, _, part = key.rpartition("|")
        state.setdefault(numbers[name], {})[part] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _random_state(device: str) -> dict[str, Any]:
    import torch

    state = {"cpu": torch.get_rng_state()}
    if device == "cuda":
        state["cuda"] = torch.cuda.get_rng_state()
    return state
