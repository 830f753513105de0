"""How a tuning ended is told without what it did not do."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from components import tune_words
from studio.inference.training.plan import DEFAULTS
from studio.tuning.estimate import Estimate
from studio.tuning.run import TuningRun


@pytest.mark.parametrize("best_step", [0, 12])
def test_weights_are_said_to_be_kept_only_where_there_are_some(best_step: int) -> None:
    run = TuningRun(
        id="a",
        name="Shop search",
        method="contrastive",
        prototype_id="p",
        base_model="m",
        base_name="M",
        settings=DEFAULTS["contrastive"],
        fingerprint="f",
        n_train=10,
        n_watched=2,
        n_held_out=2,
        work=1.0,
        estimate=Estimate(
            low_s=1.0,
            high_s=2.0,
            low_usd=Decimal(0),
            high_usd=Decimal(0),
            n_steps=20,
            basis="guess",
        ),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        outcome="done" if best_step else "no_gain",
        stopped_by="diverged",
        n_steps=best_step,
        best_step=best_step,
    )
    said = tune_words.ending(run)
    assert said.startswith("stopped: the loss was no number any more")
    assert ("the best weights before were kept" in said) == bool(best_step)
