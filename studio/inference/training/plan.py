"""What a training is to do and what it says while it goes on; values that are written as JSON.

Knows neither torch nor a prototype. The folder of a training:

    plan.json          a `TrainingPlan`
    train.jsonl        the pairs that are learnt from, one a line
    watched.jsonl      pairs not learnt that decide when to stop and which weights are best
    held_out.jsonl     pairs that decide nothing: what they lose before and after is the result
    curve.jsonl        one `CurvePoint` a line, as they come
    checkpoint-N/      where it can go on from after N updates
    best.safetensors   the weights with the lowest loss on what is watched so far
    result.json        a `TrainingResult`, once it is over
    model/             the whole model with the best weights: config, tokenizer, safetensors
    adapter/           of a LoRA: only what was learnt, as peft stores it
    model.gguf         of a LoRA on a GGUF: the whole model as 16-bit floats
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from studio.errors import DataError, InvalidInput
from studio.inference.hardware import Device
from studio.records import Notice

Method = Literal["contrastive", "lora"]
StoppedBy = Literal["end", "patience", "diverged"]

PLAN = "plan.json"
TRAIN, WATCHED, HELD_OUT = "train.jsonl", "watched.jsonl", "held_out.jsonl"
CURVE, BEST, RESULT, FAILURE = "curve.jsonl", "best.safetensors", "result.json", "failure.json"
MODEL, ADAPTER, GGUF = "model", "adapter", "model.gguf"

RANGES: dict[str, tuple[float, float]] = {
    "n_epochs": (1, 50),
    "batch_size": (1, 256),
    "learning_rate": (1e-7, 1e-1),
    "patience": (1, 50),
    "max_tokens": (16, 4096),
    "rank": (1, 256),
}
"""What each setting may be, both ends included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPair:
    """A query and a passage that answers it, or a prompt and its answer.

    `negatives` are passages that look right and are not (hard negatives); only contrastive tuning
    reads them. What is of the same `group` (a label) is never wrong for each other; empty for none.
    """

    prompt: str
    answer: str
    negatives: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """How a model is trained.

    Attributes:
        n_epochs: how often every pair is seen.
        batch_size: pairs per update; other pairs of a batch are the negatives of contrastive tuning.
        learning_rate: at its highest, after the warm-up; it then falls to 0 in a line.
        patience: epochs without a lower loss on what is watched after which training stops.
        max_tokens: where texts are cut.
        seed: decides order and dropout.
        rank: of the LoRA matrices; their scale is twice that.
    """

    n_epochs: int
    batch_size: int
    learning_rate: float
    patience: int = 2
    max_tokens: int = 256
    seed: int = 0
    rank: int = 8

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            InvalidInput: `fields` says what is wrong with which field.
        """
        fields = {
            name: Notice("Enter {low} to {high}.", low=f"{low:g}", high=f"{high:g}")
            for name, (low, high) in RANGES.items()
            if not low <= getattr(self, name) <= high
        }
        if fields:
            raise InvalidInput(
                "The model cannot be trained like this. Correct the marked fields.", fields=fields
            )


DEFAULTS: dict[Method, TrainingSettings] = {
    # The rate at which sentence-transformers trains unless told otherwise is 5e-5; with the few
    # hundred pairs a founder has, a batch of 16 gives enough updates and enough negatives.
    "contrastive": TrainingSettings(n_epochs=8, batch_size=16, learning_rate=5e-5),
    # LoRA wants about ten times the rate of full training (Hu et al., 2021, table 11).
    "lora": TrainingSettings(n_epochs=4, batch_size=4, learning_rate=2e-4),
}
"""What is taken where nothing is chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """One training, with all that its result depends on but for the pairs.

    `base_folder` has config, tokenizer and safetensors of the model that is trained; `base_gguf` is
    the GGUF the folder was made from, None where it came as it is.
    """

    method: Method
    base_folder: Path
    base_gguf: Path | None = None
    settings: TrainingSettings
    query_prefix: str = ""
    passage_prefix: str = ""
    device: Device = "cpu"
    n_threads: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """One look at a training.

    `part` "train" has the loss of one batch, "watched" the mean loss of the pairs watched, "smaller"
    says that memory ran out and the batch has `batch_size` pairs from now on. `step` counts updates,
    `done` is the share of all the training in [0, 1], `seconds` the time spent on it.
    """

    part: Literal["train", "watched", "smaller"]
    step: int
    done: float
    loss: float
    seconds: float
    batch_size: int
    is_best: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingResult:
    """How a training ended.

    `losses_before` and `losses_after` are the loss of each pair held out, in their order, by the base
    and by the best weights; `best_step` is 0 where no training made the loss on what is watched lower,
    and then there is no model. `seconds` is the time all processes spent on updates, looks and saving.
    """

    stopped_by: StoppedBy
    n_steps: int
    best_step: int
    batch_size: int
    losses_before: tuple[float, ...]
    losses_after: tuple[float, ...]
    seconds: float
    n_trained: int
    n_tokens: int


def write_plan(plan: TrainingPlan, folder: Path) -> None:
    """Put a plan into its folder."""
    write_json(folder / PLAN, _adapter(TrainingPlan).dump_python(plan, mode="json"))


def read_plan(folder: Path) -> TrainingPlan:
    """The plan in a folder. Raises DataError."""
    plan: TrainingPlan = _read(folder / PLAN, TrainingPlan)
    return plan


def read_result(folder: Path) -> TrainingResult:
    """How the training in a folder ended. Raises DataError where it has not."""
    result: TrainingResult = _read(folder / RESULT, TrainingResult)
    return result


def write_pairs(pairs: Iterable[TrainingPair], path: Path) -> None:
    """One pair a line."""
    lines = [json.dumps(asdict(pair), ensure_ascii=False) + "\n" for pair in pairs]
    path.write_text("".join(lines), encoding="utf-8")


def read_pairs(path: Path) -> tuple[TrainingPair, ...]:
    """The pairs of a file that `write_pairs` wrote. Raises DataError."""
    return tuple(_lines(path, TrainingPair))


def read_curve(folder: Path) -> tuple[CurvePoint, ...]:
    """What a training has said so far; () before it began. A line that is being written waits."""
    path = folder / CURVE
    return tuple(_lines(path, CurvePoint)) if path.is_file() else ()


def add_to_curve(point: CurvePoint, folder: Path) -> None:
    """Say one more thing of a training."""
    with (folder / CURVE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(point)) + "\n")


def write_json(path: Path, value: Any) -> None:  # Any: whatever JSON can say
    """Replace a file in one step."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _read(path: Path, kind: Any) -> Any:  # Any: a class, and a value of it
    from pydantic import ValidationError

    try:
        return _adapter(kind).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise DataError(
            "The file {name} of a training cannot be read. Start the training again.",
            name=path.name,
        ) from error


def _lines(path: Path, kind: Any) -> Sequence[Any]:
    from pydantic import ValidationError

    text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1].splitlines()
    try:
        return [_adapter(kind).validate_json(line) for line in whole]
    except ValidationError as error:
        raise DataError(
            "The file {name} of a training cannot be read. Start the training again.",
            name=path.name,
        ) from error


@cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)
