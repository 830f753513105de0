"""Requests of all callers to embed or to judge texts, computed together in well-filled batches.

Knows queues, lengths and fairness; knows no model library and no result beyond its
row. The running
forward pass is the window in which the next batch gathers: nothing ever waits for more to come.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable, Overloaded
from studio.inference.calls import CallMeter
from studio.inference.protocol import EmbeddingEngine, EngineInfo, Prepared, RerankingEngine
from studio.inference.worker import EngineThread, RateMeter, failure_of

MAX_BATCH = 32
# Padded tokens of one forward pass. Longer passes are no faster per text, and everybody waits for
# the running one.
MAX_BATCH_TOKENS = 2048
# What is gathered at once to be sorted by length: two full batches.
WINDOW_ITEMS = 2 * MAX_BATCH
WINDOW_TOKENS = 2 * MAX_BATCH_TOKENS


class _BatchEngine(Protocol):
    """What embedding and reranking engines have in common."""

    info: EngineInfo

    def forward(self, batch: Sequence[Prepared]) -> NDArray[np.float32]: ...

    def finish(self, raw: NDArray[np.float32]) -> NDArray[np.float32]: ...

    def close(self) -> None: ...


BatchEngineT = TypeVar("BatchEngineT", bound=_BatchEngine)


@dataclass(slots=True, eq=False)
class _Job:
    """One request: its inputs, the rows not taken yet (the longest last), its measures."""

    inputs: Sequence[Prepared]
    meter: CallMeter
    n_missing: int
    rows_left: list[int]
    future: Future[NDArray[np.float32]] = field(default_factory=Future)
    vectors: NDArray[np.float32] | None = None


@dataclass(slots=True, frozen=True)
class _Item:
    job: _Job
    row: int
    prepared: Prepared


@dataclass(slots=True)
class _Window:
    items: list[_Item] = field(default_factory=list)
    n_tokens: int = 0

    @property
    def is_full(self) -> bool:
        return len(self.items) >= WINDOW_ITEMS or self.n_tokens >= WINDOW_TOKENS

    def take_from(self, job: _Job) -> None:
        """Take up to a batch of the job's longest rows, so that neighbours are of equal length."""
        for _ in range(MAX_BATCH):
            if self.is_full or not job.rows_left:
                return
            row = job.rows_left.pop()
            self.items.append(_Item(job, row, job.inputs[row]))
            self.n_tokens += job.inputs[row].n_tokens


class BatchWorker(EngineThread[BatchEngineT]):
    """Serves one engine that answers in rows to any number of threads.

    Requests that have not had a turn go first; a long one continues after them, a slice at a time
    and at least in every second window. So neither waits for the whole of the other.

    Args:
        open_engine: makes the engine, in the worker's thread.
        name: the model's name for messages.
        max_waiting: unanswered requests before "busy".
        timer: monotonic seconds.
    """

    def __init__(
        self,
        open_engine: Callable[[], BatchEngineT],
        *,
        name: str,
        max_waiting: int = 256,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(open_engine, name=name)
        self._max_waiting = max_waiting
        self._timer = timer
        self._fresh: deque[_Job] = deque()
        self._continued: deque[_Job] = deque()
        self._unanswered: set[_Job] = set()
        self._owes_turn = False
        self._rate = RateMeter()

    @property
    def n_waiting(self) -> int:
        """Requests that have no answer yet, the ones being computed included."""
        return len(self._unanswered)

    @property
    def rate_per_s(self) -> float:
        """Texts per second over the last minute."""
        return self._rate.per_second(self._timer())

    def run(self, inputs: Sequence[Prepared], meter: CallMeter) -> NDArray[np.float32]:
        """A row for each of at least one prepared input, in order, float32; waits for them.

        `meter` is filled while it runs.

        Raises:
            Overloaded: too many requests wait.
            ModelUnavailable: the forward pass failed, or the model was unloaded.
        """
        job = _Job(
            inputs=inputs,
            meter=meter,
            n_missing=len(inputs),
            rows_left=sorted(range(len(inputs)), key=lambda row: inputs[row].n_tokens),
        )
        with self._changed:
            self._loaded()
            if len(self._unanswered) >= self._max_waiting:
                raise Overloaded(
                    "The model {name} is busy: {n} requests are waiting. Try again in a moment.",
                    name=self._name,
                    n=len(self._unanswered),
                )
            self._unanswered.add(job)
            self._fresh.append(job)
            self._changed.notify()
        try:
            return job.future.result()
        except BaseException:
            job.future.cancel()  # the caller was interrupted: the rest need not be computed
            raise

    def _serve(self, engine: BatchEngineT) -> None:
        while True:
            with self._changed:
                while not self._is_closing() and not self._fresh and not self._continued:
                    self._changed.wait()
                if self._is_closing():
                    return
                window = self._gather()
            for batch in _cut(window):
                if self._is_closing():
                    return
                self._compute(engine, [item for item in batch if not item.job.future.done()])

    def _gather(self) -> list[_Item]:
        """Let the waiting requests have a turn each until the window is full; holds the lock."""
        window = _Window()
        had_turn = self._owes_turn and bool(self._continued)
        if had_turn:
            self._take_turn(window, self._continued.popleft())
        n_continued = len(self._continued)
        while self._fresh and not window.is_full:
            self._take_turn(window, self._fresh.popleft())
        self._owes_turn = not had_turn and n_continued > 0 and window.is_full
        while self._continued and not window.is_full:
            self._take_turn(window, self._continued.popleft())
        return window.items

    def _take_turn(self, window: _Window, job: _Job) -> None:
        if job.future.done():  # failed or abandoned
            self._unanswered.discard(job)
            return
        window.take_from(job)
        if job.rows_left:
            self._continued.append(job)

    def _compute(self, engine: BatchEngineT, batch: Sequence[_Item]) -> None:
        if not batch:
            return
        began_s = self._timer()
        for item in batch:
            item.job.meter.begin(began_s)
        failure: Exception | None = None
        try:
            vectors = engine.finish(engine.forward([item.prepared for item in batch]))
            _check(vectors, len(batch))
        except Exception as error:  # noqa: BLE001 - handed to the callers it concerns
            failure = error
        _charge(batch, self._timer() - began_s)
        if failure is None:
            self._deliver(batch, vectors)
        elif len(batch) == 1:
            self._answer(batch[0].job, failure_of(self._name, failure))
        else:
            # Halves need half the memory, and at last a bad input stands alone.
            for half in (batch[: len(batch) // 2], batch[len(batch) // 2 :]):
                self._compute(engine, [item for item in half if not item.job.future.done()])

    def _deliver(self, batch: Sequence[_Item], vectors: NDArray[np.float32]) -> None:
        self._rate.add(self._timer(), len(batch))
        for item, vector in zip(batch, vectors, strict=True):
            job = item.job
            if job.vectors is None:
                job.vectors = np.empty((len(job.inputs), len(vector)), np.float32)
            job.vectors[item.row] = vector
            job.n_missing -= 1
            if job.n_missing == 0:
                self._answer(job, job.vectors)

    def _answer(self, job: _Job, answer: NDArray[np.float32] | Exception) -> None:
        with self._changed:
            self._unanswered.discard(job)
        with suppress(InvalidStateError):  # the caller may have gone this very moment
            if isinstance(answer, Exception):
                job.future.set_exception(answer)
            else:
                job.future.set_result(answer)

    def _fail_all(self, error: Exception) -> None:
        with self._changed:
            jobs = tuple(self._unanswered)
            self._fresh.clear()
            self._continued.clear()
        for job in jobs:
            self._answer(job, error)


class MicroBatcher(BatchWorker[EmbeddingEngine]):
    """Makes vectors; see `BatchWorker`."""

    def prepare(self, texts: Sequence[str], purpose: str) -> list[Prepared]:
        """Tokenise, in the calling thread.

        Raises:
            ModelUnavailable: the model was unloaded meanwhile.
        """
        return self._loaded().prepare(texts, purpose)

    def embed(self, inputs: Sequence[Prepared], meter: CallMeter) -> NDArray[np.float32]:
        """Vectors of at least one prepared text, `(n, dim)` float32; see `run`."""
        return self.run(inputs, meter)


class PairBatcher(BatchWorker[RerankingEngine]):
    """Judges pairs of query and text; see `BatchWorker`. Pairs of several queries share a pass."""

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        """Tokenise, in the calling thread.

        Raises:
            ModelUnavailable: the model was unloaded meanwhile.
        """
        return self._loaded().prepare(query, texts)

    def judge(self, inputs: Sequence[Prepared], meter: CallMeter) -> NDArray[np.float32]:
        """Scores of at least one prepared pair, `(n,)` float32; see `run`."""
        return self.run(inputs, meter)[:, 0]


def _cut(window: Sequence[_Item]) -> Iterator[list[_Item]]:
    """Batches of similar length, the shortest first, within both bounds (one item always fits)."""
    batch: list[_Item] = []
    for item in sorted(window, key=lambda item: item.prepared.n_tokens):
        padded_tokens = (len(batch) + 1) * item.prepared.n_tokens
        if batch and (len(batch) == MAX_BATCH or padded_tokens > MAX_BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def _charge(batch: Sequence[_Item], busy_s: float) -> None:
    """Divide the time of a forward pass between its requests by tokens."""
    tokens: dict[_Job, int] = {}
    for item in batch:
        tokens[item.job] = tokens.get(item.job, 0) + max(1, item.prepared.n_tokens)
    total = sum(tokens.values())
    for job, n in tokens.items():
        job.meter.add_pass(busy_s * n / total, len(tokens))


def _check(vectors: NDArray[np.float32], n: int) -> None:
    if vectors.ndim != 2 or len(vectors) != n:
        raise ModelUnavailable(
            "The model gave vectors of shape {shape} for {n} texts. Choose another model.",
            shape=vectors.shape,
            n=n,
        )
    if not np.isfinite(vectors).all():
        raise ModelUnavailable(
            "The model gave numbers that are not finite. Choose another model or precision."
        )
