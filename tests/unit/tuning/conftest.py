"""Fine-tuning on a workbench with the demo engine, where a training is only played."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from studio.config import Settings
from studio.inference.model_spec import ModelSpec
from studio.inference.training import plan as files
from studio.inference.training.plan import CurvePoint, TrainingResult
from studio.records import Task
from studio.tuning.tuning import Tuning
from studio.workbench import Workbench


@pytest.fixture
def bench(tmp_path):
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


@pytest.fixture
def base(bench, tmp_path) -> ModelSpec:
    """A search model in a folder; only its files are looked at."""
    from safetensors.numpy import save_file

    folder = tmp_path / "base"
    folder.mkdir()
    for name in ("config.json", "tokenizer.json"):
        (folder / name).write_text("{}")
    save_file({"layer.weight": np.zeros((8, 8), np.float32)}, folder / "model.safetensors")
    spec = ModelSpec(
        id="base",
        name="Base",
        task=Task.EMBEDDING,
        source="folder",
        location=str(folder),
        licence="MIT",
        languages=("en",),
    )
    bench.catalogue.add(spec)
    return spec


@pytest.fixture
def tuning(bench) -> Tuning:
    """As the workbench makes it, but not refused for being the demo."""
    tools = replace(bench._toolbox, settings=replace(bench.settings, is_demo=False))
    return Tuning(
        tools, bench.provisioner, bench.prototype, bench.models.unload, bench.acting.require
    )


@pytest.fixture
def play(monkeypatch):
    """Play the training: gives a list of the folders it was asked for."""

    def play_(*, best_step: int = 4, stopped_by: str = "end", fails=None, gain: float = 0.5):
        asked = []

        def run_training(folder, *, report, cancelled):
            asked.append(folder)
            if fails is not None:
                raise fails
            report(CurvePoint(part="train", step=1, done=0.5, loss=1, seconds=1, batch_size=4))
            n = len(files.read_pairs(folder / files.HELD_OUT))
            for name in ("config.json", "tokenizer.json", "model.safetensors"):
                (folder / files.MODEL).mkdir(exist_ok=True)
                (folder / files.MODEL / name).write_text("{}")
            result = TrainingResult(
                stopped_by=stopped_by,
                n_steps=9,
                best_step=best_step,
                batch_size=4,
                losses_before=(2.0,) * n,
                losses_after=(2.0 - gain,) * n,
                seconds=36.0,
                n_trained=64,
                n_tokens=100,
            )
            (folder / files.RESULT).write_text(json.dumps(asdict(result)))
            return result

        monkeypatch.setattr("studio.tuning.work.run_training", run_training)
        return asked

    return play_
