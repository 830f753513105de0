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
from studio.tuning.examples import Example, Parted

_PER_WEIGHT: dict[Method, float] = {"contrastive": 6.0, "lora": 4.0}
_LOOK = 2.0
START_S = 12.0
"""Loading the libraries and the model, and writing the result; about that on two cores."""
_REACHED = 0.2  # share of the speed of a large product that training small models reaches
_GUESS_IS_OFF_BY = 2.5
_MEASURED_IS_OFF_BY = 1.3
_TOKENS_AROUND: dict[Method, float] = {"contrastive": 2.0, "lora": 34.0}
"""Tokens that come to those of an example: begin and end, or the chat template (SmolLM2's)."""
_TOKENS_OF_ITEM = 120.0  # a passage whose text is not known yet
_LONGEST_READ = 512.0  # tokens: what most search models read of a text
_N_LOOKED_AT = 500
_SIZE, _N_PRODUCTS = 768, 5
_quickest_s: list[float] = []  # of all products so far


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Seconds and US dollars a training will take, from `low` to `high`, and what that rests on."""

    low_s: float
    high_s: float
    low_usd: Decimal
    high_usd: Decimal
    n_steps: int
    basis: Literal["earlier run", "guess"]


def work_of(parted: Parted, method: Method, settings: TrainingSettings, n_weights: int) -> float:
    """Floating-point operations of a whole training without early stopping.

    What is watched is looked at before and after each round, what is held out before and after all.
    """

    def tokens(examples: Sequence[Example]) -> float:
        return sum(_tokens(one, method, settings.max_tokens) for one in examples)

    learnt = tokens(parted.train) * settings.n_epochs
    looked = tokens(parted.watched) * (settings.n_epochs + 1) + tokens(parted.held_out) * 2
    return n_weights * (_PER_WEIGHT[method] * learnt + _LOOK * looked)


def reading_of(texts: Sequence[str], n_weights: int) -> float:
    """Operations of reading so many passages twice: with the base before, with what came of it after.

    Of many passages some are looked at.
    """
    if not texts:
        return 0.0
    some = texts[:: max(1, len(texts) // _N_LOOKED_AT)]
    mean = sum(min(_LONGEST_READ, _length(text)) for text in some) / len(some)
    return 2 * _LOOK * n_weights * mean * len(texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Operations a second of an earlier run of the same model here; None for what nobody measured."""

    learns_per_s: float | None = None
    reads_per_s: float | None = None


def estimate_training(
    work: float,
    n_train: int,
    settings: TrainingSettings,
    *,
    speed: Speed,
    hour_usd: Decimal,
    reading: float = 0.0,
) -> Estimate:
    """Time and cost of so much work.

    Args:
        work: operations, from `work_of`.
        n_train: examples that are learnt from.
        settings: of the training.
        speed: of an earlier run.
        hour_usd: what an hour of this machine costs.
        reading: operations of reading passages before and after, from `reading_of`.
    """
    guess = 0.0
    if speed.learns_per_s is None or (reading and speed.reads_per_s is None):
        guess = machine_speed() * _REACHED
    factor = _MEASURED_IS_OFF_BY if speed.learns_per_s else _GUESS_IS_OFF_BY
    seconds = work / (speed.learns_per_s or guess)
    if reading:
        seconds += reading / (speed.reads_per_s or guess)
    low, high = START_S + seconds / factor, START_S + seconds * factor
    return Estimate(
        low_s=low,
        high_s=high,
        low_usd=_cost(low, hour_usd),
        high_usd=_cost(high, hour_usd),
        n_steps=math.ceil(n_train / settings.batch_size) * settings.n_epochs,
        basis="earlier run" if speed.learns_per_s else "guess",
    )


def machine_speed() -> float:
    """Floating-point operations a second of a product of two matrices, in 32 bits; about 0.1 s.

    The quickest product of all that this process measured counts: others that work beside it slow one
    down by chance, and what was said a moment ago should not change without a reason.
    """
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((_SIZE, _SIZE), dtype=np.float32)
    matrix @ matrix  # the first one starts the threads
    took_s = []
    for _ in range(_N_PRODUCTS):
        began_s = time.perf_counter()
        matrix @ matrix
        took_s.append(time.perf_counter() - began_s)
    _quickest_s.append(min(took_s))
    _quickest_s[:] = [min(_quickest_s)]
    return 2 * _SIZE**3 / max(1e-9, _quickest_s[0])


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


def _tokens(one: Example, method: Method, limit: int) -> float:
    """Tokens of an example: four letters, or one Chinese character, are about one."""
    around = _TOKENS_AROUND[method]
    if method == "lora":  # a conversation, cut as a whole
        return min(limit, around + _length(one.prompt) + _length(one.answer))
    texts = [one.prompt, one.answer, *one.negatives[:1]]
    n = sum(min(limit, around + _length(text)) for text in texts if text)
    return n + (_TOKENS_OF_ITEM if not one.answer else 0.0)


def _length(text: str) -> float:
    n_wide = sum(ord(sign) > 0x2E7F for sign in text)
    return n_wide + (len(text) - n_wide) / 4
