"""Texts of all callers in the making on one generation engine, a token of each per step.

Knows queues, stop strings, cancelling and what a request took; knows no tokenizer and no model
library. Requests join and leave the running batch between two steps.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from queue import SimpleQueue

from studio.errors import InvalidInput, Overloaded
from studio.inference.calls import CallMeter
from studio.inference.detokenizer import StopFilter
from studio.inference.protocol import EngineInfo, GenerationEngine, Prepared, StepEvent
from studio.inference.worker import EngineThread, RateMeter, failure_of
from studio.records import (
    CallRecord,
    FinishReason,
    GenerationRequest,
    GenerationResult,
    Message,
    Sampling,
    Stage,
)


@dataclass(slots=True, eq=False)
class _Job:
    """A request on its way: what the worker knows of it. The stream and the worker share it."""

    handle: int
    request: GenerationRequest
    prompt: Prepared
    sampling: Sampling
    meter: CallMeter
    on_end: Callable[[CallRecord], None]
    stops: StopFilter
    pieces: SimpleQueue[str | None] = field(default_factory=SimpleQueue)  # None: the end
    shown: list[str] = field(default_factory=list)
    outcome: Future[GenerationResult] = field(default_factory=Future)
    is_cancelled: bool = False

    def show(self, piece: str) -> None:
        if piece:
            self.shown.append(piece)
            self.pieces.put(piece)

    @property
    def tokens_in_step(self) -> int:
        """Tokens that a step works on for it: the prompt until the first token, then one."""
        return max(1, self.prompt.n_tokens) if self.meter.first_token_s is None else 1


class TextStream:
    """A text in the making; see `protocol.GenerationStream`.

    Leaving the loop over it early, or letting go of it, cancels the request.
    """

    def __init__(self, job: _Job) -> None:
        self._job = job

    def __iter__(self) -> Iterator[str]:
        """The pieces as they are drawn; ends early after `cancel`, raises what the engine did."""
        job = self._job
        try:
            while (piece := job.pieces.get()) is not None:
                if job.is_cancelled:
                    return
                yield piece
            job.pieces.put(None)  # a second loop ends at once
            if not job.is_cancelled:
                job.outcome.result()
        finally:
            self.cancel()

    def cancel(self) -> None:
        """Stop the model before its next token. Any thread, any time, any number of times."""
        if not self._job.outcome.done():
            self._job.is_cancelled = True

    def result(self, timeout_s: float | None = None) -> GenerationResult:
        """Wait for the end and give the whole text, or the part drawn until `cancel`.

        Raises:
            StudioError: the generation failed.
            TimeoutError: it did not end in time.
        """
        return self._job.outcome.result(timeout_s)

    def __del__(self) -> None:
        self.cancel()


class GenerationWorker(EngineThread[GenerationEngine]):
    """Serves one generation engine to any number of threads.

    Args:
        open_engine: makes the engine, in the worker's thread.
        name: the model's name for messages.
        max_waiting: requests that may wait for a place before "busy".
        timer: monotonic seconds.
    """

    def __init__(
        self,
        open_engine: Callable[[], GenerationEngine],
        *,
        name: str,
        max_waiting: int = 256,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(open_engine, name=name)
        self._max_waiting = max_waiting
        self._timer = timer
        self._waiting: deque[_Job] = deque()
        self._active: dict[int, _Job] = {}
        self._handles = itertools.count(1)
        self._rate = RateMeter()

    @property
    def n_waiting(self) -> int:
        """Requests that have no complete answer yet, the running ones included."""
        return len(self._waiting) + len(self._active)

    @property
    def rate_per_s(self) -> float:
        """Tokens per second of all requests over the last minute."""
        return self._rate.per_second(self._timer())

    def prepare(self, messages: Sequence[Message]) -> Prepared:
        """The prompt, tokenised in the calling thread.

        Raises:
            ModelUnavailable: the model was unloaded meanwhile.
        """
        return self._loaded().prepare(messages)

    def submit(
        self,
        request: GenerationRequest,
        prompt: Prepared,
        *,
        meter: CallMeter,
        on_end: Callable[[CallRecord], None],
    ) -> TextStream:
        """Queue a request and return at once.

        Args:
            request: what was asked.
            prompt: its turns, from `prepare`.
            meter: knows when it arrived and the prompt's tokens; filled while it runs.
            on_end: called once, on the worker's thread, before the result is there.

        Raises:
            InvalidInput: the prompt leaves no room in the context.
            Overloaded: too many requests wait.
            ModelUnavailable: the model was unloaded meanwhile.
        """
        engine = self._loaded()
        job = _Job(
            handle=next(self._handles),
            request=request,
            prompt=prompt,
            sampling=fit_to_context(request.sampling, prompt.n_tokens, engine.info),
            meter=meter,
            on_end=on_end,
            stops=StopFilter(request.sampling.stop),
        )
        with self._changed:
            self._loaded()
            if len(self._waiting) >= self._max_waiting:
                raise Overloaded(
                    "The model {name} is busy: {n} requests are waiting. Try again in a moment.",
                    name=self._name,
                    n=len(self._waiting),
                )
            self._waiting.append(job)
            self._changed.notify()
        return TextStream(job)

    def _serve(self, engine: GenerationEngine) -> None:
        while True:
            with self._changed:
                while not self._is_closing() and not self._waiting and not self._active:
                    self._changed.wait()
                if self._is_closing():
                    return
            self._drop_cancelled(engine)
            self._admit(engine)
            if self._active:
                self._step(engine)

    def _drop_cancelled(self, engine: GenerationEngine) -> None:
        with self._changed:
            dropped = [job for job in self._waiting if job.is_cancelled]
            if dropped:
                self._waiting = deque(job for job in self._waiting if not job.is_cancelled)
        for job in dropped:
            self._finish(job, "cancelled")
        for job in [job for job in self._active.values() if job.is_cancelled]:
            self._forget(engine, job)
            self._finish(job, "cancelled")

    def _admit(self, engine: GenerationEngine) -> None:
        while len(self._active) < engine.info.max_concurrent:
            with self._changed:
                if not self._waiting:
                    return
                job = self._waiting.popleft()
                self._active[job.handle] = job
            job.meter.begin(self._timer())
            try:
                engine.add(job.handle, job.prompt, job.sampling)
            except Exception as error:  # noqa: BLE001 - handed to the caller it concerns
                self._forget(engine, job)
                self._finish(job, failure_of(self._name, error))

    def _step(self, engine: GenerationEngine) -> None:
        began_s = self._timer()
        failure: Exception | None = None
        events: list[StepEvent] = []
        try:
            events = engine.step()
        except Exception as error:  # noqa: BLE001 - handed to every active caller
            failure = error
        now_s = self._timer()
        self._charge(now_s - began_s)
        if failure is not None:
            for job in list(self._active.values()):
                self._forget(engine, job)
                self._finish(job, failure_of(self._name, failure))
        for event in events:
            active = self._active.get(event.handle)
            if active is not None:
                self._take(engine, active, event, now_s)

    def _charge(self, busy_s: float) -> None:
        """Divide the time of a step between the active requests by tokens."""
        total = sum(job.tokens_in_step for job in self._active.values())
        for job in self._active.values():
            job.meter.add_pass(busy_s * job.tokens_in_step / total, len(self._active))

    def _take(self, engine: GenerationEngine, job: _Job, event: StepEvent, now_s: float) -> None:
        if event.error is not None:
            self._forget(engine, job)
            self._finish(job, failure_of(self._name, event.error))
            return
        meter = job.meter
        if event.n_tokens and meter.first_token_s is None:
            meter.first_token_s = now_s
        meter.tokens_out += event.n_tokens
        meter.cached_tokens = max(meter.cached_tokens, event.cached_tokens)
        if event.prompt_tokens is not None:
            meter.tokens_in = event.prompt_tokens
        self._rate.add(now_s, event.n_tokens)
        text, is_stopped = job.stops.feed(event.text)
        job.show(text)
        reason: FinishReason | None = "stop" if is_stopped else event.finish_reason
        if reason is None and meter.tokens_out >= job.sampling.max_new_tokens:
            reason = "length"  # an engine that forgets the limit
        if reason is None:
            return
        if event.finish_reason is None:
            self._forget(engine, job)
        job.show(job.stops.flush())
        self._finish(job, reason)

    def _forget(self, engine: GenerationEngine, job: _Job) -> None:
        try:
            engine.cancel(job.handle)
        except Exception:  # noqa: BLE001 - its caller gets the first error, the others go on
            return

    def _finish(self, job: _Job, end: FinishReason | Exception) -> None:
        with self._changed:
            self._active.pop(job.handle, None)
        error = end if isinstance(end, Exception) else None
        call = job.meter.record(
            job.request.context, Stage.GENERATION, self.info, ended_s=self._timer(), error=error
        )
        job.on_end(call)
        if isinstance(end, Exception):
            job.outcome.set_exception(end)
        else:
            job.outcome.set_result(
                GenerationResult(text="".join(job.shown), finish_reason=end, call=call)
            )
        job.pieces.put(None)

    def _fail_all(self, error: Exception) -> None:
        with self._changed:
            jobs = [*self._waiting, *self._active.values()]
            self._waiting.clear()
        for job in jobs:
            self._finish(job, "cancelled" if job.is_cancelled else error)


def fit_to_context(sampling: Sampling, n_prompt_tokens: int, info: EngineInfo) -> Sampling:
    """The sampling with `max_new_tokens` cut to what the context has left after the prompt.

    Raises:
        InvalidInput: no room is left, or a setting is out of range.
    """
    for name, value, lowest, highest in (
        ("max_new_tokens", sampling.max_new_tokens, 1, 1_000_000),
        ("temperature", sampling.temperature, 0, 2),
        ("top_p", sampling.top_p, 0.01, 1),
        ("repetition_penalty", sampling.repetition_penalty, 0.5, 2),
    ):
        if not lowest <= value <= highest:
            raise InvalidInput(
                "{name} is {value}; it must be between {lowest} and {highest}.",
                name=name,
                value=value,
                lowest=lowest,
                highest=highest,
            )
    room = info.max_tokens - n_prompt_tokens
    if room < 1:
        raise InvalidInput(
            "The text for the model is too long: it has {n} tokens and {model} reads at most "
            "{limit}, the answer included. Shorten it, use fewer or shorter passages, or choose "
            "a model that reads more.",
            n=n_prompt_tokens,
            model=info.model,
            limit=info.max_tokens,
        )
    return replace(sampling, max_new_tokens=min(sampling.max_new_tokens, room))
