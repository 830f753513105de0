"""The loop of every training: the same to the bit after a kill, early stopping, trouble."""

from __future__ import annotations

import dataclasses

import pytest

from studio.errors import StudioError
from studio.inference.training import loop as loop_module
from studio.inference.training import plan as files
from studio.inference.training.loop import TrainingLoop
from studio.inference.training.plan import CurvePoint, TrainingPair, TrainingPlan, TrainingSettings
from tests.unit.inference.training.linear_trainee import LinearTrainee

SETTINGS = TrainingSettings(
    n_epochs=6, batch_size=4, learning_rate=0.05, patience=6, max_tokens=64, seed=3
)


def pairs(n: int, start: int = 0) -> list[TrainingPair]:
    return [
        TrainingPair(prompt="ab" * (i % 7 + 1) + str(i), answer="x" * (i % 5) + str(i))
        for i in range(start, start + n)
    ]


def trained(folder, trainee=None, **changed):
    folder.mkdir(exist_ok=True)
    plan = TrainingPlan(
        method="lora", base_folder=folder, settings=dataclasses.replace(SETTINGS, **changed)
    )
    trainee = trainee or LinearTrainee()
    result = TrainingLoop(
        folder, plan, trainee, pairs(18), watched=pairs(6, 100), held_out=pairs(6, 200)
    ).run()
    return result, {name: weight.tolist() for name, weight in trainee.weights().items()}


def test_what_is_held_out_gets_better_and_the_best_weights_stay(tmp_path) -> None:
    result, _weights = trained(tmp_path / "run")
    assert sum(result.losses_after) < sum(result.losses_before)
    curve = files.read_curve(tmp_path / "run")
    best = min(p.loss for p in curve if p.part == "watched")
    first = next(p.loss for p in curve if p.part == "watched")
    assert best < first
    assert [p.step for p in curve if p.is_best][-1] == result.best_step


@pytest.mark.parametrize("killed_at", [3, 7, 21])
def test_a_killed_training_goes_on_bit_for_bit(tmp_path, monkeypatch, killed_at) -> None:
    whole, weights = trained(tmp_path / "whole")
    monkeypatch.setattr(loop_module, "CHECKPOINT_EVERY_S", 0.0)
    killed = LinearTrainee()
    killed.fails_at = killed_at
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "killed", killed)
    # Another process: other random numbers and weights until the checkpoint is read.
    resumed, weights_again = trained(tmp_path / "killed", LinearTrainee(seed=99))
    assert weights_again == weights
    assert resumed.losses_after == whole.losses_after
    assert resumed.n_steps == whole.n_steps
    losses = [[p.loss for p in files.read_curve(tmp_path / name)] for name in ("whole", "killed")]
    assert losses[0] == losses[1]


def test_a_kill_between_checkpoints_repeats_what_was_lost(tmp_path) -> None:
    whole, weights = trained(tmp_path / "whole")
    killed = LinearTrainee()
    killed.fails_at = 8  # the last checkpoint is at the end of the first epoch, after 5
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "killed", killed)
    resumed, weights_again = trained(tmp_path / "killed", LinearTrainee(seed=99))
    assert weights_again == weights
    assert len(files.read_curve(tmp_path / "killed")) == len(files.read_curve(tmp_path / "whole"))


def test_training_stops_when_it_gets_no_better(tmp_path) -> None:
    result, _weights = trained(tmp_path / "run", learning_rate=1e-7, n_epochs=50, patience=2)
    again, _weights = trained(tmp_path / "high", learning_rate=0.1, n_epochs=50, patience=2)
    assert result.stopped_by in ("end", "patience")
    assert again.stopped_by == "patience"
    assert again.n_steps < 50 * 5


def test_a_loss_that_is_no_number_stops_and_keeps_the_best(tmp_path) -> None:
    trainee = LinearTrainee()
    trainee.nan_at = 12
    result, weights = trained(tmp_path / "run", trainee)
    assert result.stopped_by == "diverged"
    assert 0 < result.best_step < 12
    assert all(value == value for rows in weights.values() for value in _flat(rows))


def test_no_number_at_the_first_update_leaves_the_base(tmp_path) -> None:
    trainee = LinearTrainee()
    trainee.nan_at = 1
    before = {name: weight.tolist() for name, weight in trainee.weights().items()}
    result, weights = trained(tmp_path / "run", trainee)
    assert (result.stopped_by, result.best_step, result.n_steps) == ("diverged", 0, 0)
    assert weights == before


def test_short_memory_makes_batches_smaller_and_says_so(tmp_path) -> None:
    trainee = LinearTrainee()
    trainee.largest_batch = 1
    result, _weights = trained(tmp_path / "run", trainee)
    assert result.batch_size == 1
    smaller = [p.batch_size for p in files.read_curve(tmp_path / "run") if p.part == "smaller"]
    assert smaller == [2, 1]
    assert result.n_steps == 18 * 6


def test_memory_too_short_for_one_example_is_said(tmp_path) -> None:
    trainee = LinearTrainee()
    trainee.largest_batch = 0
    with pytest.raises(StudioError, match="not enough memory"):
        trained(tmp_path / "run", trainee)


def test_memory_too_short_for_a_look_or_for_the_optimizer_is_said(tmp_path, monkeypatch) -> None:
    import torch

    def greedy(*_):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    trainee = LinearTrainee()
    trainee.losses = greedy
    with pytest.raises(StudioError, match="not enough memory"):
        trained(tmp_path / "look", trainee)
    monkeypatch.setattr(torch.optim.AdamW, "step", greedy)
    with pytest.raises(StudioError, match="not enough memory"):
        trained(tmp_path / "step", LinearTrainee())


def test_that_a_process_was_ended_for_its_memory_stays_in_the_curve(tmp_path) -> None:
    folder = tmp_path / "run"
    killed = LinearTrainee()
    killed.fails_at = 8
    with pytest.raises(KeyboardInterrupt):
        trained(folder, killed)
    n = SETTINGS.batch_size // 2
    files.add_to_curve(
        CurvePoint(part="smaller", step=7, done=0.1, loss=0.0, seconds=1.0, batch_size=n), folder
    )
    result, _weights = trained(folder, batch_size=n)
    assert result.batch_size == n
    assert [p.batch_size for p in files.read_curve(folder) if p.part == "smaller"] == [n]


def test_nothing_in_a_checkpoint_is_pickled(tmp_path) -> None:
    killed = LinearTrainee()
    killed.fails_at = 8
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "run", killed)
    names = {path.suffix for path in (tmp_path / "run").rglob("*") if path.is_file()}
    assert names == {".json", ".jsonl", ".safetensors"}


def _flat(rows):
    return [v for row in rows for v in _flat(row)] if isinstance(rows, list) else [rows]
