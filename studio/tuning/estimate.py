"""How long a training will take and what it will cost, before it begins.

Counts the arithmetic: 6 operations per weight and token where all weights learn, 4 where only LoRA
matrices do, 2 for a look (Kaplan et al., 2020, "Scaling Laws for Neural Language Models", section
2.1). How fast this machine does it is taken from an earlier run of the same model, else from a short
product of matrices. Knows no model library.
"""

from __future__ import annotations

import json
import math
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

import numpy as np

from studio.inference.training.plan import Method, TrainingSettings
from studio.tuning.examples import Example

_PER_WEIGHT: dict[Method, float] = {"contrastive": 6.0, "lora": 4.0}
_LOOK = 2.0
START_S = 12.0
"""Loading the libraries and the model, and writing the result; about that on two cores."""
_REACHED = 0.35  # share of the speed of a large product that training small models reaches
_GUESS_IS_OFF_BY = 2.5
_MEASURED_IS_OFF_BY = 1.3
_TOKENS_OF_ITEM = 120.0  # a passage whose text is not known yet
_SIZE = 768


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Seconds and US dollars a training will take, from `low` to `high`, and what that rests on."""

    low_s: float
    high_s: float
    low_usd: Decimal
    high_usd: Decimal
    n_steps: int
    basis: Literal["earlier run", "guess"]


def work_of(
    train: Sequence[Example],
    held_out: Sequence[Example],
    method: Method,
    settings: TrainingSettings,
    n_weights: int,
) -> float:
    """Floating-point operations of a whole training without early stopping."""
    learnt = sum(_tokens(one, settings.max_tokens) for one in train) * settings.n_epochs
    looked = sum(_tokens(one, settings.max_tokens) for one in held_out) * (settings.n_epochs + 2)
    return n_weights * (_PER_WEIGHT[method] * learnt + _LOOK * looked)


def estimate_training(
    work: float,
    n_train: int,
    settings: TrainingSettings,
    *,
    measured_per_s: float | None,
    hour_usd: Decimal,
) -> Estimate:
    """Time and cost of so much work.

    Args:
        work: operations, from `work_of`.
        n_train: examples that are learnt from.
        settings: of the training.
        measured_per_s: operations a second of an earlier run of the same model here; None for none.
        hour_usd: what an hour of this machine costs.
    """
    rate = measured_per_s or machine_speed() * _REACHED
    factor = _MEASURED_IS_OFF_BY if measured_per_s else _GUESS_IS_OFF_BY
    seconds = work / rate
    low, high = START_S + seconds / factor, START_S + seconds * factor
    return Estimate(
        low_s=low,
        high_s=high,
        low_usd=_cost(low, hour_usd),
        high_usd=_cost(high, hour_usd),
        n_steps=math.ceil(n_train / settings.batch_size) * settings.n_epochs,
        basis="earlier run" if measured_per_s else "guess",
    )


def machine_speed() -> float:
    """Floating-point operations a second of a product of two matrices, in 32 bits; about 0.05 s."""
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((_SIZE, _SIZE), dtype=np.float32)
    matrix @ matrix  # the first one starts the threads
    began = time.perf_counter()
    matrix @ matrix
    return 2 * _SIZE**3 / (time.perf_counter() - began)


def weights_that_multiply(folder: Path) -> int | None:
    """Weights of the matrices in a model's safetensors but for tables that are only looked up.

    None where there are no safetensors.
    """
    n = 0
    for path in folder.glob("*.safetensors"):
        with path.open("rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        for name, tensor in header.items():
            if name != "__metadata__" and "embeddings." not in name:
                n += math.prod(tensor["shape"])
    return n or None


def cost_of(seconds: float, hour_usd: Decimal) -> Decimal:
    """What so many seconds of this machine cost."""
    return _cost(seconds, hour_usd)


def _cost(seconds: float, hour_usd: Decimal) -> Decimal:
    return hour_usd * Decimal(round(seconds, 3)) / 3600


def _tokens(one: Example, limit: int) -> float:
    """Tokens of an example: four letters, or one Chinese character, are about one."""
    texts = [one.prompt, one.answer, *one.negatives[:1]]
    n = sum(min(limit, _length(text)) for text in texts if text)
    return n + (_TOKENS_OF_ITEM if not one.answer else 0.0)


def _length(text: str) -> float:
    n_wide = sum(ord(sign) > 0x2E7F for sign in text)
    return n_wide + (len(text) - n_wide) / 4
