"""The hub's real client against a hub on this computer; the real hub is not needed."""

from __future__ import annotations

import dataclasses
import hashlib
import time

import pytest

from studio.config import Settings
from studio.errors import Cancelled, ModelUnavailable
from studio.inference.checksums import WeightsDiffer
from studio.inference.model_spec import ModelSpec
from studio.inference.provisioning import Provisioner
from studio.records import Task
from tests.integration.hub_server import COMMIT, HubServer
from tests.unit.inference.gguf_files import write_gguf

MODEL = ModelSpec(id="tiny", name="Tiny", task=Task.GENERATION, source="hub", location="owner/tiny")
WEIGHTS = bytes(range(256)) * 4096  # 1 MiB


@pytest.fixture
def hub():
    files = {
        "config.json": b"{}",
        "model.safetensors": WEIGHTS,
        "tokenizer.json": b'{"a": 1}',
        "tokenizer_config.json": b"{}",
        "1_Pooling/config.json": b"{}",
        "modules.json": b"[]",
        "LICENSE": b"free",
        "pytorch_model.bin": b"code",
        "modeling_tiny.py": b"import os",
        "onnx/model.onnx": b"onnx",
        "onnx/config.json": b"{}",
        "README.md": b"hello",
        ".gitattributes": b"",
    }
    server = HubServer(files)
    yield server
    server.close()


@pytest.fixture
def settings(tmp_path, hub, monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return Settings(home=tmp_path / "home", hub_endpoint=hub.address)


def test_a_model_arrives_with_the_files_it_needs_and_no_others(settings):
    store = Provisioner(settings)
    weights = store.ensure(MODEL)
    found = {p.relative_to(weights.folder).as_posix() for p in weights.folder.rglob("*.*")}
    found |= {p.name for p in weights.folder.glob("LICENSE")}
    assert found == {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "1_Pooling/config.json",
        "modules.json",
        "LICENSE",
    }
    assert (weights.folder / "model.safetensors").read_bytes() == WEIGHTS
    assert weights.revision == COMMIT
    note = (settings.models_dir / "tiny/manifest.json").read_text()
    assert hashlib.sha256(WEIGHTS).hexdigest() in note
    assert not list(settings.models_dir.glob(".work/*"))


def test_ready_weights_need_no_hub(settings, hub):
    Provisioner(settings).ensure(MODEL)
    n_requests = len(hub.requests)
    assert Provisioner(settings).ensure(MODEL).revision == COMMIT
    assert len(hub.requests) == n_requests


def test_one_gguf_of_a_collection_is_fetched_alone_and_converted(settings, hub, tmp_path):
    write_gguf(tmp_path / "a.gguf", kind="Q8_0")
    hub.files |= {"q8.gguf": (tmp_path / "a.gguf").read_bytes(), "q4.gguf": b"GGUF"}
    spec = dataclasses.replace(MODEL, location="owner/tiny/q8.gguf")
    weights = Provisioner(settings).ensure(spec)
    assert weights.gguf_f16 is not None
    assert not any("GET /owner/tiny" in line and "q8" not in line for line in hub.requests)
    with pytest.raises(ModelUnavailable, match=r"no missing\.gguf"):
        Provisioner(settings).ensure(dataclasses.replace(MODEL, location="owner/tiny/missing.gguf"))


def test_progress_follows_the_bytes(settings, hub):
    hub.bytes_per_s = 1 << 19
    seen = []
    Provisioner(settings).ensure(MODEL, seen.append)
    fetching = [p for p in seen if str(p.notice) == "Fetching Tiny"]
    assert fetching[0].total == sum(
        len(hub.files[n])
        for n in (
            "config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json",
            "1_Pooling/config.json",
            "modules.json",
            "LICENSE",
        )
    )
    assert any(9999 < p.done < p.total / 2 and p.rate_per_s and p.remaining_s for p in fetching)
    assert f"Asking {hub.address} for Tiny" == str(seen[0].notice)


def test_cancelling_ends_the_download_and_keeps_nothing(settings, hub):
    hub.bytes_per_s = 300_000
    seen = []
    started = time.monotonic()
    with pytest.raises(Cancelled):
        Provisioner(settings).ensure(
            MODEL, seen.append, lambda: bool(seen) and seen[-1].done > 200_000
        )
    assert time.monotonic() - started < 15
    assert not list(settings.models_dir.glob(".work/*"))
    assert not Provisioner(settings).is_ready(MODEL)


def test_an_interrupted_download_goes_on_where_it_stopped(settings, hub):
    hub.bytes_per_s = 400_000
    seen = []

    class Killed(BaseException):
        """Passes every handler, as a killed process does."""

    def watch(progress):
        seen.append(progress)
        if str(progress.notice) == "Fetching Tiny" and progress.done > 300_000:
            raise Killed

    with pytest.raises(Killed):
        Provisioner(settings).ensure(MODEL, watch)
    hub.bytes_per_s = 0
    hub.requests.clear()
    weights = Provisioner(settings).ensure(MODEL)
    assert (weights.folder / "model.safetensors").read_bytes() == WEIGHTS
    resumed = [r for r in hub.requests if "model.safetensors bytes=" in r]
    assert resumed, hub.requests
    assert int(resumed[0].partition("bytes=")[2].partition("-")[0]) > 0


def test_what_is_not_what_the_hub_announced_is_refused(settings, hub):
    hub.announced["model.safetensors"] = "ab" * 32
    with pytest.raises(WeightsDiffer, match="abababababab"):
        Provisioner(settings).ensure(MODEL)
    assert not list(settings.models_dir.glob(".work/*"))


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (404, "RepoNotFound", "no model called owner/tiny"),
        (401, "", "no model called owner/tiny"),
        (403, "GatedRepo", "accept the terms"),
        (401, "GatedRepo", "accept the terms"),
        (404, "RevisionNotFound", "no revision v9"),
        (503, "-", r"error \(503\)"),
    ],
)
def test_refusals_of_the_hub_are_explained(settings, hub, status, code, words):
    hub.status, hub.error_code = status, code or "RepoNotFound"
    with pytest.raises(ModelUnavailable, match=words):
        Provisioner(settings).ensure(dataclasses.replace(MODEL, revision="v9"))


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_a_model_without_safetensors_or_config_is_refused_before_fetching(settings, hub, missing):
    del hub.files[missing]
    with pytest.raises(ModelUnavailable, match="safetensors" if "model" in missing else missing):
        Provisioner(settings).ensure(MODEL)
    assert len(hub.requests) == 1


def test_a_login_page_instead_of_a_hub_is_recognised(settings, hub):
    hub.body = b"<html>Please log in</html>"
    with pytest.raises(ModelUnavailable, match="does not answer as a model hub"):
        Provisioner(settings).ensure(MODEL)


def test_a_blocked_hub_is_noticed_within_seconds(settings, hub):
    hub.hangs = True
    started = time.monotonic()
    with pytest.raises(ModelUnavailable, match="HF_ENDPOINT"):
        Provisioner(settings).ensure(MODEL)
    assert time.monotonic() - started < 12


def test_no_hub_at_all_is_noticed_at_once(settings, hub):
    nobody = dataclasses.replace(settings, hub_endpoint="http://127.0.0.1:9")
    with pytest.raises(ModelUnavailable, match=r"127\.0\.0\.1:9 does not answer"):
        Provisioner(nobody).ensure(MODEL)


def test_a_connection_that_breaks_is_opened_again(settings, hub, monkeypatch):
    monkeypatch.setattr("studio.inference.hub_download.PAUSE_S", 0.01)
    hub.break_after = 300_000
    weights = Provisioner(settings).ensure(MODEL)
    assert (weights.folder / "model.safetensors").read_bytes() == WEIGHTS
    assert sum("model.safetensors bytes=" in line for line in hub.requests) >= 2


def test_a_connection_that_brings_nothing_is_given_up_and_what_is_there_kept(
    settings, hub, monkeypatch
):
    monkeypatch.setattr("studio.inference.hub_download.PAUSE_S", 0.01)
    hub.break_after, hub.breaks_at = 300_000, 600_000
    with pytest.raises(ModelUnavailable, match="breaks again and again"):
        Provisioner(settings).ensure(MODEL)
    assert Provisioner(settings).size_on_disk(MODEL) >= 500_000
    hub.break_after = 0
    assert Provisioner(settings).ensure(MODEL).revision == COMMIT


def test_a_server_that_cannot_resume_is_read_from_the_start(settings, hub, monkeypatch):
    monkeypatch.setattr("studio.inference.hub_download.PAUSE_S", 0.01)
    hub.break_after, hub.ignores_ranges = 300_000, True
    with pytest.raises(ModelUnavailable, match="breaks again"):
        Provisioner(settings).ensure(MODEL)
    hub.break_after = 0
    weights = Provisioner(settings).ensure(MODEL)
    assert (weights.folder / "model.safetensors").read_bytes() == WEIGHTS


def test_a_file_that_is_refused_is_named(settings, hub):
    hub.refused = "tokenizer.json"
    with pytest.raises(ModelUnavailable, match=r"tokenizer\.json \(error 403\)"):
        Provisioner(settings).ensure(MODEL)


def test_a_file_of_another_size_is_refused(settings, hub):
    hub.longer = True
    with pytest.raises(ModelUnavailable, match="another size"):
        Provisioner(settings).ensure(MODEL)


def test_a_hub_that_names_no_commit_is_refused(settings, hub):
    hub.body = b'{"id": "owner/tiny", "sha": "../../..", "siblings": []}'
    with pytest.raises(ModelUnavailable, match="does not answer as a model hub"):
        Provisioner(settings).ensure(MODEL)
