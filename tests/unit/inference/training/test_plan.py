"""The files of a training."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.errors import DataError, InvalidInput
from studio.inference.training import plan as files
from studio.inference.training.plan import TrainingPair, TrainingPlan, TrainingSettings


def test_plan_and_pairs_come_back_as_they_were(tmp_path) -> None:
    plan = TrainingPlan(
        method="lora",
        base_folder=Path("/models/x"),
        base_gguf=Path("/models/x.gguf"),
        settings=TrainingSettings(n_epochs=2, batch_size=4, learning_rate=1e-4),
    )
    pairs = (TrainingPair(prompt="问\n题", answer='a "b"', negatives=("c",)),)
    files.write_plan(plan, tmp_path)
    files.write_pairs(pairs, tmp_path / "pairs")
    assert files.read_plan(tmp_path) == plan
    assert files.read_pairs(tmp_path / "pairs") == pairs


def test_a_line_that_is_being_written_waits(tmp_path) -> None:
    line = '{"part":"train","step":1,"done":0.1,"loss":2.0,"seconds":1,"batch_size":4}\n'
    (tmp_path / files.CURVE).write_text(line + line[:20])
    assert [point.step for point in files.read_curve(tmp_path)] == [1]
    assert files.read_curve(tmp_path / "nothing") == ()


def test_a_damaged_file_says_so(tmp_path) -> None:
    (tmp_path / files.PLAN).write_text("{}")
    with pytest.raises(DataError, match=r"plan\.json"):
        files.read_plan(tmp_path)


@pytest.mark.parametrize(
    ("field", "value"), [("n_epochs", 0), ("learning_rate", 1.0), ("batch_size", 1000), ("rank", 0)]
)
def test_settings_out_of_range_name_the_field(field, value) -> None:
    values = {"n_epochs": 1, "batch_size": 4, "learning_rate": 1e-4} | {field: value}
    with pytest.raises(InvalidInput) as caught:
        TrainingSettings(**values)
    assert set(caught.value.fields) == {field}
