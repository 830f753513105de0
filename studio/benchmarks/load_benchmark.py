"""`studio bench load`: what people notice of a job, and what happens at three times the capacity.

Ratios of latencies taken in one run on this machine, on the default models: a person alone, and the
same person while a job of 10,000 rows is embedded or rows of a batch are written. Then texts are asked
for three times as fast as they can be written: what is accepted keeps its promise, the rest is refused
at once. Knows no page.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import numpy as np

from studio.benchmarks.figures import Figure, FiguresReport
from studio.benchmarks.open_loop import Driven, drive
from studio.config import Settings
from studio.errors import Overloaded
from studio.inference.benchmark import TOPICS
from studio.inference.catalogue import Catalogue
from studio.inference.hardware import describe_machine
from studio.inference.protocol import GenerationStream
from studio.inference.provisioning import Provisioner
from studio.inference.service import LocalModelService
from studio.records import (
    CallContext,
    EmbeddingRequest,
    GenerationRequest,
    Message,
    Sampling,
    Surface,
    Task,
)

N_ROWS = 10_000
N_AT_ONCE = 64
N_TOKENS = 48
MEAN_THINK_S = 0.1
N_PROBE = 84
USUAL = 0.8
OVERLOAD = 3.0
"""Shares of the texts per second that can be written."""
KEPT = 2.0
"""Times its idle value that a latency may be and still counts as kept, beside a job or in a crowd."""
SEED = 0


def run_load_benchmark(
    catalogue: Catalogue,
    provisioner: Provisioner,
    settings: Settings,
    *,
    quick: bool = False,
    say: Callable[[str], object] = lambda _: None,
) -> FiguresReport:
    """Measure fairness and overload on the default models; about 3 minutes on two cores, 1 if quick.

    Args:
        catalogue: names the default models.
        provisioner: gives their weights, fetched when they are missing.
        settings: of the service that is measured.
        quick: a third of the rows, a quarter of the overload.
        say: told what is being done.
    """
    service = LocalModelService(catalogue, provisioner, lambda _: None, settings)
    try:
        bench = _Bench(
            service, catalogue.default(Task.EMBEDDING).id, catalogue.default(Task.GENERATION).id
        )
        bench.warm_up()
        say("a person beside a job that embeds")
        embedding = _beside_embedding(bench, N_ROWS // 3 if quick else N_ROWS)
        say("a person beside a batch that is written")
        writing = _beside_writing(bench, 12 if quick else 30)
        say("three times as much as can be done")
        overload = _overloaded(bench, settings, 15.0 if quick else 60.0)
    finally:
        service.close()
    machine = describe_machine()
    names = ("openvino", "openvino-genai")
    return FiguresReport(
        machine=f"{machine.cpu}, {machine.n_cores} cores, {settings.n_threads} threads",
        versions=", ".join(f"{name} {version(name)}" for name in names),
        figures=(*embedding, *writing, *overload),
    )


class _Bench:
    """Asks the service as a person or as a job."""

    def __init__(self, service: LocalModelService, embedding: str, generation: str) -> None:
        self._service = service
        self._embedding = embedding
        self._generation = generation

    def warm_up(self) -> None:
        """Load both models, and let kernels be built for the shapes to come."""
        for n in (1, 4, 16, 64):
            self.embed([_row(i) for i in range(n)], "job")
        self.write("What is a startup?", "page")

    def embed(self, texts: Sequence[str], surface: Surface) -> None:
        """Embed texts."""
        context = CallContext(request_id="bench-load", surface=surface)
        self._service.embed(
            EmbeddingRequest(model=self._embedding, texts=tuple(texts), context=context)
        )

    def write(
        self,
        prompt: str,
        surface: Surface,
        account: str = "",
        started: Callable[[GenerationStream], object] = lambda _: None,
    ) -> float:
        """Write a text; gives the milliseconds to its first words."""
        stream = self._service.generate(
            GenerationRequest(
                model=self._generation,
                messages=(Message(role="user", content=prompt),),
                sampling=Sampling(max_new_tokens=N_TOKENS),
                context=CallContext(request_id="bench-load", surface=surface, account=account),
            )
        )
        started(stream)
        for _ in stream:
            pass
        return stream.result().call.first_token_ms or 0.0


def _beside_embedding(bench: _Bench, n_rows: int) -> tuple[Figure, ...]:
    """A person who searches, alone and while rows are embedded in the background."""
    rng = np.random.default_rng(SEED)

    def ask(i: int) -> float:
        began_s = time.perf_counter()
        bench.embed([f"How do I ask about {TOPICS[i % 5]}?"], "page")
        return time.perf_counter() - began_s

    alone = _asked(ask, 200, rng)
    rows = [_row(i) for i in range(n_rows)]
    began_s = time.perf_counter()
    bench.embed(rows, "job")
    job_alone_s = time.perf_counter() - began_s
    beside: list[float] = []
    with _job(lambda: bench.embed(rows, "job")) as job:
        began_s = time.perf_counter()
        while job.is_alive():
            beside += _asked(ask, 1, rng)
        job_beside_s = time.perf_counter() - began_s
    again = _asked(ask, 200, rng)
    idle_ms = _p95_ms([*alone, *again])
    return (
        Figure(
            name=f"p95 of a query beside a job of {n_rows:,} rows, to alone",
            value=_p95_ms(beside) / idle_ms,
            bound=KEPT,
            detail=f"{_p95_ms(beside):.1f} ms of {len(beside)}, alone {idle_ms:.1f} ms",
        ),
        Figure(
            name="time of that job beside a person, to alone",
            value=job_beside_s / job_alone_s,
            bound=2.0,
            detail=f"{job_beside_s:.1f} s, alone {job_alone_s:.1f} s",
        ),
    )


def _beside_writing(bench: _Bench, n_asked: int) -> tuple[Figure, ...]:
    """A person who chats, alone and while a batch of many rows is written."""
    rng = np.random.default_rng(SEED)

    def ask(i: int) -> tuple[float, float]:
        began_s = time.perf_counter()
        first_ms = bench.write(f"What should I know about {TOPICS[i % 5]}?", "page")
        return (time.perf_counter() - began_s) * 1e3, first_ms

    alone = [ask(i) for i in range(n_asked)]
    stop = threading.Event()
    streams: list[GenerationStream] = []

    def rows(number: int) -> None:
        i = number
        while not stop.is_set():
            prompt = f"Write a line about product {i} for {TOPICS[i % 5]}."
            bench.write(prompt, "job", started=streams.append)
            i += N_AT_ONCE

    threads = [threading.Thread(target=rows, args=(i,), daemon=True) for i in range(N_AT_ONCE)]
    for thread in threads:
        thread.start()
    time.sleep(1.0)
    beside = []
    for i in range(n_asked):
        beside.append(ask(i))
        time.sleep(rng.exponential(MEAN_THINK_S))
    stop.set()
    for stream in streams:
        stream.cancel()
    for thread in threads:
        thread.join()
    figures = []
    for name, at in (("whole answer", 0), ("first words", 1)):
        idle, busy = (
            float(np.quantile([one[at] for one in times], 0.95)) for times in (alone, beside)
        )
        figures.append(
            Figure(
                name=f"p95 of the {name} beside {N_AT_ONCE} rows, to alone",
                value=busy / idle,
                bound=KEPT,
                detail=f"{busy:.0f} ms of {n_asked}, alone {idle:.0f} ms",
            )
        )
    return tuple(figures)


def _overloaded(bench: _Bench, settings: Settings, seconds: float) -> tuple[Figure, ...]:
    """Texts asked for by strangers, each once: first what can be written, then three times as much."""
    rng = np.random.default_rng(SEED)
    per_s = _capacity_per_s(bench)
    alone = []
    for i in range(20):
        began_s = time.perf_counter()
        bench.write(f"Say something about {i}.", "page")
        alone.append(time.perf_counter() - began_s)
    idle_s = float(np.quantile(alone, 0.95))
    usual = _strangers(bench, USUAL * per_s, seconds / 2, rng, "usual")
    usual_s = usual.driven.percentile_s(0.95)
    crowd = _strangers(bench, OVERLOAD * per_s, seconds, rng, "crowd")
    driven, refused_ms, retry_s = crowd.driven, crowd.refused_ms, crowd.retry_s
    others = [one for one in driven.failures if not isinstance(one, Overloaded)]
    accepted_s = driven.percentile_s(0.95)
    n_accepted = int(np.isfinite(driven.total_s).sum())
    written_per_s = float((driven.due_s + driven.total_s <= seconds).sum()) / seconds
    promised_s = settings.max_wait_s + idle_s * 2
    half = seconds / 2
    early, late = (
        float(np.nanquantile(driven.total_s[where], 0.95))
        for where in (driven.due_s < half, driven.due_s >= half)
    )
    crowded = f"p95 accepted at {OVERLOAD:g} times capacity"
    return (
        Figure(
            name=f"{crowded}, to that at {USUAL:.0%}",
            value=accepted_s / usual_s,
            bound=KEPT,
            detail=f"{accepted_s:.2f} s, {usual_s:.2f} s at {USUAL:.0%}, {idle_s:.2f} s alone",
        ),
        Figure(
            name=f"{crowded}, to what is promised",
            value=accepted_s / promised_s,
            bound=1.0,
            detail=f"{accepted_s:.1f} s of {n_accepted} accepted in"
            f" {seconds:.0f} s, promised {promised_s:.1f} s ({settings.max_wait_s} s in the queue)",
        ),
        Figure(
            name="p95 accepted, second half to first half",
            value=late / early,
            bound=1.5,
            detail=f"{late:.1f} s, {early:.1f} s",
        ),
        Figure(
            name="p95 of a refusal (ms)",
            value=float(np.quantile(refused_ms, 0.95)) if refused_ms else float("nan"),
            bound=250.0,
            detail=f"{len(refused_ms)} refused, told to try again in {min(retry_s, default=0)} to"
            f" {max(retry_s, default=0)} s",
        ),
        Figure(
            name="capacity kept while overloaded, lost share",
            value=1 - written_per_s / per_s,
            bound=0.2,
            detail=f"{written_per_s:.1f} texts/s, {per_s:.1f} before",
        ),
        Figure(
            name="requests that failed in another way",
            value=float(len(others)),
            bound=0.0,
            detail=", ".join(sorted({type(one).__name__ for one in others})) or "none",
        ),
    )


def _capacity_per_s(bench: _Bench) -> float:
    """Texts per second where more always wait."""
    threads = [
        threading.Thread(target=bench.write, args=(f"Say something about {i}.", "page", f"p{i}"))
        for i in range(N_PROBE)
    ]
    began_s = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return N_PROBE / (time.perf_counter() - began_s)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What became of strangers' requests, and what the refused ones were told."""

    driven: Driven
    refused_ms: list[float]
    retry_s: list[int]


def _strangers(
    bench: _Bench, per_s: float, seconds: float, rng: np.random.Generator, who: str
) -> _Asked:
    """Strangers who ask once each, so many per second, whether or not they are served."""
    due_s = np.cumsum(rng.exponential(1 / per_s, int(per_s * seconds)))
    refused_ms: list[float] = []
    retry_s: list[int] = []

    def ask(i: int) -> None:
        began_s = time.perf_counter()
        try:
            bench.write(f"Say something about {i}.", "api", f"key:{who}{i}")
        except Overloaded as error:
            refused_ms.append((time.perf_counter() - began_s) * 1e3)
            retry_s.append(error.retry_after_s or 0)
            raise

    driven = drive([partial(ask, i) for i in range(len(due_s))], due_s)
    return _Asked(driven, refused_ms, retry_s)


def _asked(ask: Callable[[int], float], n: int, rng: np.random.Generator) -> list[float]:
    """Seconds of questions one after another, with time to think between them."""
    took = []
    for i in range(n):
        time.sleep(rng.exponential(MEAN_THINK_S / 2))
        took.append(ask(i))
    return took


@contextmanager
def _job(work: Callable[[], object]) -> Iterator[threading.Thread]:
    """Do a work beside the block."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        thread.join()


def _p95_ms(seconds: Sequence[float]) -> float:
    return float(np.quantile(seconds, 0.95)) * 1e3


def _row(i: int) -> str:
    """A row of a catalogue, of 10 to 60 words."""
    words = " ".join(f"{TOPICS[(i + j) % 5]} in spring" for j in range(2 + i % 10))
    return f"Product {i}: {words}."
