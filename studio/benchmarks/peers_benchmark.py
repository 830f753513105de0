"""`studio bench peers`: the model service beside infinity-emb and llama.cpp's server, in one run.

Each peer runs in an environment of its own (`peer_process`), with the very files that the studio has.
Both sides get the same texts from as many callers, in turns; a ratio is the median of those of the
rounds, so that a busy neighbour hits both. Neither side pays for a connection. A peer that is not to be
had is said, and the report then does not pass. Knows no page.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from studio.benchmarks.figures import Figure, FiguresReport
from studio.benchmarks.peer_child import N_SLOTS, N_TOKENS
from studio.benchmarks.peer_process import INFINITY, LLAMA, Peer, PeerUnavailable, Took, running
from studio.config import Settings
from studio.inference.batching import MicroBatcher
from studio.inference.benchmark import N_CALLERS, PROMPTS, TOPICS
from studio.inference.calls import CallMeter
from studio.inference.catalogue import Catalogue
from studio.inference.hardware import describe_machine
from studio.inference.provisioning import Provisioner
from studio.inference.service import LocalModelService
from studio.records import (
    CallContext,
    CallRecord,
    EmbeddingRequest,
    GenerationRequest,
    Message,
    Sampling,
    Task,
)

_CONTEXT = CallContext(request_id="bench-peers", surface="page")  # as people ask, one by one
N_ALONE = 3  # of the prompts, written one after another

Say = Callable[[str], object]
Ask = Callable[[Sequence[str], int], Took]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One turn of both sides with the same texts."""

    ours: Took
    theirs: Took


def run_peers_benchmark(
    catalogue: Catalogue,
    provisioner: Provisioner,
    settings: Settings,
    *,
    quick: bool = False,
    say: Say = lambda _: None,
) -> FiguresReport:
    """Measure the default models beside both peers; about 5 minutes on two cores, 2 if quick.

    The first run installs the peers, which takes minutes more.

    Args:
        catalogue: names the default models.
        provisioner: gives their weights, fetched when they are missing.
        settings: threads of both sides; environments are kept in its cache folder.
        quick: a third of the rounds.
        say: told what is being done.
    """
    machine = describe_machine()
    figures: list[Figure] = []
    skipped: list[str] = []
    parts: tuple[tuple[Peer, Callable[..., tuple[Figure, ...]]], ...] = (
        (INFINITY, _beside_infinity),
        (LLAMA, _beside_llama),
    )
    for peer, measure in parts:
        if machine.device != "cpu":
            skipped.append(f"{peer.name}: runs on the CPU here, and the studio on {machine.device}")
            continue
        say(f"beside {peer.name}")
        try:
            figures += measure(catalogue, provisioner, settings, 3 if quick else 9, say)
        except PeerUnavailable as error:
            skipped.append(str(error))
    names = ("torch", "sentence-transformers", "openvino", "openvino-genai")
    ours = [f"{name} {version(name)}" for name in names]
    return FiguresReport(
        machine=f"{machine.cpu}, {machine.n_cores} cores, {settings.n_threads} threads",
        versions=", ".join((*ours, *INFINITY.packages, *LLAMA.packages)),
        figures=tuple(figures),
        skipped=tuple(skipped),
    )


def _beside_infinity(
    catalogue: Catalogue, provisioner: Provisioner, settings: Settings, rounds: int, say: Say
) -> tuple[Figure, ...]:
    """16 callers of one text each: the studio in 32 bits as the peer, then with its own engine."""
    spec = catalogue.default(Task.EMBEDDING)
    folder = provisioner.ensure(spec).folder
    if folder is None:
        raise PeerUnavailable(f"{INFINITY.name}: {spec.name} has no folder that it could load")
    texts = [f"How do I ask about {TOPICS[i % 5]}, {i}?" for i in range(N_CALLERS * 20)]
    with (
        running(INFINITY, _environments(settings), folder, settings.n_threads) as peer,
        _service(catalogue, provisioner, settings) as service,
        _in_32_bits(spec.id, folder, settings.n_threads) as in_32_bits,
    ):

        def embed(text: str) -> None:
            service.embed(EmbeddingRequest(model=spec.id, texts=(text,), context=_CONTEXT))

        fp32 = in_turns(lambda: _crowd(in_32_bits, texts), _asking(peer.ask, texts), rounds, say)
        own = in_turns(lambda: _crowd(embed, texts), _asking(peer.ask, texts), rounds, say)
    return embedding_figures(fp32, own)


def _beside_llama(
    catalogue: Catalogue, provisioner: Provisioner, settings: Settings, rounds: int, say: Say
) -> tuple[Figure, ...]:
    """8 texts at once, and one after another: the peer with the weights as they came."""
    spec = catalogue.default(Task.GENERATION)
    gguf = provisioner.ensure(spec).gguf_original
    if gguf is None:
        raise PeerUnavailable(f"{LLAMA.name}: {spec.name} has no GGUF file that it could load")
    alone = PROMPTS[:N_ALONE]
    with (
        running(LLAMA, _environments(settings), gguf, settings.n_threads) as peer,
        _service(catalogue, provisioner, settings) as service,
    ):

        def write(prompts: Sequence[str], n_callers: int) -> Took:
            return _written(service, spec.id, prompts, n_callers)

        eight = in_turns(
            lambda: write(PROMPTS, N_SLOTS),
            lambda: peer.ask(PROMPTS, N_SLOTS),
            rounds,
            say,
        )
        one = in_turns(lambda: write(alone, 1), lambda: peer.ask(alone, 1), rounds, say)
    return generation_figures(eight, one)


def in_turns(
    ours: Callable[[], Took], theirs: Callable[[], Took], rounds: int, say: Say = lambda _: None
) -> tuple[Round, ...]:
    """Both sides one after the other, round by round, after one round that does not count."""
    ours()
    theirs()
    found = []
    for number in range(rounds):
        found.append(Round(ours=ours(), theirs=theirs()))
        say(f"round {number + 1}: {found[-1].ours.per_s:.1f} against {found[-1].theirs.per_s:.1f}")
    return tuple(found)


def embedding_figures(fp32: Sequence[Round], own: Sequence[Round]) -> tuple[Figure, ...]:
    """Throughput and p95 beside infinity-emb, with what each is to reach."""
    ours_ms, theirs_ms = (
        float(np.quantile([s for took in side for s in took.each_s], 0.95)) * 1e3
        for side in ([one.ours for one in fp32], [one.theirs for one in fp32])
    )
    return (
        _rate(f"{N_CALLERS} callers in 32 bits, to infinity-emb", fp32, 1.0, "texts/s"),
        Figure(
            name="p95 of them, to infinity-emb",
            value=ours_ms / theirs_ms,
            bound=1.0,
            detail=f"{ours_ms:.0f} ms, infinity-emb {theirs_ms:.0f} ms",
        ),
        _rate(f"{N_CALLERS} callers with the CPU engine, to infinity-emb", own, 1.8, "texts/s"),
    )


def generation_figures(eight: Sequence[Round], one: Sequence[Round]) -> tuple[Figure, ...]:
    """Tokens per second beside llama.cpp, with what each is to reach."""
    ours = statistics.median(each.ours.decoded_per_s for each in one)
    theirs = statistics.median(each.theirs.decoded_per_s for each in one)
    return (
        _rate(
            f"{N_SLOTS} texts at once, to llama.cpp with {N_SLOTS} slots", eight, 1.5, "tokens/s"
        ),
        Figure(
            name="one text once it runs, to llama.cpp",
            value=statistics.median(
                each.ours.decoded_per_s / each.theirs.decoded_per_s for each in one
            ),
            bound=0.5,
            detail=f"{ours:.1f} tokens/s, peer {theirs:.1f} with the weights as they came",
            is_at_least=True,
        ),
    )


def _rate(name: str, rounds: Sequence[Round], bound: float, unit: str) -> Figure:
    ours = statistics.median(one.ours.per_s for one in rounds)
    theirs = statistics.median(one.theirs.per_s for one in rounds)
    return Figure(
        name=name,
        value=statistics.median(one.ours.per_s / one.theirs.per_s for one in rounds),
        bound=bound,
        detail=f"{ours:.1f} {unit}, peer {theirs:.1f}",
        is_at_least=True,
    )


def _environments(settings: Settings) -> Path:
    return settings.cache_dir / "peers"


@contextmanager
def _service(
    catalogue: Catalogue, provisioner: Provisioner, settings: Settings
) -> Iterator[LocalModelService]:
    service = LocalModelService(catalogue, provisioner, lambda _: None, settings)
    try:
        yield service
    finally:
        service.close()


@contextmanager
def _in_32_bits(model: str, folder: Path, n_threads: int) -> Iterator[Callable[[str], None]]:
    """Embeds a text as the service would where OpenVINO cannot read a model: the peer's precision."""
    from studio.inference.engines.transformers_embedding import TransformersEmbeddingEngine

    batcher = MicroBatcher(
        lambda: TransformersEmbeddingEngine(
            model=model, folder=folder, revision="", device="cpu", n_threads=n_threads
        ),
        name=model,
    )

    def embed(text: str) -> None:
        meter = CallMeter(arrived_s=time.perf_counter(), started_at=datetime.now(UTC))
        batcher.embed(batcher.prepare([text], "query"), meter)

    batcher.start()
    try:
        yield embed
    finally:
        batcher.close()


def _asking(ask: Ask, texts: Sequence[str]) -> Callable[[], Took]:
    return lambda: ask(texts, N_CALLERS)


def _crowd(embed: Callable[[str], None], texts: Sequence[str]) -> Took:
    """The texts one by one from as many threads as there are callers."""

    def timed(text: str) -> float:
        began_s = time.perf_counter()
        embed(text)
        return time.perf_counter() - began_s

    began_s = time.perf_counter()
    with ThreadPoolExecutor(N_CALLERS) as pool:
        each_s = list(pool.map(timed, texts))
    return Took(seconds=time.perf_counter() - began_s, n=len(texts), each_s=each_s)


def _written(
    service: LocalModelService, model: str, prompts: Sequence[str], n_callers: int
) -> Took:
    """The prompts written by so many callers, greedily."""

    def write(prompt: str) -> CallRecord:
        stream = service.generate(
            GenerationRequest(
                model=model,
                messages=(Message(role="user", content=prompt),),
                sampling=Sampling(max_new_tokens=N_TOKENS),
                context=_CONTEXT,
            )
        )
        return stream.result().call

    began_s = time.perf_counter()
    with ThreadPoolExecutor(n_callers) as pool:
        calls = list(pool.map(write, prompts))
    return Took(
        seconds=time.perf_counter() - began_s,
        n=sum(call.tokens_out for call in calls),
        n_decoded=sum(call.tokens_out - 1 for call in calls),
        decode_s=sum(call.total_ms - (call.first_token_ms or 0.0) for call in calls) / 1e3,
    )
