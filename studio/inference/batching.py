"""Requests of all callers to embed or to judge texts, computed together in well-filled batches.

Knows queues, batches and deadlines; knows no model library and no result beyond its row. The running
forward pass is the window in which the next batch gathers: nothing ever waits for more to come.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import InvalidStateError
from contextlib import suppress
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable, Overloaded, StudioError
from studio.inference.batch_lines import CPU_PASS_TOKENS, BatchJob, BatchLines, Item, Window
from studio.inference.calls import CallMeter
from studio.inference.protocol import (
    EmbeddingEngine,
    EngineInfo,
    Prepared,
    RerankingEngine,
)
from studio.inference.turns import ANYBODY, Patience, Turn
from studio.inference.worker import EngineThread, MovingMean, RateMeter, failure_of


class _BatchEngine(Protocol):
    """What embedding and reranking engines have in common."""

    info: EngineInfo

    def forward(self, batch: Sequence[Prepared]) -> NDArray[np.float32]: ...

    def finish(self, raw: NDArray[np.float32]) -> NDArray[np.float32]: ...

    def close(self) -> None: ...


BatchEngineT = TypeVar("BatchEngineT", bound=_BatchEngine)


class BatchWorker(EngineThread[BatchEngineT]):
    """Serves one engine that answers in rows to any number of threads; see `BatchLines` for whom first.

    Args:
        open_engine: makes the engine, in the worker's thread.
        name: the model's name for messages.
        max_waiting: unanswered requests of people, and as many of background work, before "busy";
            one user may have half of them.
        deadline_s: how long a forward pass may take before it is given up.
        timer: monotonic seconds.
    """

    def __init__(
        self,
        open_engine: Callable[[], BatchEngineT],
        *,
        name: str,
        max_waiting: int = 256,
        deadline_s: float = 60.0,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(open_engine, name=name, deadline_s=deadline_s, timer=timer)
        self._max_waiting = max_waiting
        self._lines = BatchLines()
        self._patience = Patience()
        self._unanswered: set[BatchJob] = set()
        self._rate = RateMeter()
        self._s_per_token = MovingMean()
        self._s_per_person = MovingMean()

    @property
    def n_waiting(self) -> int:
        """Requests that have no answer yet, the ones being computed included."""
        return len(self._unanswered)

    @property
    def rate_per_s(self) -> float:
        """Texts per second over the last minute."""
        return self._rate.per_second(self._timer())

    def run(
        self, inputs: Sequence[Prepared], meter: CallMeter, turn: Turn = ANYBODY
    ) -> NDArray[np.float32]:
        """A row for each of at least one prepared input, in order, float32; waits for them.

        `meter` is filled while it runs.

        Raises:
            Overloaded: too many requests wait, or it would wait too long.
            DeadlineExceeded: nothing of the answer came in time.
            ModelUnavailable: the forward pass failed, or the model was unloaded.
        """
        job = BatchJob.of(inputs, meter, turn, self._timer())
        with self._changed:
            self._loaded()
            self._check_room(job)
            self._unanswered.add(job)
            self._lines.add(job, self._timer())
            self._changed.notify()
        try:
            return self._awaited(job)
        except BaseException:
            job.future.cancel()  # whoever asked is gone: the rest need not be computed
            with self._changed:
                self._unanswered.discard(job)
            raise

    def _awaited(self, job: BatchJob) -> NDArray[np.float32]:
        """The answer; gives up when nothing came for as long as the deadline."""
        while True:
            left_s = job.progressed_s + job.turn.deadline_s - self._timer()
            if left_s <= 0:
                raise self._expired(job.turn.deadline_s)
            try:
                return job.future.result(min(left_s, self._look_s(left_s)))
            except TimeoutError:
                if job.future.done():  # it came this very moment, or failed
                    return job.future.result()
                self.give_up_if_stuck()

    def _check_room(self, job: BatchJob) -> None:
        """Refuse what would wait too long; holds the lock. Raises Overloaded."""
        rivals = [one for one in self._unanswered if one.is_background == job.is_background]
        n = len(rivals)
        wait_s = self._lines.n_before(job.turn) * self._s_per_person.value
        if not self._lines.has_people:
            self._patience.note_empty(self._timer())
        answer_s = self._s_per_person.value
        own = sum(one.turn.user == job.turn.user for one in rivals)
        is_full = n >= self._max_waiting or (
            job.turn.user and own >= math.ceil(self._max_waiting / 2)
        )
        if is_full or self._patience.is_too_long(wait_s, job.turn, answer_s, self._timer()):
            raise self._busy(n, wait_s or n * self._s_per_person.value)

    def _serve(self, engine: BatchEngineT) -> None:
        while True:
            with self._changed:
                while not self._is_closing() and not self._lines:
                    self._changed.wait()
                if self._is_closing():
                    return
                window = self._lines.gather(
                    self._timer(), self._s_per_token.value, self._s_per_person.value
                )
                if not self._lines.has_people:
                    self._patience.note_empty(self._timer())
            self._compute_window(engine, window)

    def _compute_window(self, engine: BatchEngineT, window: Window) -> None:
        # Elsewhere a pass costs as much as thousands of tokens, so that padding is cheaper.
        pass_tokens = CPU_PASS_TOKENS if engine.info.device == "cpu" else math.inf
        batches = list(window.batches(pass_tokens))
        while batches:
            if self._is_closing():
                return
            self._compute(engine, _wanted(batches.pop(0)), window)
            with self._changed:
                if window.is_background and self._lines.has_people:
                    left = [item for batch in batches for item in _wanted(batch)]
                    self._lines.put_back(left, self._timer())
                    return

    def _compute(self, engine: BatchEngineT, batch: Sequence[Item], window: Window) -> None:
        if not batch or self._is_closing():
            return
        began_s = self._timer()
        for item in batch:
            item.job.meter.begin(began_s)
        failure: Exception | None = None
        try:
            with self._watched():
                vectors = engine.finish(engine.forward([item.prepared for item in batch]))
            _check(vectors, len(batch))
        except Exception as error:  # noqa: BLE001 - handed to the callers it concerns
            failure = error
        if failure is None or len(batch) == 1:  # a batch that fails is halved first
            self._note_step(failure)
        took_s = self._timer() - began_s
        _charge(batch, took_s)
        with self._changed:
            self._lines.note_pass(window, took_s)
        if failure is None:
            self._s_per_token.add(took_s / max(1, sum(item.prepared.n_tokens for item in batch)))
            self._deliver(batch, vectors)
        elif len(batch) == 1 or isinstance(failure, Overloaded):  # halves would be refused as well
            for job in {item.job for item in batch}:
                self._answer(job, failure_of(self._name, failure))
        else:
            # Halves need half the memory, and at last a bad input stands alone.
            for half in (batch[: len(batch) // 2], batch[len(batch) // 2 :]):
                self._compute(engine, _wanted(half), window)

    def _deliver(self, batch: Sequence[Item], vectors: NDArray[np.float32]) -> None:
        now_s = self._timer()
        self._rate.add(now_s, len(batch))
        for item, vector in zip(batch, vectors, strict=True):
            job = item.job
            job.progressed_s = now_s
            if job.vectors is None:
                job.vectors = np.empty((len(job.inputs), len(vector)), np.float32)
            job.vectors[item.row] = vector
            job.n_missing -= 1
            if job.n_missing == 0:
                if not job.is_background:
                    self._s_per_person.add(job.meter.busy_s)
                self._answer(job, job.vectors)

    def _answer(self, job: BatchJob, answer: NDArray[np.float32] | Exception) -> None:
        with self._changed:
            self._unanswered.discard(job)
        with suppress(InvalidStateError):  # the caller may have gone this very moment
            if isinstance(answer, Exception):
                job.future.set_exception(answer)
            else:
                job.future.set_result(answer)

    def _fail_all(self, error: StudioError) -> None:
        with self._changed:
            jobs = tuple(self._unanswered)
            self._lines.clear()
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

    def embed(
        self, inputs: Sequence[Prepared], meter: CallMeter, turn: Turn = ANYBODY
    ) -> NDArray[np.float32]:
        """Vectors of at least one prepared text, `(n, dim)` float32; see `run`."""
        return self.run(inputs, meter, turn)


class PairBatcher(BatchWorker[RerankingEngine]):
    """Judges pairs of query and text; see `BatchWorker`. Pairs of several queries share a pass."""

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        """Tokenise, in the calling thread.

        Raises:
            ModelUnavailable: the model was unloaded meanwhile.
        """
        return self._loaded().prepare(query, texts)

    def judge(
        self, inputs: Sequence[Prepared], meter: CallMeter, turn: Turn = ANYBODY
    ) -> NDArray[np.float32]:
        """Scores of at least one prepared pair, `(n,)` float32; see `run`."""
        return self.run(inputs, meter, turn)[:, 0]


def _wanted(batch: Sequence[Item]) -> list[Item]:
    """Without the rows that nobody waits for any more."""
    return [item for item in batch if not item.job.future.done()]


def _charge(batch: Sequence[Item], busy_s: float) -> None:
    """Divide the time of a forward pass between its requests by tokens."""
    tokens: dict[BatchJob, int] = {}
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
