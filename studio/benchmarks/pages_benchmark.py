"""`studio bench pages`: what visitors wait for a page, many at once, and beside a model at its limit.

Starts a studio as users do, with the samples in it, and opens its pages over Streamlit's connection:
one visitor for each page, then a hundred who think for five seconds between two looks, then the same
hundred while callers of the HTTP interface keep the model at its limit. Milliseconds are the server's;
a browser then draws.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from studio.benchmarks.figures import Figure, FiguresReport
from studio.benchmarks.own_studio import own_settings
from studio.benchmarks.page_visitor import PageFailed, PageVisitor
from studio.config import Settings
from studio.inference.hardware import describe_machine
from studio.prototypes.registry import KINDS
from studio.records import Task
from studio.workbench import Workbench
from studio.workspace.api_key_record import KeyGrants

BUILDERS = {
    "chatbot": "chatbot",
    "search": "search",
    "recommendation": "recommendations",
    "content": "content",
}
"""Kinds whose samples are looked at in their builders, which ask a model only when a visitor does."""
OTHERS = ("", "versions", "publish", "api", "models")
"""Home, and other pages that ask no model anything."""
N_VISITORS = 100
THINK_S = 5.0
ARRIVAL_S = 0.3
"""Between two who come; a first look at a page takes a multiple of the next ones."""
SETTLE_S = 5.0
N_CALLERS = 24
"""At once, twice as many as are written at once."""
ALONE_LOOKS = 5
SEED = 0
READY_S = 300.0
ROOT = Path(__file__).resolve().parents[2]

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Studio:
    """A running studio: where it answers, a key of its interface, the model that writes, its pages."""

    url: str
    key: str
    model: str
    pages: tuple[str, ...]


def run_pages_benchmark(
    settings: Settings,
    *,
    n_visitors: int = N_VISITORS,
    seconds: float = 60.0,
    say: Say = lambda _: None,
) -> FiguresReport:
    """Measure a studio on the default models; about 4 minutes on two cores.

    Args:
        settings: whose weights are used, or none in demo mode.
        n_visitors: how many there are at once.
        seconds: how long each crowd is watched.
        say: told what is being done.

    Raises:
        RuntimeError: the studio does not start, or a page ended with an error.
    """
    with own_settings(settings) as own:
        furnished = _furnished(own, say)
        with _running(own, furnished) as studio:
            say("one visitor for each page")
            alone = {page: asyncio.run(_looks_alone(studio, page)) for page in studio.pages}
            say(f"{n_visitors} visitors")
            crowd = asyncio.run(_crowd(studio, n_visitors, seconds))
            say(f"{n_visitors} visitors beside {N_CALLERS} callers of the model")
            with _callers(studio) as written:
                beside = asyncio.run(_crowd(studio, n_visitors, seconds))
    machine = describe_machine()
    return FiguresReport(
        machine=f"{machine.cpu}, {machine.n_cores} cores, {settings.n_threads} threads",
        versions=", ".join(f"{name} {version(name)}" for name in ("streamlit", "openvino-genai")),
        figures=(
            Figure(
                name="p95 of a page, one visitor, the slowest page (ms)",
                value=max(_ms(looks, 0.95) for looks in alone.values()),
                bound=100.0,
                detail=", ".join(
                    f"{page.partition('?')[0] or 'home'} {_ms(looks, 0.5):.0f}"
                    for page, looks in alone.items()
                ),
            ),
            Figure(
                name=f"p95 of a page, {n_visitors} visitors (ms)",
                value=_ms(crowd, 0.95),
                bound=100.0,
                detail=_told(crowd, seconds),
            ),
            Figure(
                name="p95 of a page beside a model at its limit (ms)",
                value=_ms(beside, 0.95),
                bound=300.0,
                detail=f"{_told(beside, seconds)}; {len(written)} texts by {N_CALLERS} callers",
            ),
        ),
    )


def _furnished(settings: Settings, say: Say) -> _Studio:
    """A studio with the samples in it and a key that opens the models; it does not run yet."""
    say("making the samples")
    with Workbench.open(settings=settings, resume=False) as workbench:
        workbench.prepare_models().result()
        samples = {name: workbench.sample(kind) for name, kind in KINDS.items()}
        for job in workbench.jobs.jobs():
            job.wait(READY_S)
        grants = KeyGrants(opens_models=True, requests_per_minute=None)
        made = workbench.workspace.api_keys.create("bench", grants)
        builders = (f"{page}?prototype={samples[kind].slug}" for kind, page in BUILDERS.items())
        return _Studio(
            url="",
            key=made.secret,
            model=workbench.catalogue.default(Task.GENERATION).id,
            pages=(*builders, *OTHERS),
        )


@contextmanager
def _running(settings: Settings, furnished: _Studio) -> Iterator[_Studio]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "studio/app.py"]
    command += ["--server.port", str(port), "--server.headless", "true"]
    command += ["--server.fileWatcherType", "none", "--logger.level", "error"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={
            **os.environ,
            "STUDIO_HOME": str(settings.home),
            **({"STUDIO_DEMO": "1"} if settings.is_demo else {}),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    studio = replace(furnished, url=f"http://127.0.0.1:{port}")
    try:
        _wait_until_ready(studio, process)
        yield studio
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()
        process.wait()


def _wait_until_ready(studio: _Studio, process: subprocess.Popen[bytes]) -> None:
    """Until a text is written, so that everything is loaded."""
    deadline_s = time.monotonic() + READY_S
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            _write(studio, "Say hello.", 8)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the studio did not start")


def _write(studio: _Studio, prompt: str, n_tokens: int) -> None:
    """Ask the interface for a text. Raises OSError where it is refused or nobody answers."""
    body = {
        "model": studio.model,
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": n_tokens,
    }
    request = urllib.request.Request(
        f"{studio.url}/v1/chat/completions",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {studio.key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=READY_S) as answer:
        answer.read()


async def _looks_alone(studio: _Studio, page: str) -> list[float]:
    """Seconds of looks at a page, without the first one."""
    async with PageVisitor(studio.url, page) as visitor:
        await visitor.look()
        return [await visitor.look() for _ in range(ALONE_LOOKS)]


async def _crowd(studio: _Studio, n_visitors: int, seconds: float) -> list[float]:
    """Seconds of the looks of many visitors at all pages, once all have come."""
    rng = random.Random(SEED)
    looks: list[float] = []
    arrived_s = time.monotonic() + n_visitors * ARRIVAL_S + SETTLE_S

    async def visit(number: int) -> None:
        await asyncio.sleep(number * ARRIVAL_S)
        async with PageVisitor(studio.url, studio.pages[number % len(studio.pages)]) as visitor:
            await visitor.look()
            while time.monotonic() < arrived_s + seconds:
                await asyncio.sleep(rng.expovariate(1 / THINK_S))
                took_s = await visitor.look()
                if time.monotonic() > arrived_s:
                    looks.append(took_s)

    visits = [asyncio.create_task(visit(i)) for i in range(n_visitors)]
    for outcome in await asyncio.gather(*visits, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise PageFailed(str(outcome)) from outcome
    return looks


@contextmanager
def _callers(studio: _Studio) -> Iterator[Sequence[str]]:
    """Callers who ask for one text after another; gives what was asked and written."""
    stop = threading.Event()
    written: list[str] = []

    def call(number: int) -> None:
        i = number
        while not stop.is_set():
            prompt = f"Write a line about product {i}."
            try:
                _write(studio, prompt, 64)
            except OSError:  # refused, as too many ask
                stop.wait(1.0)
            else:
                written.append(prompt)
            i += N_CALLERS

    threads = [threading.Thread(target=call, args=(i,), daemon=True) for i in range(N_CALLERS)]
    for thread in threads:
        thread.start()
    time.sleep(2.0)
    try:
        yield written
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _ms(seconds: Sequence[float], share: float) -> float:
    return float(np.quantile(seconds, share)) * 1e3 if seconds else float("nan")


def _told(looks: Sequence[float], seconds: float) -> str:
    return (
        f"p50 {_ms(looks, 0.5):.0f}, p99 {_ms(looks, 0.99):.0f}, {len(looks) / seconds:.1f} pages/s"
    )
