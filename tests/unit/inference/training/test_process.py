"""A training watched from outside, with a child that only plays one."""

from __future__ import annotations

import sys

import pytest

from studio.errors import Cancelled, StudioError
from studio.inference.training import plan as files
from studio.inference.training import process
from studio.inference.training.plan import TrainingPlan, TrainingSettings

HEAD = """
import json, os, sys, time
folder = sys.argv[1]
def point(step):
    with open(folder + "/curve.jsonl", "a") as file:
        file.write(json.dumps(dict(part="train", step=step, done=step / 4, loss=1.0, seconds=1.0,
            batch_size=json.load(open(folder + "/plan.json"))["settings"]["batch_size"])) + "\\n")
def end():
    json.dump(dict(stopped_by="end", n_steps=4, best_step=2, batch_size=4, losses_before=[2.0],
        losses_after=[1.0], seconds=4.0, n_trained=8, n_tokens=9), open(folder + "/result.json", "w"))
"""


@pytest.fixture
def play(tmp_path, monkeypatch):
    """Let the child run this code; gives the folder of its training."""

    def play_(code: str, batch_size: int = 8):
        (tmp_path / "played_child.py").write_text(HEAD + code)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setattr(process, "MODULE", "played_child")
        folder = tmp_path / "run"
        folder.mkdir()
        settings = TrainingSettings(n_epochs=1, batch_size=batch_size, learning_rate=0.1)
        files.write_plan(
            TrainingPlan(method="contrastive", base_folder=tmp_path, settings=settings), folder
        )
        return folder

    return play_


def test_progress_is_told_and_the_result_read(play) -> None:
    seen = []
    folder = play("point(1); point(2); time.sleep(0.6); point(3); end()")
    result = process.run_training(folder, report=seen.append)
    assert result.best_step == 2
    assert [point.step for point in seen][-1] == 3


def test_a_training_that_is_over_is_not_done_again(play) -> None:
    folder = play("end()")
    process.run_training(folder)
    (folder / files.CURVE).unlink(missing_ok=True)
    assert process.run_training(folder).n_steps == 4
    assert not (folder / files.CURVE).exists()


def test_it_is_ended_when_the_user_wants(play) -> None:
    folder = play("open(folder + '/pid', 'w').write(str(os.getpid())); time.sleep(60)")
    with pytest.raises(Cancelled):
        process.run_training(folder, cancelled=(folder / "pid").exists)
    import psutil

    assert not psutil.pid_exists(int((folder / "pid").read_text()))


def test_a_refusal_is_said_in_its_own_words(play) -> None:
    folder = play(
        "json.dump({'template': 'No {x}.', 'values': {'x': 'luck'}},"
        " open(folder + '/failure.json', 'w')); sys.exit(3)"
    )
    with pytest.raises(StudioError, match="No luck."):
        process.run_training(folder)


def test_an_unexpected_end_names_the_last_line(play) -> None:
    with pytest.raises(StudioError, match="ended unexpectedly: RuntimeError: boom"):
        process.run_training(play("raise RuntimeError('boom')"))


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_child_ended_for_its_memory_is_tried_with_half_the_batch(play) -> None:
    folder = play(
        "size = json.load(open(folder + '/plan.json'))['settings']['batch_size']\n"
        "point(1)\n"
        "os.kill(os.getpid(), 9) if size > 2 else end()"
    )
    assert process.run_training(folder).n_steps == 4
    assert files.read_plan(folder).settings.batch_size == 2
    smaller = [point.batch_size for point in files.read_curve(folder) if point.part == "smaller"]
    assert smaller == [4, 2]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_memory_too_short_for_two_examples_is_said(play) -> None:
    with pytest.raises(StudioError, match="not enough memory"):
        process.run_training(play("os.kill(os.getpid(), 9)", batch_size=4))


def test_other_work_that_fails_is_not_called_a_training(tmp_path) -> None:
    with pytest.raises(StudioError, match="The work ended unexpectedly.*no_such_module"):
        process.run_module("studio.no_such_module", tmp_path, lambda: False)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_other_work_ended_for_its_memory_says_so(tmp_path, monkeypatch) -> None:
    (tmp_path / "greedy.py").write_text("import os; os.kill(os.getpid(), 9)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(StudioError, match="not enough memory for this work"):
        process.run_module("greedy", tmp_path, lambda: False)
