from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from studio.errors import EngineLost, ModelUnavailable
from studio.inference.engines.process_generation import ProcessGenerationEngine
from studio.records import Message, Sampling
from tests.contract.tiny_models import write_chat_gguf

PATIENCE_S = 60
TURNS = (Message(role="user", content="alpha beta gamma"),)


@pytest.fixture(scope="module")
def gguf(tmp_path_factory):
    return write_chat_gguf(tmp_path_factory.mktemp("gguf"))


@pytest.fixture
def engine(gguf):
    engine = ProcessGenerationEngine(model="tiny", gguf=gguf, revision="r", n_threads=1)
    yield engine
    engine.close()


def children():
    return [child.pid for child in psutil.Process().children()]


def wait_until(condition):
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def test_the_model_is_in_another_process_that_ends_with_the_engine(gguf):
    engine = ProcessGenerationEngine(model="tiny", gguf=gguf, revision="r", n_threads=1)
    pid = engine._process.pid
    assert pid in children()
    engine.add(1, engine.prepare(TURNS), Sampling(max_new_tokens=2))
    assert engine.step()[0].handle == 1
    engine.close()
    assert not psutil.pid_exists(pid)


def test_what_openvino_cannot_read_is_said_and_leaves_no_process(tmp_path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 64)
    before = set(children())
    with pytest.raises(ModelUnavailable):
        ProcessGenerationEngine(model="broken", gguf=broken, revision="r", n_threads=1)
    assert set(children()) == before


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
def test_a_killed_process_is_told_as_lost(engine):
    engine.add(1, engine.prepare(TURNS), Sampling(max_new_tokens=40))
    engine.kill()
    with pytest.raises(EngineLost, match=r"tiny ended while it worked \(signal 9\)"):
        engine.step()
    with pytest.raises(EngineLost):
        engine.step()


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
def test_the_process_ends_with_a_studio_that_is_killed(gguf):
    code = (
        "import sys, time, psutil\n"
        "from pathlib import Path\n"
        "from studio.inference.engines.process_generation import ProcessGenerationEngine\n"
        f"gguf = Path({str(gguf)!r})\n"
        "engine = ProcessGenerationEngine(model='m', gguf=gguf, revision='r', n_threads=1)\n"
        "print(psutil.Process().children()[0].pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as studio:
        pid = int(studio.stdout.readline())
        assert psutil.pid_exists(pid)
        os.kill(studio.pid, signal.SIGKILL)
        wait_until(lambda: not psutil.pid_exists(pid) or _is_zombie(pid))


def _is_zombie(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_interrupting_the_studio_from_a_terminal_does_not_end_the_process(engine):
    os.kill(engine._process.pid, signal.SIGINT)
    engine.add(1, engine.prepare(TURNS), Sampling(max_new_tokens=2))
    assert engine.step()[0].handle == 1


def test_a_request_may_have_the_handle_of_one_that_was_cancelled(engine):
    engine.add(1, engine.prepare(TURNS), Sampling(max_new_tokens=200))
    engine.step()
    engine.cancel(1)
    engine.add(1, engine.prepare(TURNS), Sampling(max_new_tokens=3))
    events = []
    deadline_s = time.monotonic() + PATIENCE_S
    while not (events and events[-1].finish_reason) and time.monotonic() < deadline_s:
        events += engine.step()
    assert sum(event.n_tokens for event in events) == 3
