"""Time and cost before a training."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import chain

import numpy as np
import pytest
from safetensors.numpy import save_file

from studio.inference.training.plan import DEFAULTS
from studio.tuning.estimate import (
    Speed,
    estimate_training,
    machine_speed,
    reading_of,
    weights_that_multiply,
    work_of,
)
from studio.tuning.examples import Example, Parted

ONE = Example(prompt="a" * 40, answer="b" * 400)


def parted(n_train: int, n_watched: int = 0, n_held_out: int = 0) -> Parted:
    return Parted(
        train=(ONE,) * n_train, watched=(ONE,) * n_watched, held_out=(ONE,) * n_held_out, dropped=()
    )


def test_twice_the_examples_or_weights_are_twice_the_work() -> None:
    settings = DEFAULTS["contrastive"]
    one = work_of(parted(30, 5, 10), "contrastive", settings, 10**7)
    assert work_of(parted(30, 5, 10), "contrastive", settings, 2 * 10**7) == 2 * one
    assert work_of(parted(60, 10, 20), "contrastive", settings, 10**7) == 2 * one


@pytest.mark.parametrize(
    ("method", "per_weight", "n_tokens"),
    # Two texts, each with a begin and an end; a conversation with the 34 tokens of its template.
    [("contrastive", 6, 10 + 2 + 100 + 2), ("lora", 4, 34 + 10 + 100)],
)
def test_work_is_that_of_learning_watching_and_two_looks(method, per_weight, n_tokens) -> None:
    settings = replace(DEFAULTS[method], n_epochs=3)
    each = 10**7 * n_tokens
    assert work_of(parted(1), method, settings, 10**7) == per_weight * each * 3
    assert work_of(parted(0, 1), method, settings, 10**7) == 2 * each * 4
    assert work_of(parted(0, 0, 1), method, settings, 10**7) == 2 * each * 2


def test_one_slow_product_among_quick_ones_says_nothing_of_the_machine(monkeypatch) -> None:
    """Others that work on it make a product slow by chance; an estimate must not be that chance."""
    monkeypatch.setattr("studio.tuning.estimate._quickest_s", [])
    for products in ([9.0, 0.5, 8.0, 1.0, 9.0], [7.0] * 5):  # the second time all of them are slow
        ticks = chain.from_iterable((100.0 * at, 100.0 * at + s) for at, s in enumerate(products))
        monkeypatch.setattr("studio.tuning.estimate.time.perf_counter", ticks.__next__)
        assert machine_speed() == 2 * 768**3 / 0.5


def test_an_earlier_run_narrows_the_estimate() -> None:
    settings = DEFAULTS["lora"]
    guess = estimate_training(1e12, 30, settings, speed=Speed(), hour_usd=Decimal("0.10"))
    known = estimate_training(
        1e12, 30, settings, speed=Speed(learns_per_s=1e10), hour_usd=Decimal("0.10")
    )
    assert (guess.basis, known.basis) == ("guess", "earlier run")
    assert known.high_s / known.low_s < guess.high_s / guess.low_s
    assert known.low_usd < known.high_usd
    assert known.n_steps == 8 * 4


def test_reading_every_passage_before_and_after_is_counted() -> None:
    settings = DEFAULTS["contrastive"]
    reading = reading_of(["a" * 400] * 3000, 10**7)
    assert reading == 2 * 2 * 10**7 * 100 * 3000
    assert reading_of([], 10**7) == 0
    speed = Speed(learns_per_s=1e10, reads_per_s=2e10)
    alone, whole = (
        estimate_training(1e12, 30, settings, speed=speed, hour_usd=Decimal(1), reading=more)
        for more in (0.0, reading)
    )
    assert whole.high_s - alone.high_s == pytest.approx(1.3 * reading / 2e10)


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
