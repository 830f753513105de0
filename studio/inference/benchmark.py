"""The model service against the bare libraries, as ratios taken in one run on this machine.

Every ratio interleaves the two sides round by round and takes the median of the rounds' ratios, so
that a busy neighbour hits both. The texts are fixed; nothing is cached between rounds but what the
service itself keeps. Loads real models; knows no page.
"""

from __future__ import annotations

import json
import platform
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from studio.config import Settings
from studio.inference.catalogue import Catalogue
from studio.inference.hardware import describe_machine
from studio.inference.loading import EngineLoader
from studio.inference.provisioning import Provisioner
from studio.inference.service import LocalModelService
from studio.records import (
    CallContext,
    EmbeddingRequest,
    GenerationRequest,
    Message,
    Sampling,
    Task,
)

N_CALLERS = 16
N_TOKENS = 96
_CONTEXT = CallContext(request_id="bench", surface="bench")
TOPICS = ("a jacket", "the returns policy", "a gift card", "shipping abroad", "the repair shop")
PROMPTS = (
    "What is a startup?",
    "Name three uses of a tent.",
    "Explain what a subscription is.",
    "How does a bicycle stay upright?",
    "Write a sentence about the sea.",
    "What does a shop assistant do?",
    "Why do leaves fall in autumn?",
    "Describe a good cup of tea.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One ratio: service over library, what it must reach, and both sides in their unit.

    `is_at_most` turns the bound round (an overhead). `against` names the other side where it is not
    the library.
    """

    name: str
    ratio: float
    bound: float
    service: float
    library: float
    unit: str
    is_at_most: bool = False
    against: str = "library"

    @property
    def is_passed(self) -> bool:
        """Whether the bound holds."""
        return self.ratio <= self.bound if self.is_at_most else self.ratio >= self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic:
    """How much of the machine's 32-bit arithmetic bulk embedding took, in GFLOP/s (10^9 a second).

    `machine` is a product of two square matrices by torch, the best of several; the others count two
    operations per parameter and token. No engine that computes in 32 bits can be further ahead of the
    library than `machine / library`.
    """

    machine: float
    service: float
    library: float

    def as_text(self) -> str:
        """A line for the terminal."""
        return (
            f"32-bit arithmetic of this machine: {self.machine:.0f} GFLOP/s; bulk embedding takes"
            f" {self.service:.0f} (service), {self.library:.0f} (library): in 32 bits at most"
            f" {self.machine / self.library:.2f} times the library is possible here"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All ratios of a run, with what they were taken on."""

    machine: str
    versions: str
    measures: tuple[Measure, ...]
    arithmetic: Arithmetic

    @property
    def is_passed(self) -> bool:
        """Whether every bound holds."""
        return all(measure.is_passed for measure in self.measures)

    def as_text(self) -> str:
        """A table for the terminal."""
        lines = [self.machine, self.versions, ""]
        for m in self.measures:
            sign = "<=" if m.is_at_most else ">="
            verdict = "ok" if m.is_passed else "MISSED"
            lines.append(
                f"{m.name:44} {m.ratio:7.3f} {sign} {m.bound:<6g} {verdict:7}"
                f"service {m.service:9.2f}, {m.against} {m.library:9.2f} {m.unit}"
            )
        lines += ["", self.arithmetic.as_text()]
        return "\n".join(lines)

    def as_json(self) -> str:
        """The same as JSON."""
        return json.dumps(asdict(self), indent=2)


def run_benchmark(
    catalogue: Catalogue, provisioner: Provisioner, settings: Settings, *, quick: bool = False
) -> Report:
    """Measure everything on the default models.

    Args:
        catalogue: names the default models.
        provisioner: gives their weights, fetched when they are missing.
        settings: threads and memory of the service.
        quick: a third of the rounds.
    """
    rounds = 3 if quick else 9
    service = LocalModelService(catalogue, provisioner, lambda _: None, settings)
    try:
        embedding, arithmetic = _embedding_measures(
            catalogue, provisioner, settings, service, rounds
        )
        generation = _generation_measures(catalogue, provisioner, settings, service, rounds)
    finally:
        service.close()
    machine = describe_machine()
    names = ("torch", "transformers", "sentence-transformers", "openvino", "openvino-genai")
    return Report(
        machine=f"{machine.cpu}, {machine.n_cores} cores, {settings.n_threads} threads, "
        f"Python {platform.python_version()}",
        versions=", ".join(f"{name} {version(name)}" for name in names),
        measures=(*embedding, *generation),
        arithmetic=arithmetic,
    )


def _embedding_measures(
    catalogue: Catalogue,
    provisioner: Provisioner,
    settings: Settings,
    service: LocalModelService,
    rounds: int,
) -> tuple[tuple[Measure, ...], Arithmetic]:
    from sentence_transformers import SentenceTransformer

    spec = catalogue.default(Task.EMBEDDING)
    weights = provisioner.ensure(spec)
    bare = SentenceTransformer(str(weights.folder), device="cpu")
    bulk, singles = _bulk_texts(), [f"How do I ask about {topic}?" for topic in TOPICS] * 8

    def embed(texts: Sequence[str]) -> Any:  # an array
        request = EmbeddingRequest(model=spec.id, texts=tuple(texts), context=_CONTEXT)
        return service.embed(request).vectors

    def encode(texts: Sequence[str]) -> Any:  # an array
        return bare.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)

    cosine = float(np.min(np.sum(embed(bulk) * encode(bulk), axis=1)))
    single = _compare(lambda: _each(embed, singles), lambda: _each(encode, singles), rounds)
    lock = threading.Lock()
    crowd = singles * 4
    many = _compare(
        lambda: _callers(embed, crowd), lambda: _locked_callers(encode, crowd, lock), rounds
    )
    whole = _compare(lambda: embed(bulk), lambda: encode(bulk), rounds)
    overhead = _embedding_overhead(catalogue, provisioner, settings, embed, bulk, rounds)
    n = len(singles)
    request = EmbeddingRequest(model=spec.id, texts=tuple(bulk), context=_CONTEXT)
    n_tokens = sum(service.embed(request).n_tokens)
    matrices = (p.numel() for name, p in bare.named_parameters() if _is_multiplied(name, p.dim()))
    gflop = 2 * sum(matrices) * n_tokens / 1e9
    arithmetic = Arithmetic(
        machine=_machine_gflops(settings.n_threads),
        service=gflop / _median_s(whole, 0),
        library=gflop / _median_s(whole, 1),
    )
    measures = (
        _rate("one text, service to bare call", single, 1.0, n, "texts/s"),
        _rate(f"{N_CALLERS} callers, service to a lock", many, 4.0, len(crowd), "texts/s"),
        _rate("bulk embedding", whole, 2.0, len(bulk), "texts/s"),
        Measure(
            name="bulk embedding, lowest cosine",
            ratio=cosine,
            bound=0.9999,
            service=cosine,
            library=1.0,
            unit="cosine",
        ),
        overhead,
    )
    return measures, arithmetic


def _is_multiplied(name: str, n_dimensions: int) -> bool:
    """Whether a parameter is a matrix that every token is multiplied with; embeddings are looked up."""
    return n_dimensions == 2 and "embeddings" not in name and "pooler" not in name


def _machine_gflops(n_threads: int) -> float:
    """What torch reaches with a product of 2,048 x 2,048 matrices in fp32, the best of ten."""
    import torch

    size, before = 2048, torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        left, right = torch.ones(size, size), torch.ones(size, size)
        left @ right
        quickest_s = min(_seconds(lambda: left @ right) for _ in range(10))
    finally:
        torch.set_num_threads(before)
    return 2 * size**3 / quickest_s / 1e9


def _embedding_overhead(
    catalogue: Catalogue,
    provisioner: Provisioner,
    settings: Settings,
    embed: Callable[[Sequence[str]], Any],
    texts: Sequence[str],
    rounds: int,
) -> Measure:
    """The service against its own engine, driven by hand in the same batches."""
    spec = catalogue.default(Task.EMBEDDING)
    weights = provisioner.ensure(spec)
    engine = EngineLoader(
        spec, weights, settings, lambda _: None, lambda: provisioner.transformers_folder(spec)
    ).embedding()

    def by_hand() -> None:
        inputs = sorted(engine.prepare(texts, "passage"), key=lambda p: -p.n_tokens)
        for start in range(0, len(inputs), 32):
            engine.finish(engine.forward(inputs[start : start + 32]))

    times = _compare(lambda: embed(texts), by_hand, rounds)
    engine.close()
    ratio = statistics.median(ours / theirs for ours, theirs in times) - 1
    return Measure(
        name="overhead of the service, bulk embedding",
        ratio=ratio,
        bound=0.05,
        service=_median_s(times, 0) * 1000,
        library=_median_s(times, 1) * 1000,
        unit="ms",
        is_at_most=True,
    )


def _generation_measures(
    catalogue: Catalogue,
    provisioner: Provisioner,
    settings: Settings,
    service: LocalModelService,
    rounds: int,
) -> tuple[Measure, ...]:
    spec = catalogue.default(Task.GENERATION)
    library = _BareTransformers(str(provisioner.transformers_folder(spec)))

    def write(prompts: Sequence[str]) -> list[str]:
        streams = [
            service.generate(
                GenerationRequest(
                    model=spec.id,
                    messages=_messages(prompt),
                    sampling=Sampling(max_new_tokens=N_TOKENS),
                    context=_CONTEXT,
                )
            )
            for prompt in prompts
        ]
        results = [stream.result() for stream in streams]
        counts.append(sum(result.call.tokens_out for result in results))
        return [result.text.strip() for result in results]

    counts: list[int] = []
    texts = write(PROMPTS)
    expected = [library.write([prompt])[0] for prompt in PROMPTS]
    n_equal = sum(ours == theirs for ours, theirs in zip(texts, expected, strict=True))
    n_eight = counts[-1]
    write(PROMPTS[:1])
    n_one = counts[-1]
    rounds = max(2, rounds // 3)
    one = _compare(lambda: write(PROMPTS[:1]), lambda: library.write(PROMPTS[:1]), rounds)
    eight = _compare(lambda: write(PROMPTS), lambda: library.write(PROMPTS), rounds)
    gain = _compare(lambda: write(PROMPTS), lambda: write(PROMPTS[:1]), rounds)
    return (
        Measure(
            name="greedy texts equal to transformers fp32",
            ratio=n_equal / len(PROMPTS),
            bound=1.0,
            service=n_equal,
            library=len(PROMPTS),
            unit="texts",
        ),
        _rate("generation, 1 request", one, 2.5, n_one, "tokens/s"),
        _rate("generation, 8 requests to one static batch", eight, 4.0, n_eight, "tokens/s"),
        _gain(gain, n_eight, n_one),
        _generation_overhead(catalogue, provisioner, settings, write, rounds * 3),
    )


def _gain(times: Sequence[tuple[float, float]], n_eight: int, n_one: int) -> Measure:
    """Tokens per second of eight generations at once to those of one, both of the service."""
    return Measure(
        name="8 generations at once to 1",
        ratio=statistics.median((n_eight / eight) / (n_one / one) for eight, one in times),
        bound=5.0,
        service=n_eight / _median_s(times, 0),
        library=n_one / _median_s(times, 1),
        unit="tokens/s",
        against="one",
    )


def _generation_overhead(
    catalogue: Catalogue,
    provisioner: Provisioner,
    settings: Settings,
    write: Callable[[Sequence[str]], object],
    rounds: int,
) -> Measure:
    """The service against its own engine, stepped by hand."""
    spec = catalogue.default(Task.GENERATION)
    weights = provisioner.ensure(spec)
    engine = EngineLoader(
        spec, weights, settings, lambda _: None, lambda: provisioner.transformers_folder(spec)
    ).generation()

    def by_hand() -> None:
        for handle, prompt in enumerate(PROMPTS):
            prepared = engine.prepare(_messages(prompt))
            engine.add(handle, prepared, Sampling(max_new_tokens=N_TOKENS))
        n_left = len(PROMPTS)
        while n_left:
            n_left -= sum(event.finish_reason is not None for event in engine.step())

    by_hand()
    times = _compare(lambda: write(PROMPTS), by_hand, rounds)
    engine.close()
    return Measure(
        name="overhead of the service, 8 generations",
        ratio=statistics.median(ours / theirs for ours, theirs in times) - 1,
        bound=0.05,
        service=_median_s(times, 0) * 1000,
        library=_median_s(times, 1) * 1000,
        unit="ms",
        is_at_most=True,
    )


class _BareTransformers:
    """Plain `generate` in fp32: one static, left-padded batch."""

    def __init__(self, folder: str) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self._tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
        self._model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        self._model.eval()

    def write(self, prompts: Sequence[str]) -> list[str]:
        import torch

        texts = [
            self._tokenizer.apply_chat_template(
                [{"role": "user", "content": prompt}], tokenize=False, add_generation_prompt=True
            )
            for prompt in prompts
        ]
        inputs = self._tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
        with torch.inference_mode():
            ids = self._model.generate(
                **inputs,
                max_new_tokens=N_TOKENS,
                do_sample=False,
                pad_token_id=self._tokenizer.pad_token_id or self._tokenizer.eos_token_id,
            )
        new = ids[:, inputs["input_ids"].shape[1] :]  # (b, new tokens)
        return [
            text.strip() for text in self._tokenizer.batch_decode(new, skip_special_tokens=True)
        ]


def _compare(
    ours: Callable[[], object], theirs: Callable[[], object], rounds: int
) -> list[tuple[float, float]]:
    """Seconds of both sides, round by round, after one round that does not count."""
    ours()
    theirs()
    return [(_seconds(ours), _seconds(theirs)) for _ in range(rounds)]


def _seconds(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def _median_s(times: Sequence[tuple[float, float]], side: int) -> float:
    return statistics.median(pair[side] for pair in times)


def _rate(
    name: str, times: Sequence[tuple[float, float]], bound: float, n: int, unit: str
) -> Measure:
    return Measure(
        name=name,
        ratio=statistics.median(theirs / ours for ours, theirs in times),
        bound=bound,
        service=n / _median_s(times, 0),
        library=n / _median_s(times, 1),
        unit=unit,
    )


def _each(work: Callable[[Sequence[str]], object], texts: Sequence[str]) -> None:
    for text in texts:
        work([text])


def _callers(work: Callable[[Sequence[str]], object], texts: Sequence[str]) -> None:
    """The texts one by one from as many threads as there are callers."""
    with ThreadPoolExecutor(N_CALLERS) as pool:
        list(pool.map(lambda text: work([text]), texts))


def _locked_callers(
    work: Callable[[Sequence[str]], object], texts: Sequence[str], lock: threading.Lock
) -> None:
    def guarded(one: Sequence[str]) -> object:
        with lock:
            return work(one)

    _callers(guarded, texts)


def _messages(prompt: str) -> tuple[Message, ...]:
    return (Message(role="user", content=prompt),)


def _bulk_texts() -> list[str]:
    """320 short and 48 long texts, mixed: about a founder's help pages."""
    short = [
        f"Question {i}: what should I know about {TOPICS[i % 5]} in spring?" for i in range(320)
    ]
    part = "The shop ships within two days and takes unused goods back for six weeks. "
    long = [f"Page {i} is about {TOPICS[i % 5]}. " + part * 12 for i in range(48)]
    mixed = [*short]
    for i, text in enumerate(long):
        mixed.insert(i * 7, text)
    return mixed
