"""One training in a process of its own: `python -m studio.inference.training.child FOLDER`.

A process, because training takes torch's random numbers and much memory for itself, and can then be
ended at any time. It ends by itself when whoever started it is gone: its standard input closes then.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from studio.errors import StudioError
from studio.inference.training import plan as files
from studio.inference.training.checkpoint import drop_checkpoints
from studio.inference.training.loop import Trainee, TrainingLoop
from studio.inference.training.plan import TrainingPair, TrainingPlan, TrainingResult

NICENESS = 5
FAILED, REFUSED = 1, 3


def train_in(folder: Path) -> TrainingResult:
    """Do the training in a folder, or go on with it; leaves its files as `plan` lists them.

    Raises:
        StudioError: it cannot be done; see `TrainingLoop` and the trainees.
    """
    _prepare_torch(plan := files.read_plan(folder))
    train = files.read_pairs(folder / files.TRAIN)
    trainee = _trainee(plan, train)
    loop = TrainingLoop(
        folder,
        plan,
        trainee,
        train,
        watched=files.read_pairs(folder / files.WATCHED),
        held_out=files.read_pairs(folder / files.HELD_OUT),
    )
    result = loop.run()
    if result.best_step:
        trainee.save(folder)
    files.write_json(folder / files.RESULT, asdict(result))
    drop_checkpoints(folder)
    (folder / files.BEST).unlink(missing_ok=True)
    return result


def _prepare_torch(plan: TrainingPlan) -> None:
    import torch

    if plan.device == "cpu":
        torch.set_num_threads(plan.n_threads)
    # Where a kernel has no exact form it only warns: then a resumed run may differ in the last digit.
    torch.use_deterministic_algorithms(True, warn_only=True)


class Learner(Trainee, Protocol):
    """A model that learns and can be written down."""

    def save(self, folder: Path) -> None:
        """Write the model into the folder of its training."""
        ...


def _trainee(plan: TrainingPlan, train: Sequence[TrainingPair]) -> Learner:
    if plan.method == "lora":
        from studio.inference.training.adapter import AdapterTrainee

        return AdapterTrainee(plan)
    from studio.inference.training.embedder import EmbedderTrainee

    return EmbedderTrainee(plan, train)


def _end_with_parent() -> None:
    while os.read(0, 1):  # not through sys.stdin, whose lock would be held when this process ends
        pass
    os._exit(FAILED)


def main(folder: Path) -> int:
    """Train; a refusal is written down for whoever started it."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)  # the pages come first
    threading.Thread(target=_end_with_parent, daemon=True).start()
    (folder / files.FAILURE).unlink(missing_ok=True)
    try:
        train_in(folder)
    except StudioError as error:
        files.write_json(folder / files.FAILURE, error.notice.to_json())
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
