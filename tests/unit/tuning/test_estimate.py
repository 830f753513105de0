"""Time and cost before a training."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from safetensors.numpy import save_file

from studio.inference.training.plan import DEFAULTS
from studio.tuning.estimate import estimate_training, weights_that_multiply, work_of
from studio.tuning.examples import Example

TRAIN = [Example(prompt="a" * 40, answer="b" * 400)] * 30
HELD_OUT = TRAIN[:10]


def test_twice_the_examples_or_weights_are_twice_the_work() -> None:
    settings = DEFAULTS["contrastive"]
    one = work_of(TRAIN, HELD_OUT, "contrastive", settings, 10**7)
    assert work_of(TRAIN, HELD_OUT, "contrastive", settings, 2 * 10**7) == 2 * one
    assert work_of(TRAIN * 2, HELD_OUT * 2, "contrastive", settings, 10**7) == 2 * one
    assert work_of(TRAIN, HELD_OUT, "lora", settings, 10**7) < one


def test_an_earlier_run_narrows_the_estimate() -> None:
    settings = DEFAULTS["lora"]
    guess = estimate_training(1e12, 30, settings, measured_per_s=None, hour_usd=Decimal("0.10"))
    known = estimate_training(1e12, 30, settings, measured_per_s=1e10, hour_usd=Decimal("0.10"))
    assert (guess.basis, known.basis) == ("guess", "earlier run")
    assert known.high_s / known.low_s < guess.high_s / guess.low_s
    assert known.low_usd < known.high_usd
    assert known.n_steps == 8 * 4


def test_tables_that_are_only_looked_up_do_not_count(tmp_path) -> None:
    save_file(
        {
            "embeddings.word_embeddings.weight": np.zeros((100, 8), np.float32),
            "layer.0.weight": np.zeros((8, 8), np.float32),
        },
        tmp_path / "model.safetensors",
    )
    assert weights_that_multiply(tmp_path) == 64
    assert weights_that_multiply(tmp_path / "none") is None
