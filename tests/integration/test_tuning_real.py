"""Training for real, with tiny models built from a seed: killed and resumed to the bit, and loaded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.config import Settings
from studio.inference.builtin_models import SMOLLM2
from studio.inference.engines.openvino_embedding import OpenVinoEmbeddingEngine
from studio.inference.provisioning import Provisioner
from studio.inference.training import plan as files
from studio.inference.training.plan import TrainingPair, TrainingPlan, TrainingSettings
from studio.inference.training.process import MODULE, run_training
from tests.contract.tiny_models import write_chat_model, write_sentence_model

SETTINGS = TrainingSettings(
    n_epochs=4, batch_size=4, learning_rate=1e-3, patience=4, max_tokens=48, rank=4
)
ANIMALS = ("cat", "dog", "owl", "fox", "bee", "ant", "cow", "hen", "pig", "ram", "eel", "elk")


def pairs(start: int) -> list[TrainingPair]:
    return [
        TrainingPair(prompt=f"what is {a} {n}?", answer=f"the {a} has number {n}.")
        for n, a in enumerate(ANIMALS[start::2])
    ]


def prepared(folder: Path, method, base: Path, **changed) -> Path:
    folder.mkdir()
    settings = replace(SETTINGS, **changed)
    files.write_plan(
        TrainingPlan(method=method, base_folder=base, settings=settings, n_threads=1), folder
    )
    files.write_pairs(pairs(0), folder / files.TRAIN)
    files.write_pairs(pairs(1)[:2], folder / files.WATCHED)
    files.write_pairs(pairs(1)[2:], folder / files.HELD_OUT)
    return folder


def killed(folder: Path) -> None:
    """Begin with a training and end it as a power cut does, after its first look at what is held out."""
    child = subprocess.Popen(
        [sys.executable, "-m", MODULE, str(folder)], stdin=subprocess.PIPE, env=os.environ
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not list(folder.glob("checkpoint-*/state.json")):
        assert child.poll() is None
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert child.stdin is not None
    child.stdin.close()
    assert not (folder / files.RESULT).exists()


@pytest.mark.parametrize("method", ["contrastive", "lora"])
def test_a_killed_training_gives_the_very_same_weights(tmp_path, method) -> None:
    base = (write_sentence_model if method == "contrastive" else write_chat_model)(tmp_path / "b")
    whole = prepared(tmp_path / "whole", method, base)
    cut = prepared(tmp_path / "cut", method, base)
    result = run_training(whole)
    killed(cut)
    again = run_training(cut)
    assert sum(result.losses_after) < sum(result.losses_before)
    assert again.losses_after == result.losses_after
    name = f"{files.MODEL}/model.safetensors"
    assert (cut / name).read_bytes() == (whole / name).read_bytes()
    if method == "lora":
        name = f"{files.ADAPTER}/adapter_model.safetensors"
        assert (cut / name).read_bytes() == (whole / name).read_bytes()
    else:
        _is_loaded_by_the_engine(whole, base, tmp_path)
    assert not [path for path in whole.rglob("*") if path.suffix in (".bin", ".pt", ".pth")]


def _is_loaded_by_the_engine(folder: Path, base: Path, tmp_path: Path) -> None:
    def vectors(model: Path) -> np.ndarray:
        engine = OpenVinoEmbeddingEngine(
            model="m", folder=model, cache=tmp_path / "cache", revision=str(model), n_threads=1
        )
        return engine.finish(engine.forward(engine.prepare(["what is cat 0?"], "query")))

    tuned = vectors(folder / files.MODEL)
    assert np.abs(tuned - vectors(base)).max() > 1e-3
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(folder / files.MODEL), device="cpu")
    expected = reference.encode("what is cat 0?", normalize_embeddings=True)
    assert float(tuned[0] @ expected) >= 0.9999  # some processors compute in 16 bits


def test_the_default_text_model_learns_and_writes_with_openvino(tmp_path, kept_models) -> None:
    from studio.inference.engines.openvino_generation import OpenVinoGenerationEngine
    from studio.records import Message, Sampling

    settings = Settings(home=tmp_path)
    (tmp_path / "models").symlink_to(kept_models, target_is_directory=True)
    provisioner = Provisioner(settings)
    base = provisioner.transformers_folder(SMOLLM2)
    folder = prepared(tmp_path / "run", "lora", base, n_epochs=2, learning_rate=2e-3, batch_size=6)
    weights = provisioner.ensure(SMOLLM2)
    files.write_plan(replace(files.read_plan(folder), base_gguf=weights.gguf_original), folder)
    result = run_training(folder)
    assert sum(result.losses_after) < sum(result.losses_before)
    engine = OpenVinoGenerationEngine(
        model="tuned", gguf=folder / files.GGUF, revision="r", n_threads=1
    )
    engine.add(
        1,
        engine.prepare([Message(role="user", content="what is cat 0?")]),
        Sampling(max_new_tokens=12),
    )
    text = ""
    while True:
        events = engine.step()
        text += "".join(event.text for event in events)
        if any(event.finish_reason for event in events):
            break
    assert text == _written_by_transformers(folder / files.MODEL)


def _written_by_transformers(folder: Path) -> str:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    model = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.float32)
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": "what is cat 0?"}],
        add_generation_prompt=True,
        return_tensors="pt",
        return_dict=True,
    )
    written = model.generate(**prompt, max_new_tokens=12, do_sample=False)
    return tokenizer.decode(written[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True)
