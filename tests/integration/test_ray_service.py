"""Two copies of the demo models on Ray Serve, one of which dies under load: nobody is left without.

Needs Ray (pip install -e '.[ray]') and is skipped without it; starting it takes half a minute.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
import pytest

from studio.config import Settings
from studio.errors import ModelUnavailable
from studio.inference.builtin_models import MINILM, SMOLLM2
from studio.records import CallContext, EmbeddingRequest, GenerationRequest, Message, Sampling
from studio.workbench import Workbench

pytest.importorskip("ray.serve", reason="Ray is not installed: pip install -e '.[ray]'")

KEY = "a service's key"
N_STUDIOS = 4
"""Each asks for one batch of vectors at a time, so that many requests are open at once."""
STUCK_S = 1.5
CONTEXT = CallContext(request_id="r")
SENTENCE = " ".join(f"word{n}" for n in range(150)) + "."


@dataclass
class Cluster:
    """A model service that runs, as the command started it."""

    url: str
    process: subprocess.Popen[str]

    def copies(self, task: str) -> list[psutil.Process]:
        """The processes of a deployment's copies."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        return [one for one in family if _title(one).startswith(f"ray::ServeReplica:{task}:")]


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return ""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("ray") / "log"
    command = ["studio.cli", "serve", "--ray", "--replicas", "2", "--port", str(port)]
    environment = {
        **os.environ,
        "STUDIO_DEMO": "1",
        "STUDIO_HOME": str(log.parent / "home"),
        "STUDIO_SERVICE_KEY": KEY,
    }
    with log.open("w") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            stdout=sink,
            stderr=sink,
            text=True,
            env=environment,
            cwd=Path(__file__).resolve().parents[2],
        )
        try:
            url = f"http://127.0.0.1:{port}/v1"
            wait_for(lambda: f"STUDIO_SERVICE_URL={url}" in log.read_text(), process, 180)
            yield Cluster(url, process)
        except BaseException:
            sys.stderr.write(log.read_text()[-5_000:])
            raise
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    assert process.returncode == 0, log.read_text()[-5_000:]


def wait_for(is_so: Callable[[], bool], process: subprocess.Popen[str], limit_s: float) -> None:
    end_s = time.monotonic() + limit_s
    while not is_so():
        assert process.poll() is None, "the model service ended"
        assert time.monotonic() < end_s, "it did not happen in time"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def studios(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Workbench]]:
    """Studios that know nothing but the address and the key."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                Workbench.open(
                    settings=Settings(
                        home=tmp_path_factory.mktemp("studio"),
                        offline=True,
                        service_url=cluster.url,
                        service_key=KEY,
                    )
                )
            )
            for _ in range(N_STUDIOS)
        ]


def vectors(studio: Workbench) -> np.ndarray:
    texts = tuple(f"{SENTENCE} {n}" for n in range(40))
    return studio.models.embed(
        EmbeddingRequest(model=MINILM.id, texts=texts, context=CONTEXT)
    ).vectors


def text(studio: Workbench) -> str:
    request = GenerationRequest(
        model=SMOLLM2.id,
        messages=(Message(role="user", content=SENTENCE),),
        sampling=Sampling(max_new_tokens=1_000),
        context=CONTEXT,
    )
    return studio.models.generate(request).result(60).text


@dataclass
class Load:
    """Threads that ask without pause, and what came of it."""

    asks: list[Callable[[], object]]
    results: list[object] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    began_s: dict[int, float] = field(default_factory=dict)

    def __enter__(self) -> Load:
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(ask,)) for ask in self.asks]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(90)

    def n_stuck(self) -> int:
        """How many have waited for longer than any answer takes."""
        return sum(time.monotonic() - began_s > STUCK_S for began_s in self.began_s.values())

    def _run(self, ask: Callable[[], object]) -> None:
        while not self._is_over.is_set():
            try:
                self.began_s[threading.get_ident()] = time.monotonic()
                self.results.append(ask())
            except Exception as error:  # noqa: BLE001 - looked at by the test
                self.errors.append(error)


def kill(copy: psutil.Process, load: Load) -> None:
    """Take a copy away while it has requests: it is halted until some wait for it."""
    for _ in range(50):
        copy.suspend()
        time.sleep(STUCK_S + 0.5)
        if load.n_stuck():
            copy.kill()
            return
        copy.resume()
        time.sleep(0.3)
    raise AssertionError("no request was open at the copy")


@pytest.mark.timeout(600)
def test_a_copy_that_dies_under_load_takes_no_vectors_with_it(cluster, studios, caplog) -> None:
    expected = vectors(studios[0])
    logging.getLogger("studio").propagate = True  # opening a studio may have taken it from caplog
    victim, other = cluster.copies("embedding")
    with Load([lambda studio=studio: vectors(studio) for studio in studios]) as load:
        time.sleep(2)
        n_before = len(load.results)
        kill(victim, load)
        time.sleep(5)
    assert load.errors == []
    assert len(load.results) > n_before > 0
    assert all(np.array_equal(found, expected) for found in load.results)
    assert "sent again" in caplog.text
    assert other.is_running()
    wait_for(lambda: len(cluster.copies("embedding")) == 2, cluster.process, 90)


@pytest.mark.timeout(600)
def test_a_text_is_whole_or_says_that_it_broke_off(cluster, studios, caplog) -> None:
    expected = text(studios[0])
    assert expected == SENTENCE
    victim, _ = cluster.copies("generation")
    with Load([lambda studio=studio: text(studio) for studio in studios for _ in range(2)]) as load:
        time.sleep(2)
        n_before = len(load.results)
        kill(victim, load)
        time.sleep(5)
    assert len(load.results) > n_before > 0
    assert set(load.results) == {expected}
    # Not more than were open at it, and each of them says what to do.
    assert len(load.errors) <= len(load.asks)
    for error in load.errors:
        assert isinstance(error, ModelUnavailable)
        assert "broke off in the middle" in str(error)
    assert text(studios[0]) == expected
    wait_for(lambda: len(cluster.copies("generation")) == 2, cluster.process, 90)


def test_the_studio_records_calls_of_the_service_as_its_own(cluster, studios) -> None:
    studio = studios[0]
    vectors(studio)
    studio.ledger.flush()
    last = studio.ledger.frame().iloc[-1]
    assert (last["engine"], last["model"]) == ("remote", MINILM.id)
    assert str(last["device"]).startswith("remote:127.0.0.1")
